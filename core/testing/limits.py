"""Time limits for candidates, derived from the baseline; pure."""

from __future__ import annotations

from core.testing.base import RunLimits
from core.types import NodeId, Outcome, TestReport

FACTOR = 5.0
"""How many times slower than its baseline a test may be: candidates run beside each other and
beside a model on the same cores."""
SLOW_FACTOR = 2.0
"""The same for a test that takes nearly as long as any may, or longer."""
FLOOR_SECONDS = 1.0
RUN_FLOOR_SECONDS = 10.0


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
