"""A session over the host sandbox, with a scripted model or none, in folders of the test's own."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.commands import Command
from core.errors import SandboxError
from core.events import Body, Event, WorkEnded
from core.models.base import ModelClient
from core.models.book import LimitRecord
from core.models.select import Resolution
from core.sandbox.base import Sandbox
from core.sandbox.host import HostSandbox
from core.sandbox.installer import network_settings
from core.search.base import Proposer
from core.search.direct import DirectProposer
from core.search.mutation import MutationProposer
from core.search.strategy import Part, Strategy
from core.session.emitter import Emitter
from core.session.engine import Engine
from core.session.readiness import Look
from core.session.services import SessionSettings
from core.session.session import Session
from core.settings.store import SettingsStore
from core.testing.base import RunLimits
from core.types import ConsentRequest, ReadinessRow, ReadinessState, TokenUsage
from tests.repositories import commit_repository

BUGGY = {
    "calc.py": "def add(a, b):\n    return a - b\n\n\ndef twice(a):\n    return a * 2\n",
    "test_calc.py": "from calc import add, twice\n\n\n"
    "def test_add():\n    assert add(2, 3) == 5\n\n\ndef test_twice():\n    assert twice(4) == 8\n",
}


class LocalServices:
    """:class:`core.session.services.Services` without isolation, for quick tests."""

    def __init__(self, home: Path, model: ModelClient | None, isolated: bool) -> None:
        self.having: Sequence[Proposer] = ()
        self.data = home / "data"
        self.cache = home / "cache"
        self.settings = SettingsStore(home / "settings.toml")
        self._model = model
        self._isolated = isolated
        self.made: list[HostSandbox] = []

    async def choose_sandbox(self, spec: str) -> Sandbox:
        if spec == "auto" and not self._isolated:
            raise SandboxError("sandbox.none", "No sandbox works on this computer.")
        self.made.append(HostSandbox(self.cache, network_settings()))
        return self.made[-1]

    async def resolve_model(self, spec: str, *, embeddings: bool = False) -> Resolution:
        return Resolution(self._model)

    async def limit(self, spec: str) -> LimitRecord:
        return LimitRecord(spec)

    def cost(self, spec: str, usage: TokenUsage) -> float | None:
        return 0.0

    def looks(self) -> Mapping[str, Look]:
        async def git() -> ReadinessRow:
            return ReadinessRow("git", ReadinessState.OK, "git is installed.")

        return {"git": git}

    async def start_docker(self) -> None:
        raise AssertionError("no test starts Docker")

    async def make_sample(self) -> Path:
        raise AssertionError("no test opens the sample")

    def proposers(self) -> Sequence[Proposer]:
        if self.having:
            return self.having
        return (MutationProposer(), DirectProposer()) if self._model else (MutationProposer(),)

    def strategies(self) -> Sequence[Strategy]:
        return (Strategy("auto"), Strategy("models only", parts={"direct": Part()}, others=False))


class Opened:
    """A session with what it emitted and what it asked."""

    def __init__(self, home: Path, model: ModelClient | None, grant: bool, isolated: bool) -> None:
        self.events: list[Event] = []
        self.asked: list[ConsentRequest] = []
        self.services = LocalServices(home, model, isolated)
        self._grant = grant
        emit = Emitter((self.events.append,))
        settings = replace(SessionSettings(), run_limits=RunLimits(test_seconds=2.0))
        self.settings = settings
        self.emit = emit
        self.session = Session(self.services, settings, emit, self.ask)

    async def ask(self, request: ConsentRequest) -> bool:
        self.asked.append(request)
        return self._grant

    def bodies(self, kind: type[Body]) -> list[Any]:
        return [event.body for event in self.events if isinstance(event.body, kind)]


WithSession = Callable[..., Any]


@pytest.fixture
def with_session(tmp_path: Path) -> WithSession:
    """Run an async function with a session; closes it whatever happens."""

    def run(
        work: Callable[[Opened], Awaitable[Any]],
        *,
        model: ModelClient | None = None,
        grant: bool = True,
        isolated: bool = True,
    ) -> Any:
        async def main() -> Any:
            opened = Opened(tmp_path / "home", model, grant, isolated)
            try:
                return await work(opened)
            finally:
                await opened.session.close()

        return asyncio.run(main())

    return run


@pytest.fixture
def repository(tmp_path: Path) -> Callable[[Mapping[str, str]], Path]:
    """Make a git repository with one commit."""

    def make(files: Mapping[str, str] = BUGGY) -> Path:
        return commit_repository(tmp_path / "repo with spaces ü", files)

    return make


WAIT_SECONDS = 20.0


class Running:
    """An engine with everything that it emitted."""

    def __init__(self, home: Path, isolated: bool) -> None:
        self.events: list[Event] = []
        self.services = LocalServices(home, None, isolated)
        settings = replace(SessionSettings(), run_limits=RunLimits(test_seconds=9.0), own_timeouts=False)
        self.engine = Engine(self.services, settings, Emitter((self.events.append,)))

    def of(self, kind: type[Body]) -> list[Any]:
        return [event.body for event in self.events if isinstance(event.body, kind)]

    async def until(self, kind: type[Body], count: int = 1) -> Any:
        """The ``count``-th event of a kind, as soon as it is there."""
        deadline = time.monotonic() + WAIT_SECONDS
        while len(self.of(kind)) < count:
            assert time.monotonic() < deadline, [event.kind for event in self.events[-8:]]
            await asyncio.sleep(0.005)
        return self.of(kind)[count - 1]

    async def do(self, *commands: Command) -> bool:
        """Hand over commands and wait for the end of all work; says whether it was stopped."""
        ended = len(self.of(WorkEnded))
        for command in commands:
            self.engine.handle(command)
        return (await self.until(WorkEnded, ended + 1)).stopped


@pytest.fixture
def with_engine(tmp_path: Path) -> Callable[..., Any]:
    def run(work: Callable[[Running], Awaitable[Any]], *, isolated: bool = True) -> Any:
        async def main() -> Any:
            running = Running(tmp_path / "home", isolated)
            try:
                return await work(running)
            finally:
                await running.engine.close()
                left = asyncio.all_tasks() - {asyncio.current_task()}
                assert not left, "no task outlives the engine"
                assert list((tmp_path / "home" / "cache").glob("copies/copy-*")) == []

        return asyncio.run(main())

    return run
