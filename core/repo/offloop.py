"""Doors from the loop's thread to the blocking parts of this package."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

from core.repo.bulk import OnCopied
from core.repo.copy import PrivateCopy, make_private_copy
from core.repo.repository import Repository, open_repository


async def open_in_thread(path: Path | str) -> Repository:
    """As :func:`core.repo.repository.open_repository`."""
    return await asyncio.to_thread(open_repository, path)


async def copy_in_thread(
    repository: Repository, folder: Path, on_copied: OnCopied | None = None
) -> PrivateCopy:
    """As :func:`core.repo.copy.make_private_copy`; cancelling the task ends the copying at once, and
    whoever cancelled finds nothing left of it.

    ``on_copied`` is called on the loop's thread.
    """
    loop = asyncio.get_running_loop()
    stop = threading.Event()

    def tell(done: int, total: int) -> None:
        if on_copied is not None and not stop.is_set():
            loop.call_soon_threadsafe(on_copied, done, total)

    work = asyncio.create_task(
        asyncio.to_thread(make_private_copy, repository, folder, stop.is_set, tell)
    )
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError:
        stop.set()
        # The thread is still at it, or has just finished a copy that nobody will ever close.
        await asyncio.wait((work,))
        if work.exception() is None:
            await asyncio.to_thread(work.result().close)
        raise


async def refresh_in_thread(copy: PrivateCopy) -> tuple[str, ...]:
    """As :meth:`core.repo.copy.PrivateCopy.refresh`.

    Cancelling leaves it running to its end, so that the copy is whole for whoever comes next.
    """
    return await asyncio.to_thread(copy.refresh)
