"""Folders that belong to a running process, and the removal of those whose process is dead.

Blocking. Ownership is a lock on a file in the folder, which the system releases with the process,
however that ends; a process id would lie after a restart and in a container.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from pathlib import Path
from typing import Final

from core.repo.writer_lock import take_lock

LOCK_NAME: Final = "owner.lock"
YOUNG_SECONDS: Final = 60.0
"""A folder this young may be about to be claimed."""


class Claim:
    """Holds ``folder`` until :meth:`release`. Raises OSError where its lock cannot be made."""

    def __init__(self, folder: Path) -> None:
        self._descriptor = os.open(folder / LOCK_NAME, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            take_lock(self._descriptor)
        except OSError:
            os.close(self._descriptor)
            raise

    def release(self) -> None:
        """Idempotent."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)


def reap(parent: Path, prefix: str) -> tuple[Path, ...]:
    """Remove the folders ``prefix*`` of ``parent`` that nobody holds; returns them.

    What cannot be removed is left to the next time.
    """
    removed = []
    for folder in sorted(parent.glob(f"{prefix}*")):
        with contextlib.suppress(OSError):
            if time.time() - folder.stat().st_mtime < YOUNG_SECONDS:
                continue
            claim = Claim(folder)  # fails where a live process holds it
            try:
                shutil.rmtree(folder)
            finally:
                claim.release()
            removed.append(folder)
    return tuple(removed)
