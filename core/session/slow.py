"""Tests that were over their time limit in the baseline: slow ones get another try, alone and longer."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Final

from core.testing.base import OnResult, RunLimits, RunRequest, TestRunner
from core.types import NodeId, Outcome, RunEnd, TestReport, TestResult

RAISED_TO: Final = 60.0
"""Seconds that a repository may allow its tests by itself; longer ones need the user's word."""
MOST_TRIED: Final = 3
"""More tests than that over their limit are no slow tests but one loop."""
FACTOR: Final = 2.0
RUN_SECONDS: Final = 30.0
_HINT: Final = (
    "If it is only slow: --test-timeout, or timeout under [tests] in greenbar.toml, allows more."
)


async def try_slow_again(
    runner: TestRunner, report: TestReport, first: RunLimits, on_result: OnResult
) -> TestReport:
    """``report`` with the slow tests as they fare alone with twice the limit; half a minute at most.

    Ends at the first that is over that, too. Costs nothing where none, or many, or several
    parametrisations of one test were over the limit.
    """
    wanted = _worth_trying(report)
    if not wanted:
        return report
    limits = replace(first, test_seconds=FACTOR * first.test_seconds, run_seconds=RUN_SECONDS)
    request = RunRequest(node_ids=wanted, fail_fast=True, limits=limits, raised_to=RAISED_TO)
    again = (await runner.run(request)).report
    settled = {
        result.node_id: result
        for result in again.results
        if result.node_id in wanted and result.outcome not in (Outcome.TIMEOUT, Outcome.CRASHED)
    }
    for result in settled.values():
        on_result(result)
    return replace(
        report,
        results=tuple(settled.get(result.node_id, result) for result in report.results),
        seconds=report.seconds + again.seconds,
        interference=tuple(dict.fromkeys((*report.interference, *again.interference))),
    )


def hinted(result: TestResult) -> TestResult:
    """A test that was over its limit says how to raise that."""
    if result.outcome is not Outcome.TIMEOUT:
        return result
    return replace(result, message=f"{result.message}\n{_HINT}")


def _worth_trying(report: TestReport) -> tuple[NodeId, ...]:
    if report.end is not RunEnd.FINISHED:
        return ()
    hung = tuple(r.node_id for r in report.results if r.outcome is Outcome.TIMEOUT)
    functions = Counter(node_id.split("[", 1)[0] for node_id in hung)
    return hung if len(functions) == len(hung) <= MOST_TRIED else ()
