"""Which targets a candidate is tried on first; pure.

Stopping at the first red test would tell a candidate that mends the second of two bugs from none: the
first bug's test is always the first. So where targets fail in several ways, one of each is run.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from core.types import NodeId, Outcome, TestReport

MOST: Final = 6
SECONDS: Final = 0.5
"""What they may take together; then it is cheaper to stop at the first red test."""


def one_of_each(baseline: TestReport, targets: Sequence[NodeId]) -> tuple[NodeId, ...]:
    """The quickest target of each test function, in the order of ``targets``; empty where there is only
    one such function, or too many or too slow ones."""
    by_id = baseline.by_id()
    quickest: dict[str, NodeId] = {}
    for node_id in targets:
        result = by_id.get(node_id)
        if result is None or result.outcome not in (Outcome.FAILED, Outcome.ERROR):
            return ()
        known = quickest.setdefault(node_id.split("[", 1)[0], node_id)
        if result.seconds < by_id[known].seconds:
            quickest[node_id.split("[", 1)[0]] = node_id
    chosen = tuple(quickest.values())
    fits = sum(by_id[node_id].seconds for node_id in chosen) <= SECONDS
    return chosen if 1 < len(chosen) <= MOST and fits else ()
