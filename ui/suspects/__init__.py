"""Suspect lines as a list that the user can edit."""
