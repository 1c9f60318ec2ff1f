"""Leaves a fix out again, whole and hunk by hunk, and notes which tests go red.

A test that a fix turns green proves it only if it is red without the fix, and for a reason that the fix
is about: its assertion, or what the baseline met. A hunk that no test needs is a change that nobody has
checked. Which tests need which hunk is measured, not guessed: the intervention of delta debugging
(Zeller and Hildebrandt, Simplifying and Isolating Failure-Inducing Input, 2002, section 3), with single
hunks as the units and no search for a smaller set, since what is left out is reported and not dropped.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final, TypeAlias

from core.checks.static import files_with_tests
from core.repo.locked import lanes, lock_reason
from core.repo.patch import hunk_ids, hunks_of, overlay, select_hunks
from core.testing.base import Coverage, RunLimits, RunRequest, TestRunner
from core.testing.limits import candidate_limits
from core.testing.touching import Touching
from core.types import (
    Comparison,
    FlakyTest,
    Hunk,
    HunkNeed,
    NodeId,
    Outcome,
    Patch,
    Proof,
    RelPath,
    RunEnd,
    TestReport,
    TestResult,
    WithoutFix,
)
from core.types.causes import cause_of

MOST_HUNKS: Final = 40
"""Hunks that are left out one by one; of a larger patch the first ones."""
SUITE_TIMES: Final = 1.5
"""The whole suite runs without a hunk where this many times its own time are left."""

Tell: TypeAlias = Callable[[str, float | None], None]
"""What is being done, and how far it is, in 0..1."""


@dataclass(slots=True)
class _Findings:
    """What is known so far; what the end of the time leaves of a proof."""

    reverted: tuple[WithoutFix, ...] = ()
    with_tests_only: tuple[WithoutFix, ...] = ()
    hunks: dict[str, HunkNeed] = field(default_factory=dict)
    runs: int = 0


class Prover:
    """Proves patches against one baseline. Safe to call from several tasks."""

    def __init__(
        self,
        runner: TestRunner,
        baseline: TestReport,
        first: RunLimits,
        is_locked: Callable[[RelPath], bool],
        coverage: Coverage = MappingProxyType({}),
        flaky: Sequence[FlakyTest] = (),
    ) -> None:
        """``first`` are the limits of the baseline's run; ``coverage`` is as far as it is known."""
        self._runner = runner
        self._baseline = baseline
        self._known = baseline.by_id()
        self._limits, self._single = candidate_limits(baseline, first)
        self._is_locked = is_locked
        self._coverage = coverage
        self._flaky = {test.node_id for test in flaky}
        self._test_files = files_with_tests(baseline.collected)

    async def prove(
        self, patch: Patch, comparison: Comparison, seconds: float, tell: Tell = lambda text, share: None
    ) -> Proof:
        """What is red without ``patch``, whose run of the whole suite gave ``comparison``.

        After ``seconds`` it ends with what it has. Raises SandboxError where the sandbox is gone.
        """
        started = time.monotonic()
        found = _Findings()
        finished = True
        try:
            async with asyncio.timeout(seconds):
                await self._look(patch, comparison, found, started + seconds, tell)
        except TimeoutError:
            finished = False
        return Proof(
            reverted=found.reverted,
            with_tests_only=found.with_tests_only,
            hunks=tuple(found.hunks.values()),
            runs=found.runs,
            seconds=time.monotonic() - started,
            finished=finished and all(need.looked for need in found.hunks.values()),
        )

    async def _look(
        self, patch: Patch, comparison: Comparison, found: _Findings, deadline: float, tell: Tell
    ) -> None:
        fix, tests = lanes(patch, self._is_locked)
        for need in map(_not_looked_at, _hunks(fix)):
            found.hunks[need.hunk] = need
        tell("Proving: the tests without the fix", 0.0)
        await self._revert(comparison.fixed, found)
        if tests.changes:
            tell("Proving: only the changes to tests", None)
            await self._only_tests(tests, found)
        if len(found.hunks) == 1:
            # To leave out the only hunk is to revert: on that tree, the baseline is the whole suite.
            red = tuple(test.node_id for test in found.reverted if test.outcome and test.outcome.is_red)
            for hunk, need in found.hunks.items():
                found.hunks[hunk] = replace(need, tests=red, looked=True, whole_suite=True)
            return
        touching = Touching(self._coverage, self._baseline, comparison.fixed)
        done = 0

        async def leave_out(need: HunkNeed) -> None:
            nonlocal done
            found.hunks[need.hunk] = await self._without(need, fix, comparison, touching, found, deadline)
            done += 1
            tell(f"Proving: {done} of {len(found.hunks)} hunks left out", done / len(found.hunks))

        async with asyncio.TaskGroup() as group:
            for need in list(found.hunks.values())[:MOST_HUNKS]:
                group.create_task(leave_out(need))

    async def _revert(self, fixed: tuple[NodeId, ...], found: _Findings) -> None:
        report = await self._run(Patch(()), fixed, found)
        if report is None:
            return
        results = report.by_id()
        found.reverted = tuple(
            self._without_fix(node_id, results.get(node_id) or results.get(_file_of(node_id)))
            for node_id in fixed
        )

    async def _only_tests(self, tests: Patch, found: _Findings) -> None:
        paths = tuple(
            change.path
            for change in tests.changes
            if change.after is not None
            and (change.path in self._test_files or lock_reason(change.path) == "a test file")
        )
        report = await self._run(tests, paths, found) if paths else None
        if report is not None:
            found.with_tests_only = tuple(
                self._without_fix(result.node_id, result)
                for result in report.results
                if result.outcome.is_red or result.node_id not in self._known
            )

    async def _without(
        self,
        need: HunkNeed,
        fix: Patch,
        comparison: Comparison,
        touching: Touching,
        found: _Findings,
        deadline: float,
    ) -> HunkNeed:
        """``need`` with what the tests say: first those near, and where they are content, all."""
        kept = select_hunks(fix, frozenset(hunk_ids(fix)) - {need.hunk})
        alone = select_hunks(fix, {need.hunk})
        near = tuple(dict.fromkeys((*comparison.fixed, *touching.of(alone))))
        whole = self._known.keys() <= set(near)
        report = await self._run(kept, () if whole else near, found)
        red = self._red(report, comparison, None if whole else near)
        if red == () and not whole:
            left = deadline - time.monotonic()
            if self._baseline.seconds * SUITE_TIMES < left:
                whole = True
                report = await self._run(kept, (), found)
                red = self._red(report, comparison, None)
        if red is None:
            return need
        return replace(need, tests=red, looked=True, whole_suite=whole)

    def _red(
        self, report: TestReport | None, comparison: Comparison, near: Collection[NodeId] | None
    ) -> tuple[NodeId, ...] | None:
        """Tests that the whole patch leaves green and that are red here; ``None``: this run tells not."""
        if report is None:
            return None
        out = {r.node_id for r in report.results if r.outcome.is_red}
        uncollected = {r.node_id for r in report.results if r.outcome is Outcome.COLLECT_ERROR}
        away = {*comparison.still_failing, *comparison.broken, *self._flaky}
        asked = self._known if near is None else near
        green = (*comparison.fixed, *(n for n in asked if n in self._known))
        red = tuple(
            node_id
            for node_id in dict.fromkeys(green)
            if node_id not in away and (node_id in out or _file_of(node_id) in uncollected)
        )
        return None if not red and report.end is not RunEnd.FINISHED else red

    def _without_fix(self, node_id: NodeId, result: TestResult | None) -> WithoutFix:
        if result is None:
            return WithoutFix(node_id, None)
        if not result.outcome.is_red:
            return WithoutFix(node_id, result.outcome)
        cause, before = cause_of(result), self._known.get(node_id)
        as_before = before is not None and before.outcome.is_red and cause_of(before) == cause
        return WithoutFix(node_id, result.outcome, cause, as_before)

    async def _run(
        self, patch: Patch, node_ids: tuple[NodeId, ...], found: _Findings
    ) -> TestReport | None:
        """``None`` where the sandbox went away in the middle."""
        request = RunRequest(
            overlay=overlay(patch), node_ids=node_ids, limits=self._limits, test_seconds=self._single
        )
        outcome = await self._runner.run(request)
        found.runs += 1
        return None if outcome.lost else outcome.report


def _hunks(fix: Patch) -> list[Hunk]:
    return [hunk for change in fix.changes for hunk in hunks_of(change)]


def _not_looked_at(hunk: Hunk) -> HunkNeed:
    return HunkNeed(hunk.id, _first_line(hunk), looked=False)


def _first_line(hunk: Hunk) -> int:
    """Of the file after it, the first line that the hunk changes."""
    context = next((n for n, line in enumerate(hunk.lines) if line[:1] in "+-"), 0)
    return max(1, hunk.new_start + context) if hunk.lines else 0


def _file_of(node_id: NodeId) -> RelPath:
    return node_id.split("::", 1)[0]
