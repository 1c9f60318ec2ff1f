"""Spectrum-based suspicion: which lines failing tests execute and passing ones do not. Pure.

Source: R. Abreu, P. Zoeteweij, A. J. C. van Gemund, "On the accuracy of spectrum-based fault
localization", TAIC PART 2007, section 2.3 (the Ochiai coefficient).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from math import sqrt
from typing import TypeAlias

from core.testing.base import Coverage
from core.types import NodeId, RelPath

Place: TypeAlias = tuple[RelPath, int]
"""A path and a line from 1."""


@dataclass(frozen=True, slots=True)
class Spectrum:
    """How one line was executed: Ochiai coefficient in 0..1, and counts of tests."""

    ochiai: float
    failing: int
    passing: int


def ochiai(
    coverage: Coverage, failing: Collection[NodeId], passing: Collection[NodeId]
) -> dict[Place, Spectrum]:
    """Score every line that a failing test executed; tests without coverage do not count."""
    hit_failing: Counter[Place] = Counter()
    hit_passing: Counter[Place] = Counter()
    for tests, hits in ((set(failing), hit_failing), (set(passing) - set(failing), hit_passing)):
        for test in tests:
            for path, lines in coverage.get(test, {}).items():
                hits.update((path, line) for line in lines)
    traced = sum(1 for test in set(failing) if coverage.get(test)) or 1
    return {
        place: Spectrum(count / sqrt(traced * (count + hit_passing[place])), count, hit_passing[place])
        for place, count in hit_failing.items()
    }
