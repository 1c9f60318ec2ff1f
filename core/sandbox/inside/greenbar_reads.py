"""Which code of the repository reads which files of the repository, seen by an audit hook (PEP 578).

A candidate that looks up what a test expects has to open the test's file; and what tests themselves
open are their data. The hook cannot be removed
by Python code, and costs a call for each audited event. Standard library only.
"""

import os
import sys

QUIET = ("<frozen importlib", os.sep + "linecache.py", os.sep + os.path.join("_pytest", ""))
"""Imports, tracebacks and pytest itself read sources for their own reasons."""
MOST_DATA = 10000


class Reads:
    """``pairs``: ``(reader, read)`` of Python files, ``data`` the same of others; absolute paths, in a
    dict for its order."""

    def __init__(self, root):
        self._root = os.path.realpath(root) + os.sep
        self.pairs = {}
        self.data = {}

    def watch(self):
        """From now on, in this process and its forks."""
        root, get_frame, quiet = self._root, sys._getframe, QUIET
        pairs, data = self.pairs, self.data
        absolute = os.path.abspath

        def hook(event, arguments):
            if event != "open" or not isinstance(arguments[0], str):
                return
            kind = pairs
            if arguments[0][-3:] != ".py":
                if len(data) >= MOST_DATA or not absolute(arguments[0]).startswith(root):
                    return
                kind = data
            frame = get_frame(1)
            while frame is not None:
                name = frame.f_code.co_filename
                if any(part in name for part in quiet):
                    return
                if name.startswith(root):
                    kind[(name, absolute(arguments[0]))] = None
                    return
                frame = frame.f_back

        sys.addaudithook(hook)
