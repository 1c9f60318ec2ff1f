"""Time limits for candidates, derived from the baseline; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.testing.base import RunLimits
from core.types import NodeId, Outcome, TestReport

FACTOR = 5.0
"""How many times slower than its baseline a test may be: candidates run beside each other and
beside a model on the same cores."""
SLOW_FACTOR = 2.0
"""The same for a test that takes nearly as long as any may, or longer."""
FLOOR_SECONDS = 1.0
RUN_FLOOR_SECONDS = 10.0
PROCESSOR_FACTOR = 3.0
"""The same in seconds of the processor, which others on the same cores do not stretch."""
PROCESSOR_FLOOR = 0.1
LEAST_GAIN = 2.0
"""A first limit is worth its second tries only where it is this many times shorter."""


def candidate_limits(baseline: TestReport, first: RunLimits) -> tuple[RunLimits, dict[NodeId, float]]:
    """Limits for verifying a candidate: for the run and unknown tests, and for single tests.

    A test may take five times its own time, where it came to an end; else, as an unknown one, five
    times the slowest that passed. So may one that failed: it can have failed early. Never under a
    second, never over the limit of the ``first`` run or, for a test that took that long itself, twice
    its own time; a candidate that loops is so stopped in seconds. Tests of files that could not be
    collected have never run, so they keep the limits of the ``first`` run.
    """
    passed = [r for r in baseline.results if r.outcome is Outcome.PASSED]
    slowest = max((r.seconds for r in passed), default=0.0)

    def limit(seconds: float) -> float:
        most = max(first.test_seconds, SLOW_FACTOR * seconds)
        return min(most, max(FLOOR_SECONDS, FACTOR * seconds))

    usual = min(first.test_seconds, limit(slowest))
    own = {
        r.node_id: limit(r.seconds) if r.outcome is Outcome.PASSED else max(usual, limit(r.seconds))
        for r in baseline.results
        if r.outcome in (Outcome.PASSED, Outcome.FAILED, Outcome.ERROR)
    }
    run_seconds = min(first.run_seconds, max(RUN_FLOOR_SECONDS, FACTOR * baseline.seconds))
    if any(r.outcome is Outcome.COLLECT_ERROR for r in baseline.results):
        return first, {r.node_id: own.get(r.node_id, usual) for r in baseline.results}
    # The default fits most tests: naming only the others keeps requests small.
    single = {r.node_id: own[r.node_id] for r in passed if own[r.node_id] > FLOOR_SECONDS}
    single |= {
        r.node_id: own[r.node_id]
        for r in baseline.results
        if r.outcome in (Outcome.FAILED, Outcome.ERROR) and own[r.node_id] > usual
    }
    return RunLimits(usual, run_seconds, first.output_bytes), single


def processor_limit(
    baseline: TestReport,
    targets: Sequence[NodeId],
    usual: RunLimits,
    single: Mapping[NodeId, float],
) -> float:
    """Seconds of the processor within which a target very likely ends, if it ever does; 0.0 where that
    is hardly less than the limits that it has anyway.

    Three times what it took itself, where it came to an end, or what the slowest test that passed in
    its file took. A test that failed early may need more, so who hits this limit is not yet judged.
    """
    by_id = baseline.by_id()
    own = [
        result.seconds
        for node_id in targets
        if (result := by_id.get(node_id)) and result.outcome in (Outcome.FAILED, Outcome.ERROR)
    ]
    files = {node_id.split("::", 1)[0] for node_id in targets}
    passed = [r for r in baseline.results if r.outcome is Outcome.PASSED]
    beside = [r.seconds for r in passed if r.node_id.split("::", 1)[0] in files]
    slowest = max((*own, *(beside or [r.seconds for r in passed])), default=0.0)
    limit = max(PROCESSOR_FLOOR, PROCESSOR_FACTOR * slowest)
    longest = max((single.get(node_id, usual.test_seconds) for node_id in targets), default=0.0)
    return limit if LEAST_GAIN * limit <= longest else 0.0
