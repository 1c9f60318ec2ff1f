"""The verifier ladder: what a candidate shows, cheapest rung first, stopping at the first failure."""

from __future__ import annotations

import ast
import time
from collections.abc import Callable

from core.testing.base import OnCollected, OnResult, RunLimits, RunRequest, TestRunner
from core.testing.compare import compare
from core.testing.limits import candidate_limits
from core.types import (
    Candidate,
    Comparison,
    Evidence,
    NodeId,
    Patch,
    RelPath,
    Rung,
    TestReport,
    TestResult,
    Verdict,
)


class Verifier:
    """Verifies candidates of one task against its baseline. Safe to call from several tasks."""

    def __init__(
        self,
        runner: TestRunner,
        baseline: TestReport,
        targets: tuple[NodeId, ...],
        first: RunLimits,
        is_locked: Callable[[RelPath], bool],
    ) -> None:
        self._runner = runner
        self._baseline = baseline
        self._targets = targets
        self._limits, self._single = candidate_limits(baseline, first)
        self._is_locked = is_locked
        known = {r.node_id for r in baseline.results}
        self._targets_are_all = known <= set(targets)

    async def verify(self, candidate: Candidate) -> Evidence:
        """Climb the ladder with one candidate."""
        started = time.monotonic()
        locked = tuple(path for path in candidate.patch.paths if self._is_locked(path))
        if locked:
            comparison = Comparison(
                Verdict.SUSPICIOUS,
                still_failing=self._targets,
                reasons=(f"It changes tests or their configuration: {', '.join(locked)}.",),
            )
            return Evidence(candidate.id, Rung.PARSES, comparison, 0.0, 0)
        complaint = parse_complaint(candidate.patch)
        if complaint:
            comparison = Comparison(Verdict.WORSE, still_failing=self._targets, reasons=(complaint,))
            return Evidence(candidate.id, Rung.PARSES, comparison, 0.0, 0)

        rung = Rung.TARGET
        report = await self._run(candidate.patch, self._targets, fail_fast=True)
        comparison = compare(self._baseline, report, self._targets, only=frozenset(self._targets))
        if comparison.fixed and comparison.still_failing:
            # Promising but not done: count exactly how many targets it fixes.
            report = await self._run(candidate.patch, self._targets, fail_fast=False)
            comparison = compare(self._baseline, report, self._targets, only=frozenset(self._targets))
        if comparison.verdict is Verdict.GREEN:
            rung = Rung.SUITE
            if not self._targets_are_all:
                report = await self._run(candidate.patch, (), fail_fast=False)
            comparison = compare(self._baseline, report, self._targets)
        return Evidence(
            candidate=candidate.id,
            rung=rung,
            comparison=comparison,
            seconds=time.monotonic() - started,
            tests_run=len(report.results),
            failure=_first_red(report),
        )

    async def verify_suite(
        self, patch: Patch, on_collected: OnCollected, on_result: OnResult
    ) -> tuple[TestReport, Comparison]:
        """Run the whole suite on exactly this patch, for a selection of hunks."""
        request = self._request(patch, (), fail_fast=False)
        report = (await self._runner.run(request, on_collected, on_result)).report
        return report, compare(self._baseline, report, self._targets)

    async def _run(self, patch: Patch, node_ids: tuple[NodeId, ...], *, fail_fast: bool) -> TestReport:
        return (await self._runner.run(self._request(patch, node_ids, fail_fast=fail_fast))).report

    def _request(self, patch: Patch, node_ids: tuple[NodeId, ...], *, fail_fast: bool) -> RunRequest:
        return RunRequest(
            overlay={change.path: change.after for change in patch.changes},
            node_ids=() if self._targets_are_all else node_ids,
            fail_fast=fail_fast,
            limits=self._limits,
            test_seconds=self._single,
        )


def parse_complaint(patch: Patch) -> str:
    """Why a Python file of the patch does not parse, as a sentence; empty when all do."""
    for change in patch.changes:
        if change.after is None or not change.path.endswith(".py"):
            continue
        try:
            ast.parse(change.after)
        except (SyntaxError, ValueError) as error:
            line = getattr(error, "lineno", None)
            where = f"{change.path}:{line}" if line else change.path
            return f"{where} does not parse: {getattr(error, 'msg', error)}."
    return ""


def _first_red(report: TestReport) -> TestResult | None:
    return next((r for r in report.results if r.outcome.is_red), None)
