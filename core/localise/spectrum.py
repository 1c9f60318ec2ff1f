"""Spectrum-based suspicion: which lines failing tests execute and passing ones do not. Pure.

Sources: R. Abreu, P. Zoeteweij, A. J. C. van Gemund, "On the accuracy of spectrum-based fault
localization", TAIC PART 2007, section 2.3 (the Ochiai coefficient); W. E. Wong, V. Debroy, R. Gao, Y. Li,
"The DStar method for effective software fault localization", IEEE Transactions on Reliability 63(1),
2014, section III (D*, with the exponent 2 that the study settles on); L. Naish, H. J. Lee,
K. Ramamohanarao, "A model for spectra-based software diagnosis", ACM TOSEM 20(3), 2011, section 5 (O^p,
which no other such coefficient beats where there is one fault).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from math import inf, sqrt
from typing import TypeAlias

from core.testing.base import Coverage
from core.types import NodeId, RelPath

Place: TypeAlias = tuple[RelPath, int]
"""A path and a line from 1."""


@dataclass(frozen=True, slots=True)
class Spectrum:
    """How many tests executed one line (or went one way at it), of ``traced`` failing ones in all."""

    failing: int
    passing: int
    traced: int

    @property
    def ochiai(self) -> float:
        """In 0..1; 1 where all failing and no passing tests were there."""
        return self.failing / sqrt(self.traced * (self.failing + self.passing)) if self.failing else 0.0

    @property
    def dstar(self) -> float:
        """From 0 on, without end: infinite where all failing and no passing tests were there."""
        others = self.passing + self.traced - self.failing
        return self.failing**2 / others if others else inf

    @property
    def single(self) -> float:
        """Above all how many failing tests were there, then how few passing ones: a single fault lies
        where all failing tests went. Ranks as O^p does."""
        return self.failing + 1 / (1 + self.passing) if self.failing else 0.0

    def without(self, other: Spectrum) -> Spectrum:
        """Of the tests that were here, those that were not at ``other``, which is reached only from
        here."""
        return Spectrum(
            max(0, self.failing - other.failing), max(0, self.passing - other.passing), self.traced
        )


def spectra(
    coverage: Coverage, failing: Collection[NodeId], passing: Collection[NodeId]
) -> dict[Place, Spectrum]:
    """The spectrum of every line that was executed in files that a failing test executed lines of; tests
    without coverage do not count."""
    red = [files for test in set(failing) if (files := coverage.get(test))]
    green = [coverage.get(test, {}) for test in set(passing) - set(failing)]
    hit_red, hit_green = _count(red), _count(green)
    return {
        (path, line): Spectrum(counts[line], hit_green[path][line], len(red))
        for path, counts in hit_red.items()
        for line in counts.keys() | hit_green[path].keys()
    }


def _count(tests: Iterable[Mapping[RelPath, frozenset[int]]]) -> defaultdict[RelPath, Counter[int]]:
    """By file and line, how many tests executed it. Counting per file keeps the loop in C."""
    hits: defaultdict[RelPath, Counter[int]] = defaultdict(Counter)
    for files in tests:
        for path, lines in files.items():
            hits[path].update(lines)
    return hits
