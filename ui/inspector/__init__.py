"""The inspector: one test with its assertion, traceback and output."""
