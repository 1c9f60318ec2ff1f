"""Which code of the repository reads Python files of the repository, seen by an audit hook (PEP 578).

A candidate that looks up what a test expects has to open the test's file. The hook cannot be removed
by Python code, and costs a call for each audited event. Standard library only.
"""

import os
import sys

QUIET = ("<frozen importlib", os.sep + "linecache.py", os.sep + os.path.join("_pytest", ""))
"""Imports, tracebacks and pytest itself read sources for their own reasons."""


class Reads:
    """``pairs``: ``(reader, read)``, absolute paths, in a dict for its order."""

    def __init__(self, root):
        self._root = os.path.realpath(root) + os.sep
        self.pairs = {}

    def watch(self):
        """From now on, in this process and its forks."""
        root, pairs, get_frame, quiet = self._root, self.pairs, sys._getframe, QUIET
        absolute = os.path.abspath

        def hook(event, arguments):
            if event != "open" or not isinstance(arguments[0], str) or arguments[0][-3:] != ".py":
                return
            frame = get_frame(1)
            while frame is not None:
                name = frame.f_code.co_filename
                if any(part in name for part in quiet):
                    return
                if name.startswith(root):
                    pairs[(name, absolute(arguments[0]))] = None
                    return
                frame = frame.f_back

        sys.addaudithook(hook)
