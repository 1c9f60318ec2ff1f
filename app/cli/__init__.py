"""The command line: the same core as the window, with progress on standard error."""
