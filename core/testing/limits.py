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

    A test that passed may take five times its own time; one that did not has no time worth
    trusting and may take five times the slowest that passed. Never under a second, never over the
    limit of the ``first`` run or, for a test that was allowed more there, twice its own time; a
    candidate that loops is so stopped in seconds. Tests of files that
    could not be collected have never run, so they keep the limits of the ``first`` run.
    """
    passed = [r for r in baseline.results if r.outcome is Outcome.PASSED]
    slowest = max((r.seconds for r in passed), default=0.0)

    def limit(seconds: float) -> float:
        most = max(first.test_seconds, SLOW_FACTOR * seconds)
        return min(most, max(FLOOR_SECONDS, FACTOR * seconds))

    run_seconds = min(first.run_seconds, max(RUN_FLOOR_SECONDS, FACTOR * baseline.seconds))
    limits = RunLimits(limit(slowest), run_seconds, first.output_bytes)
    if any(r.outcome is Outcome.COLLECT_ERROR for r in baseline.results):
        own = {r.node_id: r.seconds if r.outcome is Outcome.PASSED else slowest for r in baseline.results}
        return first, {node_id: limit(seconds) for node_id, seconds in own.items()}
    # The default fits most tests: naming only the slow ones keeps requests small.
    single = {r.node_id: limit(r.seconds) for r in passed if r.seconds * FACTOR > FLOOR_SECONDS}
    return limits, single
