"""Which files are locked: tests, what they read, and what decides how they run.

Pure and by name only. Edits to these go into a lane of their own that is off until the user
turns it on.
"""

from __future__ import annotations

from collections.abc import Collection
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import Final

from core.types import RelPath

_FOLDERS: Final = frozenset(
    {
        "test",
        "tests",
        "__tests__",
        "__snapshots__",
        "snapshots",
        "__pycache__",
        ".github",
        ".gitlab",
        ".circleci",
        ".ci",
    }
)
"""Everything below these is locked: tests, their fixtures and data, snapshots, byte code, CI."""

_NAMES: Final = (
    "greenbar.toml",
    "conftest.py",
    "test_*.py",
    "*_test.py",
    "tests.py",
    "test.py",
    "*.ambr",
    "pytest.ini",
    ".pytest.ini",
    "pytest.toml",
    ".pytest.toml",
    "tox.ini",
    "tox.toml",
    "noxfile.py",
    "setup.cfg",
    "pyproject.toml",
    ".coveragerc",
    ".coveragerc.*",
    "sitecustomize.py",
    "usercustomize.py",
    "*.pth",
    "*.pyc",
    "*.pyo",
    "entry_points.txt",
    ".gitlab-ci.yml",
    ".travis.yml",
    "appveyor.yml",
    ".appveyor.yml",
    "azure-pipelines.yml",
    "bitbucket-pipelines.yml",
    "jenkinsfile",
)


def is_locked(path: RelPath, more: Collection[str] = ()) -> bool:
    """True where a patch may not touch ``path`` without the user's word. ``more`` are a language's
    own patterns, for names or whole paths."""
    lowered = path.lower()
    parts = PurePosixPath(lowered).parts
    if not _FOLDERS.isdisjoint(parts[:-1]):
        return True
    if not parts:
        return False
    patterns = (*_NAMES, *more)
    return any(fnmatchcase(parts[-1], p) or fnmatchcase(lowered, p) for p in patterns)
