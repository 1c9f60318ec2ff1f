"""Folders of ours that may be left behind by a crash, and their removal at a later start.

Blocking. A room has a lock file beside it, which the system releases with the process, however that
ends. What is finished is kept without a lock file; so a folder with one that nobody holds is half
made, or was in use by a process that is dead. A lock file gets its name only once it is locked, and
loses it before it is released, so nobody ever takes a living room for a dead one.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import stat
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_LOCK: Final = ".room-lock"


class Room:
    """A new folder, ours until :meth:`keep` or :meth:`remove`. Raises OSError where it cannot be made."""

    def __init__(self, prefix: str, parent: Path | None = None) -> None:
        """``parent`` is the system's folder for temporary files by default."""
        parent = parent or Path(tempfile.gettempdir())
        self.path = parent / f"{prefix}{secrets.token_hex(4)}"
        self._lock = self.path.with_name(self.path.name + _LOCK)
        self._descriptor = _new_lock(self._lock)
        try:
            self.path.mkdir(mode=0o700)
        except OSError:
            self.keep()
            raise

    def keep(self) -> None:
        """It is finished, and stays when this process ends. Idempotent."""
        self._lock.unlink(missing_ok=True)
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)

    def remove(self) -> None:
        """Remove it with all that is in it. Idempotent."""
        remove_tree(self.path)
        self.keep()


def reap_rooms(prefix: str, parent: Path | None = None) -> tuple[Path, ...]:
    """Remove the rooms ``prefix*`` in ``parent`` that nobody holds; returns them. Only the user's own."""
    removed = []
    for lock in sorted((parent or Path(tempfile.gettempdir())).glob(f"{prefix}*{_LOCK}")):
        folder = lock.with_name(lock.name.removesuffix(_LOCK))
        with contextlib.suppress(OSError):
            descriptor = os.open(lock, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0))
            try:
                take_lock(descriptor)  # fails where a live process holds it
                if _is_still(lock, descriptor):
                    if _is_own_folder(folder):
                        remove_tree(folder)
                        removed.append(folder)
                    lock.unlink()
            finally:
                os.close(descriptor)
    return tuple(removed)


def remove_tree(folder: Path) -> None:
    """Remove a folder, also where a test has taken our permissions away or dug deeper than Python
    can follow. Quiet where that fails."""
    try:
        shutil.rmtree(folder)
    except FileNotFoundError:
        return
    except (OSError, RecursionError):
        for command in (["chmod", "-R", "u+rwx"], ["rm", "-rf"]):
            subprocess.run([*command, os.fspath(folder)], capture_output=True, check=False)


def _new_lock(path: Path) -> int:
    unnamed = path.with_name(path.name + ".new")
    descriptor = os.open(unnamed, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        take_lock(descriptor)
        unnamed.rename(path)
    except OSError:
        os.close(descriptor)
        unnamed.unlink(missing_ok=True)
        raise
    return descriptor


def _is_still(path: Path, descriptor: int) -> bool:
    """Whether the open file still has its name, and belongs to the user: in a folder that everybody
    can write, other users' files may have names like ours."""
    status = os.fstat(descriptor)
    own = not hasattr(os, "getuid") or status.st_uid == os.getuid()
    return own and os.path.samestat(status, path.lstat())


def _is_own_folder(path: Path) -> bool:
    try:
        status = path.lstat()
    except OSError:
        return False
    own = not hasattr(os, "getuid") or status.st_uid == os.getuid()
    return own and stat.S_ISDIR(status.st_mode)


def take_lock(descriptor: int) -> None:
    """Lock an open file until it is closed. Raises OSError at once where another holds it."""
    if sys.platform == "win32":
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
    else:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
