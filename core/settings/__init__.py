"""A user's settings: checked against the schema of :mod:`core.types.settings`, kept in one TOML file."""
