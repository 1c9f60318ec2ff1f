"""Which files are locked: tests, what they read, and what decides how they run. Pure.

A verdict is always taken with these as in the baseline. Edits to them go into a lane of their own
that is off until the user turns it on.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import Final

from core.types import LockedFile, Patch, RelPath

_FOLDERS: Final = {
    "test": "in a folder of tests",
    "tests": "in a folder of tests",
    "__tests__": "in a folder of tests",
    "__snapshots__": "a snapshot",
    "snapshots": "a snapshot",
    "__pycache__": "byte code",
    ".github": "continuous integration",
    ".gitlab": "continuous integration",
    ".circleci": "continuous integration",
    ".ci": "continuous integration",
}
"""Everything below these is locked: tests, their fixtures and data, snapshots, byte code, CI."""

_NAMES: Final = (
    ("conftest.py", "fixtures"),
    ("test_*.py", "a test file"),
    ("*_test.py", "a test file"),
    ("tests.py", "a test file"),
    ("test.py", "a test file"),
    ("*.ambr", "a snapshot"),
    ("*.approved.*", "a snapshot"),
    ("pytest.ini", "test configuration"),
    (".pytest.ini", "test configuration"),
    ("pytest.toml", "test configuration"),
    (".pytest.toml", "test configuration"),
    ("tox.ini", "test configuration"),
    ("tox.toml", "test configuration"),
    ("noxfile.py", "test configuration"),
    ("setup.cfg", "test configuration"),
    ("pyproject.toml", "test configuration"),
    ("greenbar.toml", "test configuration"),
    (".coveragerc", "test configuration"),
    (".coveragerc.*", "test configuration"),
    ("sitecustomize.py", "run when Python starts"),
    ("usercustomize.py", "run when Python starts"),
    ("*.pth", "run when Python starts"),
    ("*.pyc", "byte code"),
    ("*.pyo", "byte code"),
    ("entry_points.txt", "names plugins"),
    (".gitlab-ci.yml", "continuous integration"),
    (".travis.yml", "continuous integration"),
    ("appveyor.yml", "continuous integration"),
    (".appveyor.yml", "continuous integration"),
    ("azure-pipelines.yml", "continuous integration"),
    ("bitbucket-pipelines.yml", "continuous integration"),
    ("jenkinsfile", "continuous integration"),
)


def lock_reason(path: RelPath, more: Collection[str] = ()) -> str:
    """Why a file is locked by its name alone, as a short phrase; empty where it is not. ``more`` are a
    language's own patterns, for names or whole paths."""
    lowered = path.lower()
    parts = PurePosixPath(lowered).parts
    if not parts:
        return ""
    if any(fnmatchcase(parts[-1], pattern) or fnmatchcase(lowered, pattern) for pattern in more):
        return "a test file"
    by_name = (reason for pattern, reason in _NAMES if fnmatchcase(parts[-1], pattern))
    by_folder = (_FOLDERS[part] for part in parts[:-1] if part in _FOLDERS)
    return next(by_name, "") or next(by_folder, "")


def is_locked(path: RelPath, more: Collection[str] = ()) -> bool:
    """True where the name alone says that a patch may not touch ``path`` without the user's word."""
    return bool(lock_reason(path, more))


@dataclass(frozen=True, slots=True)
class Lock:
    """What is locked in one repository, as its baseline has shown. Files that do not exist yet are
    locked by their names."""

    files: tuple[LockedFile, ...] = ()
    _paths: frozenset[RelPath] = frozenset()
    _more: tuple[str, ...] = ()

    def holds(self, path: RelPath) -> bool:
        """True where a patch may not touch ``path`` without the user's word."""
        return path in self._paths or is_locked(path, self._more)


def lanes(patch: Patch, holds: Callable[[RelPath], bool]) -> tuple[Patch, Patch]:
    """The part of a patch that is judged, and the part in files that are locked."""
    free = Patch(tuple(change for change in patch.changes if not holds(change.path)))
    held = Patch(tuple(change for change in patch.changes if holds(change.path)))
    return free, held


def find_lock(
    files: Iterable[RelPath],
    tests: Collection[RelPath] = (),
    read: Collection[RelPath] = (),
    more: tuple[str, ...] = (),
) -> Lock:
    """What is locked among a repository's ``files``: those with ``tests``, as collected, those that
    tests and fixtures were seen to ``read``, and those whose names say so (``more``: see
    :func:`lock_reason`)."""
    found = []
    for path in sorted(files):
        reason = "a test file" if path in tests else lock_reason(path, more)
        if not reason and path in read:
            reason = "read by the tests"
        if reason:
            found.append(LockedFile(path, reason))
    return Lock(tuple(found), frozenset({*(file.path for file in found), *tests}), more)
