"""Files that decide how tests run, and so may not appear or change while they do. Pure."""

import posixpath
import sys
from fnmatch import fnmatchcase

DECIDING = (
    "conftest.py",
    "pytest.ini",
    ".pytest.ini",
    "pytest.toml",
    ".pytest.toml",
    "tox.ini",
    "setup.cfg",
    "pyproject.toml",
    "sitecustomize.py",
    "usercustomize.py",
    "entry_points.txt",
    "*.pth",
    "*.pyc",
)
FRAMEWORK = {"pytest", "_pytest", "pluggy", "iniconfig", "packaging", "greenbar_plugin"}


def decides(path, test_files):
    """Whether the file at ``path`` (relative, POSIX) has a say in how the tests run."""
    folder, name = posixpath.split(path)
    if path in test_files or any(fnmatchcase(name, pattern) for pattern in DECIDING):
        return True
    # A module that stands before another of the same name.
    parts = path.split("/")
    if parts[0] == "src":
        parts = parts[1:]
    if not parts or not name.endswith((".py", ".so")):
        return False
    tops = {parts[0].split(".")[0]}
    if folder in {posixpath.dirname(test_file) for test_file in test_files}:
        tops.add(name.split(".")[0])
    return any(top in FRAMEWORK or top in _standard_names() for top in tops)


def is_support(path, test_files):
    """Whether the file belongs to the tests: one of them, in a folder of tests, or a conftest."""
    folders = set(posixpath.dirname(path).split("/"))
    name = posixpath.basename(path)
    return path in test_files or name == "conftest.py" or bool(folders & {"test", "tests", "testing"})


def _standard_names():
    return getattr(sys, "stdlib_module_names", ())
