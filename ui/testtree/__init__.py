"""The tree of tests: files, then tests, failing first."""
