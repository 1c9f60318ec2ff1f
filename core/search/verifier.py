"""The verifier ladder: what a candidate shows, cheapest rung first, stopping at the first failure."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from core.checks.doubts import Doubts, control_tests
from core.errors import SandboxError
from core.search.splice import parse_quietly
from core.testing.base import Coverage, OnCollected, OnResult, RunLimits, RunRequest, TestRunner
from core.testing.compare import compare, interference
from core.testing.flaky import FlakyTests
from core.testing.limits import candidate_limits, processor_limit
from core.testing.sample import one_of_each
from core.testing.touching import Touching
from core.types import (
    Candidate,
    Comparison,
    Evidence,
    FlakyTest,
    NodeId,
    Patch,
    RelPath,
    Rung,
    TestReport,
    TestResult,
    Verdict,
)

log = logging.getLogger("greenbar.verifier")

MOST_REMAINING: Final = 20


class Verifier:
    """Verifies candidates of one task against its baseline. Safe to call from several tasks."""

    def __init__(
        self,
        runner: TestRunner,
        baseline: TestReport,
        targets: tuple[NodeId, ...],
        first: RunLimits,
        is_locked: Callable[[RelPath], bool],
        coverage: Coverage = MappingProxyType({}),
        flaky: Sequence[FlakyTest] = (),
        powers: Sequence[str] = (),
    ) -> None:
        """``coverage`` is that of the baseline's tests, as far as it is known; ``powers`` are those
        of their language."""
        self._runner = runner
        self._baseline = baseline
        self._targets = targets
        self._limits, self._single = candidate_limits(baseline, first)
        self.hurry_seconds = processor_limit(baseline, targets, self._limits, self._single)
        """A first limit for candidates that come by the hundred; 0.0: not worth it."""
        self.usual_seconds = self._limits.test_seconds
        self._doubts = Doubts(baseline, is_locked, powers)
        known = {r.node_id for r in baseline.results}
        self._sample = one_of_each(baseline, targets)
        self._targets_are_all = known <= set(targets)
        self._touching = Touching(coverage, baseline, targets)
        self._flaky = FlakyTests(self._run_baseline, flaky)

    async def verify(self, candidate: Candidate, processor_seconds: float = 0.0) -> Evidence:
        """Climb the ladder with one candidate. What it does to locked files plays no part.

        With ``processor_seconds``, a target that needs more of the processor ends the run as timed out;
        :func:`core.search.patience.cut_short` tells whether that is all that speaks against it.
        """
        started = time.monotonic()
        refusal = self._doubts.refusal(candidate.patch)
        if refusal:
            comparison = Comparison(Verdict.SUSPICIOUS, still_failing=self._targets, reasons=(refusal,))
            return Evidence(candidate.id, Rung.PARSES, comparison, 0.0, 0)
        complaint = parse_complaint(self._doubts.judged(candidate.patch))
        if complaint:
            comparison = Comparison(Verdict.WORSE, still_failing=self._targets, reasons=(complaint,))
            return Evidence(candidate.id, Rung.PARSES, comparison, 0.0, 0)

        patch = candidate.patch
        rung = Rung.TARGET
        report, comparison = await self._on_targets(patch, processor_seconds)
        if comparison.verdict is Verdict.GREEN:
            touching = self._touching.of(patch)
            harm = await self._harm(patch, touching) if touching else None
            if harm is not None:
                rung = Rung.TOUCHED
                report, found = harm
                comparison = replace(found, fixed=comparison.fixed)
            else:
                rung = Rung.SUITE
                if not self._targets_are_all:
                    report = await self._run(patch, (), False)
                report, comparison = await self._judged(patch, report, self._targets)
        return Evidence(
            candidate=candidate.id,
            rung=rung,
            comparison=comparison,
            seconds=time.monotonic() - started,
            tests_run=len(report.results),
            failure=_telling_failure(report, comparison),
            remaining=_remaining(report, comparison),
        )

    async def verify_suite(
        self, patch: Patch, on_collected: OnCollected, on_result: OnResult
    ) -> tuple[TestReport, Comparison]:
        """Run the whole suite on exactly this patch, for a selection of hunks; locked files stay as in
        the baseline, whatever is selected of them."""
        report = await self._run(patch, (), False, on_collected, on_result)
        return await self._judged(patch, report)

    # --- parts -----------------------------------------------------------------------------------

    async def _on_targets(self, patch: Patch, processor_seconds: float) -> tuple[TestReport, Comparison]:
        """A run of the targets, as far as it tells something: of one that fixes some but not all of
        them it is counted exactly how many."""

        async def look(at: tuple[NodeId, ...], fail_fast: bool) -> tuple[TestReport, Comparison]:
            report = await self._run(patch, at, fail_fast, processor_seconds=processor_seconds)
            return report, self._compare(report, at)

        if self._sample:
            report, comparison = await look(self._sample, False)
            if not comparison.fixed:
                return report, replace(comparison, still_failing=self._targets)
            if len(self._sample) == len(self._targets):
                return report, comparison
        else:
            report, comparison = await look(self._targets, True)
            if not (comparison.fixed and comparison.still_failing):
                return report, comparison
        return await look(self._targets, False)

    def _compare(self, report: TestReport, only: tuple[NodeId, ...] | None) -> Comparison:
        within = None if only is None else frozenset(only)
        return compare(self._baseline, report, self._targets, within, self._flaky.known)

    async def _harm(
        self, patch: Patch, touching: tuple[NodeId, ...]
    ) -> tuple[TestReport, Comparison] | None:
        """What speaks against the patch among the tests that touch its lines; ``None``: nothing."""
        report = await self._run(patch, touching, True)
        comparison = self._compare(report, touching)
        if await self._any_flaky(patch, comparison.broken, lambda: self._run(patch, touching, True)):
            comparison = self._compare(report, touching)
        return (report, comparison) if comparison.broken or comparison.reasons else None

    async def _judged(
        self, patch: Patch, report: TestReport, passed: tuple[NodeId, ...] = ()
    ) -> tuple[TestReport, Comparison]:
        """The verdict on a run of the whole suite, once its disagreements are looked into: with the
        baseline, and with the target run in which ``passed`` were green."""
        comparison = self._compare(report, None)
        flipped = set(passed) & set(comparison.still_failing)
        if comparison.fixed or flipped:
            doubted = (*comparison.broken, *sorted(flipped))
            if await self._any_flaky(patch, doubted, lambda: self._run(patch, (), False)):
                comparison = self._compare(report, None)
        return report, await self._doubted(patch, report, comparison)

    async def _any_flaky(
        self, patch: Patch, doubted: Collection[NodeId], again: Callable[[], Awaitable[TestReport]]
    ) -> bool:
        if not doubted:
            return False
        return await self._flaky.among(doubted, lambda ids: self._run(patch, ids, False), again)

    async def _run_baseline(self, node_ids: tuple[NodeId, ...]) -> TestReport:
        return await self._run(Patch(()), node_ids, False)

    async def _doubted(self, patch: Patch, report: TestReport, comparison: Comparison) -> Comparison:
        """A green comparison, unless what the patch reaches for or a control run speak against it."""
        if comparison.verdict is not Verdict.GREEN:
            return comparison
        reasons = self._doubts.of_source(patch)
        tests = control_tests(report, self._targets)
        if tests and not reasons:
            control = await self._run(patch, tests, False, control=True)
            reasons = tuple(interference(self._baseline, control))
        if not reasons:
            return comparison
        return replace(comparison, verdict=Verdict.SUSPICIOUS, reasons=reasons)

    async def _run(
        self,
        patch: Patch,
        node_ids: tuple[NodeId, ...],
        fail_fast: bool,
        on_collected: OnCollected | None = None,
        on_result: OnResult | None = None,
        *,
        control: bool = False,
        processor_seconds: float = 0.0,
    ) -> TestReport:
        """Run; once more where it was the sandbox that failed, which says nothing of the patch."""
        all_of_them = self._targets_are_all and node_ids == self._targets and not control
        request = RunRequest(
            overlay={change.path: change.after for change in self._doubts.judged(patch).changes},
            node_ids=() if all_of_them else node_ids,
            fail_fast=fail_fast,
            limits=self._limits,
            test_seconds=self._single,
            processor_seconds=processor_seconds,
            control=control,
        )
        try:
            outcome = await self._runner.run(request, on_collected, on_result)
        except SandboxError as error:
            log.warning("the sandbox failed and is tried again: %s", error.sentence)
        else:
            if not outcome.lost:
                return outcome.report
            log.warning("the sandbox was lost: %s", outcome.report.detail)
        return (await self._runner.run(request, on_collected, on_result)).report


def parse_complaint(patch: Patch) -> str:
    """Why a Python file of the patch does not parse, as a sentence; empty when all do.

    Where the file did not parse before either, the tests decide: the sandbox's Python may be newer
    than ours and know syntax that ours does not.
    """
    for change in patch.changes:
        if change.after is None or not change.path.endswith(".py"):
            continue
        error = _syntax_error(change.after)
        if error is not None and (change.before is None or _syntax_error(change.before) is None):
            where = f"{change.path}:{error.lineno}" if error.lineno else change.path
            return f"{where} does not parse: {error.msg}."
    return ""


def _syntax_error(data: bytes) -> SyntaxError | None:
    try:
        parse_quietly(data)
    except SyntaxError as error:
        return error
    return None


def _telling_failure(report: TestReport, comparison: Comparison) -> TestResult | None:
    """The first red result that is the candidate's business: one that it broke, then a target."""
    red = {result.node_id: result for result in report.results if result.outcome.is_red}
    wanted = (*comparison.broken, *comparison.still_failing, *red)
    return next((red[node_id] for node_id in wanted if node_id in red), None)


def _remaining(report: TestReport, comparison: Comparison) -> tuple[TestResult, ...]:
    """The red results of targets where others were fixed."""
    if not comparison.fixed:
        return ()
    still = set(comparison.still_failing)
    return tuple(result for result in report.results if result.node_id in still)[:MOST_REMAINING]
