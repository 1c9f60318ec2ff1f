"""Copies single files and symbolic links out of a working tree; knows nothing of git.

Blocking and thread-safe. Contents are written anew: neither hard link nor shared inode leads from
the copy back to the user's file.
"""

from __future__ import annotations

import math
import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

_CHUNK = 1 << 20
_TRIES = 3

ShouldStop = Callable[[], bool]


class CopyStopped(Exception):
    """The caller does not want the copy any more."""


@dataclass(frozen=True, slots=True)
class FileStamp:
    """What a file of the user's looked like when it was copied; a change of it shows here.

    ``size`` in bytes, times in nanoseconds since the epoch, ``mode`` with its type bits.
    """

    size: int
    mtime_ns: int
    ctime_ns: int
    mode: int

    @classmethod
    def of(cls, status: os.stat_result) -> FileStamp:
        return cls(status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_mode)

    @property
    def is_link(self) -> bool:
        return stat.S_ISLNK(self.mode)


class SourceUnreadable(Exception):
    """The user's file may not be read, or is neither file nor link; the copy goes on without it."""


class SourceGone(SourceUnreadable):
    """The user's file does not exist: deleted, but still tracked."""


def stamp(source: Path) -> FileStamp:
    """Look at a file without following it. Raises SourceUnreadable, SourceGone."""
    try:
        status = source.lstat()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise SourceGone("deleted") from error
    except OSError as error:
        raise SourceUnreadable(error.strerror or "unreadable") from error
    if not (stat.S_ISREG(status.st_mode) or stat.S_ISLNK(status.st_mode)):
        raise SourceUnreadable("not a regular file")
    return FileStamp.of(status)


def copy_entry(source: Path, target: Path, root: Path, should_stop: ShouldStop) -> FileStamp:
    """Copy one file or link to a ``target`` that does not exist yet; mode and mtime are kept.

    Raises SourceUnreadable, SourceGone, CopyStopped, or OSError for a trouble on the copy's side.
    """
    found = stamp(source)
    if found.is_link:
        _copy_link(source, target, root)
        return found
    try:
        reader = os.open(source, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0))
    except OSError as error:
        raise SourceUnreadable(error.strerror or "unreadable") from error
    try:
        for _ in range(_TRIES):
            status = os.fstat(reader)
            _copy_content(reader, status, target, should_stop)
            if FileStamp.of(os.fstat(reader)) == FileStamp.of(status):
                break
            # Written to meanwhile; after the last try it is as torn as the user's own.
    finally:
        os.close(reader)
    target.chmod(stat.S_IMODE(status.st_mode) & 0o777)
    os.utime(target, ns=(status.st_atime_ns, status.st_mtime_ns))
    return FileStamp.of(status)


def _copy_content(reader: int, status: os.stat_result, target: Path, should_stop: ShouldStop) -> None:
    target.unlink(missing_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    writer = os.open(target, flags, 0o600)
    try:
        for start, end in _data(reader, status):
            os.lseek(reader, start, os.SEEK_SET)
            os.lseek(writer, start, os.SEEK_SET)
            _copy_range(reader, writer, end - start, should_stop)
        if _has_holes(status):
            os.ftruncate(writer, status.st_size)
    finally:
        os.close(writer)


def _copy_range(reader: int, writer: int, size: float, should_stop: ShouldStop) -> None:
    while size > 0 and (data := os.read(reader, int(min(size, _CHUNK)))):
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(writer, rest) :]
        size -= len(data)
        if len(data) == _CHUNK and should_stop():
            raise CopyStopped


def _has_holes(status: os.stat_result) -> bool:
    blocks = getattr(status, "st_blocks", None)
    return blocks is not None and blocks * 512 < status.st_size and hasattr(os, "SEEK_DATA")


def _data(reader: int, status: os.stat_result) -> Iterator[tuple[int, float]]:
    """From where to where there is something to copy: all of it, or what lies between holes."""
    if not _has_holes(status):
        yield 0, math.inf
        return
    end = 0
    while end < status.st_size:
        try:
            start = os.lseek(reader, end, os.SEEK_DATA)
        except OSError:  # ENXIO: a hole to the end
            return
        end = os.lseek(reader, start, os.SEEK_HOLE)
        yield start, end


def _copy_link(source: Path, target: Path, root: Path) -> None:
    """Keep the link as it is, but let an absolute one into the tree lead into the copy instead.

    Otherwise a test that writes through it would reach the user's own file.
    """
    leads_to = source.readlink()
    if leads_to.is_absolute() and leads_to.is_relative_to(root) and ".." not in leads_to.parts:
        leads_to = Path(os.path.relpath(leads_to, source.parent))
    target.symlink_to(leads_to)
