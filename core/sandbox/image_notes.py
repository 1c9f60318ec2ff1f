"""Which of our images somebody uses, and when each was used last; the engine itself does not know.

An empty file for each tag in Greenbar's cache folder. Its time is that of the last use, and whoever uses
the image holds a shared lock on it, which the system releases with the process. Other users and machines
of the same engine are not seen: whoever loses an image to them makes it again.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


class ImageNotes:
    """Notes in ``folder``. Blocking, but quick."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._held: dict[str, int] = {}

    def use(self, tag: str) -> None:
        """Hold an image until :meth:`close`. A folder that cannot be written costs only that."""
        note = self._note(tag)
        with suppress(OSError):
            while tag not in self._held:
                self._folder.mkdir(parents=True, exist_ok=True)
                handle = os.open(note, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
                fcntl.flock(handle, fcntl.LOCK_SH)
                if _is_still(note, handle):
                    self._held[tag] = handle
                else:  # somebody was just removing the image
                    os.close(handle)
            os.utime(note)

    def last_use(self, tag: str) -> float:
        """In seconds since the epoch; 0 where nothing is known."""
        try:
            return self._note(tag).stat().st_mtime
        except OSError:
            return 0.0

    @contextmanager
    def unused(self, tag: str) -> Iterator[bool]:
        """Whether nobody holds an image; nobody can take hold of it then within the block, in which it
        is removed."""
        try:
            handle = os.open(self._note(tag), os.O_RDWR | os.O_CLOEXEC)
        except OSError:
            yield True
            return
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield True
            self._note(tag).unlink(missing_ok=True)
        except BlockingIOError:
            yield False
        finally:
            os.close(handle)

    def close(self) -> None:
        """Let go of all images. Idempotent."""
        held, self._held = self._held, {}
        for handle in held.values():
            os.close(handle)

    def _note(self, tag: str) -> Path:
        return self._folder / tag.replace("/", "_").replace(":", "@")


def _is_still(note: Path, handle: int) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), note.stat())
    except FileNotFoundError:
        return False
