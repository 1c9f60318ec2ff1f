"""Prices and labels for parcels."""
