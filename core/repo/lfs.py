"""Files whose contents Git LFS has not fetched: a pointer of three lines stands in their place.

Blocking. Nothing is fetched here; the user's own git does that.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import Final

from core.types import RelPath

_FIRST_LINE: Final = b"version https://git-lfs.github.com/spec/v1\n"
_MOST_BYTES: Final = 1024
"""Longer than any pointer (git-lfs, docs/spec.md)."""


def lfs_pointers(root: Path, files: Iterable[RelPath]) -> tuple[RelPath, ...]:
    """The ``files`` below ``root`` that are pointers, sorted; looked for only where an attributes file
    speaks of LFS."""
    paths = sorted(files)
    attributes = (path for path in paths if PurePosixPath(path).name == ".gitattributes")
    if not any(b"filter=lfs" in _head(root / path, 1 << 20) for path in attributes):
        return ()
    return tuple(path for path in paths if _is_pointer(root / path))


def _is_pointer(path: Path) -> bool:
    try:
        small = not path.is_symlink() and path.stat().st_size < _MOST_BYTES
    except OSError:
        return False
    return small and _head(path, len(_FIRST_LINE)) == _FIRST_LINE


def _head(path: Path, size: int) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(size)
    except OSError:
        return b""
