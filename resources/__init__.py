"""Data only, read through importlib.resources: prompts, themes, icons, the sample repository."""
