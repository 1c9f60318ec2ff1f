"""The green bar: one segment for each test."""
