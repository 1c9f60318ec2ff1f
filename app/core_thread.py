"""The one thread that owns core: an asyncio loop with the engine on it.

Commands go in with :meth:`CoreThread.post` from any thread; events come out through the sink that
the engine was made with, on this thread.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from core.commands import Command

if TYPE_CHECKING:
    import asyncio

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
        self._stopping = False
        self._stop: asyncio.Event | None = None

    def start(self) -> None:
        self._thread.start()

    def post(self, command: Command) -> None:
        """Hand over a command; kept until the engine is there, ignored after the end."""
        with self._lock:
            if self._loop is None:
                self._early.append(command)
            else:
                self._call(self._handle, command)

    def begin_stop(self) -> None:
        """End the work, the sandbox and the model, without waiting for it."""
        with self._lock:
            # Before the engine is there, the thread finds this out by itself.
            self._stopping = True
            if self._stop is not None:
                self._call(self._stop.set)

    def stop(self) -> bool:
        """The same, waiting; false where that took too long."""
        self.begin_stop()
        if self._thread.is_alive():
            self._thread.join(STOP_SECONDS)
        return not self._thread.is_alive()

    def _call(self, function: Callable[..., object], *arguments: object) -> None:
        assert self._loop is not None
        with suppress(RuntimeError):  # the loop has been closed at this very moment
            self._loop.call_soon_threadsafe(function, *arguments)

    def _handle(self, command: Command) -> None:
        if self._engine is not None:
            self._engine.handle(command)

    def _main(self) -> None:
        import asyncio

        asyncio.run(self._serve())

    async def _serve(self) -> None:
        import asyncio

        engine = self._make_engine()
        with self._lock:
            self._engine, self._stop = engine, asyncio.Event()
            self._loop = asyncio.get_running_loop()
            early, self._early = self._early, []
            if self._stopping:
                self._stop.set()
                early = []
        for command in early:
            engine.handle(command)
        await self._stop.wait()
        try:
            await engine.close()
        except TimeoutError:
            log.warning("the engine did not close in time")
