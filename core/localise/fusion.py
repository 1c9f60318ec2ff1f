"""Merges rankings by different kinds of evidence into one. Pure.

Source: G. V. Cormack, C. L. A. Clarke, S. Buettcher, "Reciprocal rank fusion outperforms Condorcet and
individual rank learning methods", SIGIR 2009, section 2: a ranking gives ``1 / (k + rank)``. Ranks can
be merged where scores cannot: a D* of 7 and a distance of 2 on a traceback have no common unit. Two
things differ from the paper. Equal scores share the middle of their ranks, so that a ranking which cannot
tell two hundred lines apart says little about each. And rankings have weights, as not all evidence is
equally good.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Generic, TypeVar

Item = TypeVar("Item", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Ranking(Generic[Item]):
    """One kind of evidence: what it knows of has a score, higher is more suspicious; what has none, or
    0, it says nothing about."""

    weight: float
    scores: Mapping[Item, float]


def middle_ranks(scores: Mapping[Item, float]) -> dict[Item, float]:
    """Ranks from 1 by falling score; equal scores share the mean of their ranks."""
    ranks: dict[Item, float] = {}
    above = 0
    ordered = sorted((item for item in scores if scores[item] > 0), key=lambda item: -scores[item])
    for _, group in groupby(ordered, key=lambda item: scores[item]):
        equal = list(group)
        ranks.update(dict.fromkeys(equal, above + (1 + len(equal)) / 2))
        above += len(equal)
    return ranks


def fuse(rankings: Iterable[Ranking[Item]], k: float) -> dict[Item, float]:
    """Each item's fused score. A small ``k`` lets the first ranks count for much more than the next."""
    fused: dict[Item, float] = {}
    for ranking in rankings:
        for item, rank in middle_ranks(ranking.scores).items():
            fused[item] = fused.get(item, 0.0) + ranking.weight / (k + rank)
    return fused
