"""The files that the patch under review changes, or that an accept has changed."""
