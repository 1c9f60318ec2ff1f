"""Measurements, never assertions: ``make bench`` prints one JSON object."""
