"""A runner and proposers in memory: what the tests would say is a function of the source."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from core.errors import GreenbarError
from core.search.base import AskModel, Draft, FixTask, TriedSoFar
from core.testing.base import OnCollected, OnResult, RunOutcome, RunRequest
from core.types import FileChange, NodeId, Outcome, Patch, RunEnd, TestReport, TestResult

SOURCE = "def f():\n    return 0\n"
TARGET = "test_m.py::test_f"
OTHER = "test_m.py::test_other"
GREEN, RED = Outcome.PASSED, Outcome.FAILED
Judge = Callable[[str], Mapping[NodeId, Outcome]]


def report(outcomes: Mapping[NodeId, Outcome], end: RunEnd = RunEnd.FINISHED) -> TestReport:
    results = tuple(TestResult(node_id, outcome, 0.01) for node_id, outcome in outcomes.items())
    return TestReport(results, tuple(outcomes), 0.05, end)


BASELINE = report({TARGET: RED, OTHER: GREEN})


def patch(text: str, path: str = "m.py", before: str | None = SOURCE) -> Patch:
    return Patch((FileChange(path, None if before is None else before.encode(), text.encode()),))


def returns(value: str) -> str:
    return SOURCE.replace("return 0", f"return {value}")


def judge(source: str) -> Mapping[NodeId, Outcome]:
    """``return 1`` is right; ``return 2`` helps and harms; all else changes nothing."""
    return {
        TARGET: GREEN if "return 1\n" in source or "return 2\n" in source else RED,
        OTHER: RED if "return 2\n" in source else GREEN,
    }


@dataclass
class Runner:
    """Judges ``m.py``; ``troubles`` are met one after the other before it does so at all."""

    judge: Judge = judge
    seconds: float = 0.0
    troubles: list[GreenbarError | RunOutcome] = field(default_factory=list)
    requests: list[RunRequest] = field(default_factory=list)
    running: int = 0
    most_at_once: int = 0

    async def run(
        self,
        request: RunRequest,
        on_collected: OnCollected | None = None,
        on_result: OnResult | None = None,
    ) -> RunOutcome:
        self.requests.append(request)
        self.running += 1
        self.most_at_once = max(self.most_at_once, self.running)
        try:
            await asyncio.sleep(self.seconds)
        finally:
            self.running -= 1
        if self.troubles:
            trouble = self.troubles.pop(0)
            if isinstance(trouble, GreenbarError):
                raise trouble
            return trouble
        outcomes = self.judge((request.overlay.get("m.py") or b"").decode())
        if request.node_ids:
            outcomes = {n: o for n, o in outcomes.items() if n in request.node_ids}
        if not request.fail_fast:
            return RunOutcome(report(outcomes))
        reached: dict[NodeId, Outcome] = {}
        for node_id, outcome in outcomes.items():
            reached[node_id] = outcome
            if outcome.is_red:
                return RunOutcome(report(reached, RunEnd.FAILED_FAST))
        return RunOutcome(report(reached))

    async def close(self) -> None:
        return


@dataclass
class Ideas:
    """A proposer with given texts for ``m.py``, each after ``pause`` seconds."""

    texts: Sequence[str]
    name: str = "ideas"
    needs_model: bool = False
    pause: float = 0.0
    then: Exception | None = None
    asked: int = 0
    closed: bool = False

    async def propose(
        self, task: FixTask, tried: TriedSoFar, ask: AskModel | None
    ) -> AsyncIterator[Draft]:
        try:
            for text in self.texts:
                self.asked += 1
                await asyncio.sleep(self.pause)
                yield Draft(f"try {self.asked}", {"m.py": text})
            if self.then is not None:
                raise self.then
        finally:
            self.closed = True
