"""One writer at a time for an accept journal, across processes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.errors import RepositoryError
from core.rooms import take_lock


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
