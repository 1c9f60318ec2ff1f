"""The pool over workers in memory: what the machine does too rarely to wait for."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path
from typing import Any

import pytest

from core.errors import SandboxError
from core.sandbox.base import Environment, Limits, WorkerExit
from core.testing.base import RunLimits, RunOutcome, RunRequest
from core.testing.runner import WorkerPool
from core.testing.signed import HASH_BYTES
from core.types import Outcome, RunEnd

RESULT = {
    "type": "result", "id": "t.py::t", "outcome": "passed", "message": "", "traceback": "", "frames": [],
}  # fmt: skip
DONE = {"type": "done", "end": "finished", "detail": "", "seconds": 0.1, "interference": []}
Answer = Callable[[int], list[dict[str, Any]]]


class Worker:
    """Answers its n-th request with what ``answer(n)`` gives; gone after ``kill`` or ``die``."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._lines: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._lines.put_nowait(b'{"type": "ready"}')
        self._runs = 0
        self._key = b""
        self._said = 0
        self.killed = False
        self.before_line: Callable[[], None] = lambda: None

    async def send(self, line: bytes) -> None:
        if self.killed:
            raise BrokenPipeError
        request = json.loads(line)
        if "framework" in request:
            return
        if request["op"] == "cancel":
            self._say(DONE)
            return
        self._runs += 1
        self._key, self._said = bytes.fromhex(request["key"]), 0
        for message in self._answer(self._runs):
            self._say(message)

    def _say(self, message: dict[str, Any]) -> None:
        self._said += 1
        text = f"{self._said} {json.dumps(message)}".encode()
        mac = blake2b(text, key=self._key, digest_size=HASH_BYTES).hexdigest().encode()
        self._lines.put_nowait(mac + b" " + text)

    async def receive(self) -> bytes | None:
        await asyncio.sleep(0)
        line = await self._lines.get()
        before, self.before_line = self.before_line, lambda: None
        before()
        return line

    def die(self) -> None:
        self.killed = True
        self._lines.put_nowait(None)

    async def kill(self) -> None:
        self.die()

    async def wait(self) -> WorkerExit:
        return WorkerExit(137, stderr="bye")


class Workers:
    """A sandbox that hands out workers in order."""

    kind = None
    sentence = ""

    def __init__(self, *answers: Answer) -> None:
        self._answers = list(answers)
        self.launched: list[Worker] = []

    async def launch(self, copy: Path, environment: Environment, limits: Limits) -> Worker:
        if not self._answers:
            raise SandboxError("sandbox.launch", "There are no more workers.")
        self.launched.append(Worker(self._answers.pop(0)))
        return self.launched[-1]


def pool_of(workers: Workers, size: int = 1) -> WorkerPool:
    return WorkerPool(workers, Path("/copy"), Environment(), Limits(), size)  # type: ignore[arg-type]


def passes(run: int) -> list[dict[str, Any]]:
    return [{"type": "collected", "ids": ["t.py::t"]}, RESULT, DONE]


def test_a_worker_that_died_while_idle_is_replaced_without_a_word() -> None:
    async def work() -> tuple[RunOutcome, int]:
        workers = Workers(passes, passes)
        pool = pool_of(workers)
        await pool.run(RunRequest())
        workers.launched[0].die()
        outcome = await pool.run(RunRequest())
        await pool.close()
        return outcome, len(workers.launched)

    outcome, launched = asyncio.run(work())
    assert launched == 2
    assert [r.outcome for r in outcome.report.results] == [Outcome.PASSED]
    assert not outcome.lost


def test_a_worker_that_goes_away_in_the_middle_is_said_to_be_lost() -> None:
    async def work() -> RunOutcome:
        workers = Workers(lambda run: [RESULT])
        pool = pool_of(workers)
        outcome = await pool.run(RunRequest(), None, lambda result: workers.launched[0].die())
        await pool.close()
        return outcome

    outcome = asyncio.run(work())
    assert outcome.lost
    assert outcome.report.end is RunEnd.CRASHED
    assert "bye" in outcome.report.detail
    assert len(outcome.report.results) == 1


def test_a_cancellation_that_comes_together_with_a_line_is_not_lost() -> None:
    async def work() -> bool:
        workers = Workers(lambda run: [RESULT] * 3)
        pool = pool_of(workers)
        running = asyncio.create_task(pool.run(RunRequest(limits=RunLimits(run_seconds=1.0))))
        while not workers.launched:
            await asyncio.sleep(0)
        workers.launched[0].before_line = running.cancel
        await asyncio.wait((running,), timeout=2.0)
        cancelled = running.cancelled()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await pool.close()
        return cancelled

    assert asyncio.run(work())


@pytest.mark.parametrize(
    "nonsense",
    [
        {"type": "result"},
        {"type": "done", "end": "triumph", "detail": "", "seconds": 0},
        {**RESULT, "outcome": "splendid"},
        {"type": "collected", "ids": 5},
    ],
)
def test_a_line_that_tests_have_forged_ends_the_run_and_the_worker(nonsense: dict[str, Any]) -> None:
    async def work() -> tuple[RunOutcome, bool]:
        workers = Workers(lambda run: [nonsense, DONE])
        pool = pool_of(workers)
        outcome = await pool.run(RunRequest())
        killed = workers.launched[0].killed
        await pool.close()
        return outcome, killed

    outcome, killed = asyncio.run(work())
    assert outcome.report.end is RunEnd.CRASHED
    assert killed


def test_a_failed_launch_frees_its_place_for_the_next_run() -> None:
    async def work() -> RunOutcome:
        workers = Workers()
        pool = pool_of(workers)
        with pytest.raises(SandboxError):
            await pool.run(RunRequest())
        workers._answers.append(passes)
        outcome = await pool.run(RunRequest())
        await pool.close()
        return outcome

    assert asyncio.run(work()).report.end is RunEnd.FINISHED


def test_a_run_after_the_close_is_refused() -> None:
    async def work() -> None:
        pool = pool_of(Workers(passes))
        await pool.close()
        await pool.run(RunRequest())

    with pytest.raises(Exception, match="has been closed"):
        asyncio.run(work())
