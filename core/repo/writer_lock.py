"""One writer at a time for an accept journal, across processes."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.errors import RepositoryError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl


@contextmanager
def writer_lock(folder: Path) -> Iterator[None]:
    """Hold the lock of ``folder``, which is made where it is missing; ends with the process.

    Raises RepositoryError at once where another process holds it.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise RepositoryError(
            "journal.unwritable", f"The accept journal in {folder} cannot be written.", details=str(error)
        ) from error
    try:
        try:
            take_lock(descriptor)
        except OSError as error:
            raise RepositoryError(
                "accept.busy", "Another Greenbar is writing to this repository at this moment."
            ) from error
        yield
    finally:
        os.close(descriptor)


def take_lock(descriptor: int) -> None:
    """Lock an open file until it is closed. Raises OSError at once where another holds it."""
    if sys.platform == "win32":
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
    else:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
