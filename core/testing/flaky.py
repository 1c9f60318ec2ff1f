"""Whether a test that disagrees with the baseline is flaky or broken: the same runs again.

A test is flaky where runs of the same code, in the same way, differ. A difference between two ways is
none: a test may well pass alone and fail after others every time, and then the candidate broke it
(Luo et al., An Empirical Analysis of Flaky Tests, 2014: order dependence is the second cause).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from core.types import FlakyTest, NodeId, RunEnd, TestReport

RunAlone: TypeAlias = Callable[[tuple[NodeId, ...]], Awaitable[TestReport]]
"""Runs some tests without the others."""
RunAgain: TypeAlias = Callable[[], Awaitable[TestReport]]
"""Repeats the run in which the tests were red."""

BASELINE_RUNS = 3
CANDIDATE_RUNS = 2
MOST_DOUBTED = 10
"""A candidate with more disagreements than that has broken something."""


@dataclass(slots=True)
class Sightings:
    """How often each test passed and failed, in one way of running one state of the code."""

    passed: dict[NodeId, int] = field(default_factory=dict)
    failed: dict[NodeId, int] = field(default_factory=dict)

    def add(self, report: TestReport, node_ids: Collection[NodeId]) -> None:
        """A run that did not get to its end says nothing of the tests that it lacks."""
        results = report.by_id()
        for node_id in node_ids:
            result = results.get(node_id)
            if result is None or report.end is RunEnd.STOPPED:
                continue
            counts = self.failed if result.outcome.is_red else self.passed
            counts[node_id] = counts.get(node_id, 0) + 1

    def differ(self, node_id: NodeId) -> bool:
        return node_id in self.passed and node_id in self.failed

    def always_failed(self, node_id: NodeId) -> bool:
        return node_id in self.failed and node_id not in self.passed

    def always_passed(self, node_id: NodeId) -> bool:
        return node_id in self.passed and node_id not in self.failed


class FlakyTests:
    """What is known of one baseline. Its tests are repeated once, then remembered."""

    def __init__(self, run_baseline: RunAlone, known: Sequence[FlakyTest] = ()) -> None:
        self._run_baseline = run_baseline
        self._before = Sightings()
        self._asked: set[NodeId] = set()
        self._known = {test.node_id: test for test in known}

    @property
    def known(self) -> tuple[FlakyTest, ...]:
        return tuple(self._known.values())

    async def among(self, doubted: Collection[NodeId], alone: RunAlone, again: RunAgain) -> bool:
        """Look into tests that were red, contrary to the baseline, in a run of a candidate.

        ``alone`` and ``again`` run that candidate. Returns whether any of them turned out to be
        flaky; ``known`` then has it.
        """
        open_ones = tuple(n for n in doubted if n not in self._known)
        if not open_ones or len(open_ones) > MOST_DOUBTED:
            return False
        await self._repeat_baseline(open_ones)
        self._settle(open_ones, self._before)
        open_ones = tuple(n for n in open_ones if n not in self._known)
        after = Sightings()
        if open_ones:
            for _ in range(CANDIDATE_RUNS):
                after.add(await alone(open_ones), open_ones)
            self._settle(open_ones, after)
        unclear = [n for n in open_ones if n not in self._known and not self._is_broken(n, after)]
        if unclear:
            together = Sightings(failed=dict.fromkeys(unclear, 1))
            together.add(await again(), unclear)
            self._settle(tuple(unclear), together)
        return any(node_id in self._known for node_id in doubted)

    async def _repeat_baseline(self, node_ids: tuple[NodeId, ...]) -> None:
        new = tuple(n for n in node_ids if n not in self._asked)
        self._asked.update(new)
        for _ in range(BASELINE_RUNS if new else 0):
            self._before.add(await self._run_baseline(new), new)

    def _is_broken(self, node_id: NodeId, after: Sightings) -> bool:
        return self._before.always_passed(node_id) and after.always_failed(node_id)

    def _settle(self, order: tuple[NodeId, ...], seen: Sightings) -> None:
        for node_id in order:
            if seen.differ(node_id):
                passed, failed = seen.passed[node_id], seen.failed[node_id]
                self._known[node_id] = FlakyTest(node_id, passed, passed + failed, order=order)


async def unsteady_targets(
    traced: TestReport, targets: Collection[NodeId], alone: RunAlone, again: RunAgain | None
) -> tuple[FlakyTest, ...]:
    """The red tests of the baseline that do not stay red while nothing changes.

    Only those that passed in ``traced``, one more run of them, are looked into. ``alone`` and ``again``
    run the code of the baseline, ``again`` the whole suite; ``None`` where that takes too long, and then
    a test that only passes alone is left as it is.
    """
    results = traced.by_id()
    doubted = tuple(n for n in targets if n in results and results[n].outcome.is_green)
    if not doubted:
        return ()
    apart, together = Sightings(), Sightings(failed=dict.fromkeys(doubted, 1))
    for _ in range(BASELINE_RUNS):
        apart.add(await alone(doubted), doubted)
    if again is not None and not all(map(apart.differ, doubted)):
        together.add(await again(), doubted)
    return tuple(
        FlakyTest(n, seen.passed[n], seen.passed[n] + seen.failed[n], order=doubted)
        for n in doubted
        for seen in (apart if apart.differ(n) else together,)
        if seen.differ(n)
    )
