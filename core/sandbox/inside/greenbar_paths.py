"""Lets a worker find the project's own packages, which came after Python itself had started.

Python reads ``.pth`` files when it starts and passes over folders that do not exist, as the project's do
then not; it also remembers that they do not. Standard library only.
"""

import glob
import os
import sys


def find_project_packages():
    """Put the folders on the path that ``.pth`` files of the environment name and that are there now."""
    pattern = os.path.join(glob.escape(sys.prefix), "lib*", "python*", "site-packages", "*.pth")
    for path in sorted(glob.glob(pattern)):
        with open(path, encoding="utf-8", errors="replace") as file:
            for line in file.read().splitlines():
                folder = line.rstrip()
                if os.path.isabs(folder) and folder not in sys.path and os.path.isdir(folder):
                    sys.path.append(folder)
    for folder, finder in list(sys.path_importer_cache.items()):
        if finder is None:
            del sys.path_importer_cache[folder]
