"""Which candidate is the best; pure."""

from __future__ import annotations

from core.repo.patch import count_lines
from core.types import Evidence, Patch, Rung, Verdict

_ORDER = {
    Verdict.WORSE: 0,
    Verdict.SUSPICIOUS: 1,
    Verdict.UNCHANGED: 2,
    Verdict.IMPROVED: 3,
    Verdict.GREEN: 4,
}


def passes(evidence: Evidence) -> bool:
    """Whether a candidate is a fix: green on the whole suite."""
    return evidence.comparison.verdict is Verdict.GREEN and evidence.rung is Rung.SUITE


def merit(evidence: Evidence, patch: Patch) -> tuple[int, int, int, int]:
    """A sort key, higher is better: verdict, tests fixed, tests not broken, smallness.

    Among green candidates the smallest change wins: the less a patch does, the less it can have
    overfitted (Qi et al., ISSTA 2015, on plausible and correct patches).
    """
    comparison = evidence.comparison
    verdict = comparison.verdict
    if verdict is Verdict.GREEN and not passes(evidence):
        verdict = Verdict.IMPROVED
    return (
        _ORDER[verdict],
        len(comparison.fixed),
        -len(comparison.broken) - len(comparison.reasons),
        -sum(count_lines(patch)),
    )
