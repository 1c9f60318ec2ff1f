"""For the few steps that Stop must not cut in two: the user's tree and what is known of it agree."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


async def uninterrupted(work: Coroutine[Any, Any, T]) -> T:
    """Carry ``work`` out to its end although the caller may be cancelled meanwhile; the cancellation
    is raised after it. For work of milliseconds: Stop waits for it."""
    task = asyncio.create_task(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait((task,))
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is None:
        return task.result()
    if not task.cancelled() and (failure := task.exception()) is not None:
        cancelled.__context__ = failure
    raise cancelled
