"""The settings, generated from their schema."""
