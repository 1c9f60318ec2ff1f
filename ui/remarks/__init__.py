"""Remarks on what is under review, the rounds that follow from them, and refused hunks."""
