"""Work beside the main one: begun at once, ended with the engine, failing in a sentence."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from core.errors import GreenbarError
from core.session.emitter import Emitter

log = logging.getLogger("greenbar.side")


class SideWork:
    """Of one desk, which ``name`` says in the log. For the loop's thread only."""

    def __init__(self, emit: Emitter, name: str) -> None:
        self._emit = emit
        self._name = name
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def tasks(self) -> tuple[asyncio.Task[None], ...]:
        """What is under way; the engine cancels it when it closes."""
        return tuple(self._tasks)

    def begin(self, work: Callable[[], Coroutine[Any, Any, None]]) -> asyncio.Task[None]:
        """Begin ``work``; returns at once. What it raises is told."""
        task = asyncio.create_task(self._guarded(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _guarded(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        try:
            await work()
        except GreenbarError as error:
            self._emit.trouble(error)
        except Exception as error:
            # The boundary of a task, as in the engine.
            log.exception("%s failed", self._name)
            self._emit.fault(error)
