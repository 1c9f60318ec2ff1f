"""The one thread that owns core: an asyncio loop with the engine on it.

Commands go in with :meth:`CoreThread.post` from any thread; events come out through the sink that
the engine was made with, on this thread.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from core.commands import Command

if TYPE_CHECKING:
    from core.session.engine import Engine

log = logging.getLogger("greenbar.core")

STOP_SECONDS = 10.0


class CoreThread:
    """``make_engine`` runs on the thread, so that core's imports do not delay the first paint."""

    def __init__(self, make_engine: Callable[[], Engine]) -> None:
        self._make_engine = make_engine
        self._thread = threading.Thread(target=self._main, name="greenbar-core", daemon=True)
        self._lock = threading.Lock()
        self._early: list[Command] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._engine: Engine | None = None
        self._stopping: asyncio.Event | None = None

    def start(self) -> None:
        self._thread.start()

    def post(self, command: Command) -> None:
        """Hand over a command; kept until the engine is there, ignored after the end."""
        with self._lock:
            if self._loop is None:
                self._early.append(command)
                return
            loop = self._loop
        if not loop.is_closed():
            loop.call_soon_threadsafe(self._handle, command)

    def stop(self) -> bool:
        """End the work, the sandbox and the model; false where that took too long."""
        with self._lock:
            loop, stopping = self._loop, self._stopping
        if loop is not None and stopping is not None and not loop.is_closed():
            loop.call_soon_threadsafe(stopping.set)
        if self._thread.is_alive():
            self._thread.join(STOP_SECONDS)
        return not self._thread.is_alive()

    def _handle(self, command: Command) -> None:
        if self._engine is not None:
            self._engine.handle(command)

    def _main(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._engine = self._make_engine()
        self._stopping = asyncio.Event()
        with self._lock:
            self._loop = asyncio.get_running_loop()
            early, self._early = self._early, []
        for command in early:
            self._engine.handle(command)
        await self._stopping.wait()
        try:
            await self._engine.close()
        except TimeoutError:
            log.warning("the engine did not close in time")
