"""Repositories with realistic bugs, made from source distributions: a task set of the bench."""
