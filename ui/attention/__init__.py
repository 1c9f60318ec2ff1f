"""Calling the user back: notifications, the taskbar, and words for screen readers."""
