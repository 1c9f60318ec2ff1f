"""Small bugs in one repository, and a look at which draft of a proposer repairs which in a real run."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from core.localise.suspects import rank_suspects
from core.repo.locked import is_locked
from core.sandbox.base import Environment, Limits
from core.sandbox.host import HostSandbox
from core.sandbox.installer import NetworkSettings
from core.search.base import Draft, FixTask, Proposer
from core.testing.base import Coverage, RunLimits, RunRequest
from core.testing.runner import WorkerPool
from core.types import TestReport
from tests.leftovers import watch_for_leftovers

LIMITS = RunLimits(test_seconds=2.0, run_seconds=60.0)


@dataclass(frozen=True)
class Bug:
    """``source`` is the module ``<name>.py``; ``test`` the body of a test module that says
    ``from <name> import *`` first, unless it imports by itself. ``others`` are further files."""

    name: str
    source: str
    test: str
    others: Mapping[str, str]


def bug(name: str, source: str, test: str, **others: str) -> Bug:
    return Bug(name, source.lstrip("\n"), test.lstrip("\n"), others)


class Workshop:
    """All bugs in one private copy, one worker; use as a context manager."""

    def __init__(self, folder: Path, bugs: list[Bug]) -> None:
        self._runner = asyncio.Runner()
        self.files: dict[str, str] = {}
        for one in bugs:
            self.files[f"{one.name}.py"] = one.source
            head = "" if "import" in one.test.split("\n", 1)[0] else f"from {one.name} import *\n"
            self.files[f"test_{one.name}.py"] = f"{head}{one.test}"
            self.files |= {f"{name}.py": text for name, text in one.others.items()}
        for path, text in self.files.items():
            (folder / path).write_text(text, encoding="utf-8")
        self._folder = folder

    def __enter__(self) -> Workshop:
        self._runner.run(self._open())
        return self

    def __exit__(self, *exc: object) -> None:
        self._runner.run(self._close())
        self._runner.close()

    async def _open(self) -> None:
        self._sandbox = HostSandbox(self._folder.parent / "cache", NetworkSettings())
        await self._sandbox.prepare(lambda text, fraction: None)
        self._pool = WorkerPool(self._sandbox, self._folder, Environment(), Limits(), 1)
        outcome = await self._pool.run(RunRequest(trace=True, limits=LIMITS))
        self._report: TestReport = outcome.report
        self._coverage: Coverage = outcome.coverage

    async def _close(self) -> None:
        await self._pool.close()
        await self._sandbox.close()

    def task(self, name: str) -> FixTask:
        """The task of one bug, its suspects ranked as in a fix."""
        test = f"test_{name}.py"
        failures = tuple(r for r in self._report.results if r.node_id.split("::")[0] == test)
        red = tuple(r for r in failures if r.outcome.is_red)
        assert red, f"{name} is no bug"
        passing = [r.node_id for r in failures if not r.outcome.is_red]
        suspects = rank_suspects(red, passing, self._coverage, self.files, is_locked)
        framed = [f.path for r in red for f in r.frames if not is_locked(f.path)]
        paths = dict.fromkeys([s.path for s in suspects] + framed)
        sources = {path: self.files[path] for path in paths}
        targets = tuple(r.node_id for r in red)
        tests = {test: self.files[test]}
        return FixTask(targets, self._report, suspects, sources, tests, red, repository=self.files)

    def repair(self, name: str, proposer: Proposer, most: int) -> tuple[int, Draft | None]:
        """The place, from 1, of the first draft with which the bug's tests all pass, and the draft."""
        return self._runner.run(self._repair(name, proposer, most))

    async def _repair(self, name: str, proposer: Proposer, most: int) -> tuple[int, Draft | None]:
        place = 0
        async for draft in proposer.propose(self.task(name), lambda: (), None):
            place += 1
            if place > most:
                return place, None
            request = RunRequest(
                overlay={path: text.encode() for path, text in draft.edits.items()},
                node_ids=(f"test_{name}.py",),
                fail_fast=True,
                limits=LIMITS,
                processor_seconds=0.3,
            )
            report = (await self._pool.run(request)).report
            if report.results and all(r.outcome.is_green for r in report.results):
                return place, draft
        return place, None


def workshop(folder: Path, bugs: list[Bug]) -> Iterator[Workshop]:
    with Workshop(folder, bugs) as opened:
        yield opened


@pytest.fixture(autouse=True, scope="module")
def nothing_is_left_running() -> Iterator[None]:
    """For modules that share a workshop: its pool may replace a worker in the midst of a test."""
    yield from watch_for_leftovers()
