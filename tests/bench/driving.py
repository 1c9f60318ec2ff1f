"""A real engine for the measurements: commands go in, dated events come out."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from app.paths import Paths, find_paths
from app.services import AppServices, settings_from
from core.commands import Command
from core.errors import SandboxError
from core.events import Body, Event, TroubleRaised, WorkEnded
from core.sandbox.choose import choose
from core.session.emitter import Emitter
from core.session.engine import Engine
from core.session.services import SessionSettings
from core.types import ConsentKind

SANDBOXES = ("docker", "bubblewrap")


class Moments:
    """When what happened, in seconds since the last command."""

    def __init__(self) -> None:
        self._events: list[tuple[float, Body]] = []
        self._sent = 0.0
        self._idle = asyncio.Event()
        self._trouble = ""

    def take(self, event: Event) -> None:
        self._events.append((time.perf_counter() - self._sent, event.body))
        match event.body:
            case TroubleRaised(sentence=sentence, details=details):
                self._trouble = f"{sentence} {details}"
            case WorkEnded():
                self._idle.set()

    async def carry_out(self, engine: Engine, command: Command) -> float:
        """Send a command to an idle engine and wait until it is idle again; the seconds it took."""
        self._events.clear()
        self._idle.clear()
        self._sent = time.perf_counter()
        engine.handle(command)
        await self._idle.wait()
        if self._trouble:
            raise RuntimeError(self._trouble)
        return time.perf_counter() - self._sent

    def first(self, kind: type[Body]) -> float:
        return next(moment for moment, body in self._events if isinstance(body, kind))

    def last(self, kind: type[Body]) -> tuple[float, Body]:
        return next(pair for pair in reversed(self._events) if isinstance(pair[1], kind))


@asynccontextmanager
async def engine_with(kind: str) -> AsyncIterator[tuple[Engine, Moments]]:
    """An engine as the window has it, on the user's own cache and with data of its own."""
    with tempfile.TemporaryDirectory(prefix="greenbar-bench-") as home:
        moments = Moments()
        engine = Engine(
            AppServices(bench_paths(Path(home))), bench_settings(kind), Emitter((moments.take,))
        )
        try:
            yield engine, moments
        finally:
            await engine.close()


def bench_paths(home: Path) -> Paths:
    """Images and environments as the user has them; journals and consents of the bench's own."""
    return replace(find_paths(str(home)), cache=find_paths().cache)


def bench_settings(kind: str) -> SessionSettings:
    allowed = frozenset({ConsentKind.SETUP_NETWORK})
    return replace(settings_from(kind, "none", test_seconds=60.0), consents=allowed, prove=False)


def usable_sandboxes() -> dict[str, str]:
    """For each kind what is amiss with it; empty where it works."""

    async def trouble(kind: str) -> str:
        try:
            sandbox = await choose(kind, find_paths().cache)
        except SandboxError as error:
            return error.sentence
        await sandbox.close()
        return ""

    return {kind: asyncio.run(trouble(kind)) for kind in SANDBOXES}
