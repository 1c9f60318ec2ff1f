"""Every task that was ever begun, one row each: a projection of the events, kept for searching."""
