"""Stack frames in the text of a failure, by a language's regular expression. Standard library only."""

import os
import re

MOST = 60


class Frames:
    """``pattern`` has the groups ``path`` and ``line`` and may have ``function``; the innermost frame
    stands first in the text, as everywhere but in Python."""

    def __init__(self, pattern, root):
        self._pattern = re.compile(pattern, re.MULTILINE) if pattern else None
        self._root = os.path.realpath(root) + os.sep

    def find(self, text, folder=""):
        """``[path, line, function]``, outermost first; only files below the root. Relative paths
        count from ``folder``, then from the root."""
        if self._pattern is None:
            return []
        found = []
        for match in self._pattern.finditer(text):
            path = self._relative(match["path"], folder)
            if path:
                function = match.groupdict().get("function") or ""
                found.append([path, int(match["line"]), function.strip()])
        return found[:MOST][::-1]

    def _relative(self, path, folder):
        for place in (os.path.join(self._root, folder, path), os.path.join(self._root, path)):
            full = os.path.realpath(place)
            if full.startswith(self._root) and os.path.isfile(full):
                return os.path.relpath(full, self._root)
        return ""
