"""How long candidates may run: little at first, more where nothing else speaks against them. Pure.

Most mutants that fail to end never would, and each costs its whole time limit. So candidates that come
by the hundred get a short first limit, in seconds of the processor, which a busy machine does not
stretch. One that reaches it is put aside and tried again with four times as much, until it has had what
every test gets; the shortest limits first, then the oldest. Such tries may take a fifth of the
verifiers' time while there is something else to do, and all of it afterwards. So no correct patch is
lost to a limit. The scheme is that of iterative deepening: R. Korf, "Depth-first iterative-deepening",
Artificial Intelligence 27 (1985).
"""

from __future__ import annotations

import heapq
from typing import Final

from core.types import Candidate, Evidence, Outcome

SHARE: Final = 0.2
GROWTH: Final = 4.0
DEAR_TOKENS: Final = 100
"""A candidate for which a model wrote this much has cost more than any test does."""


class Patience:
    """Candidates of one search that were cut short, and the time that further tries have taken."""

    def __init__(self, first: float, most: float) -> None:
        """``first`` is the first limit, 0.0 for none; from ``most`` on there is no limit."""
        self._first = first
        self._most = most
        self._seconds = 0.0
        self._again = 0.0
        self._waiting: list[tuple[float, int, Candidate]] = []

    def limit(self, candidate: Candidate) -> float:
        """Seconds of the processor for a candidate's first try; 0.0: no limit of this kind."""
        return 0.0 if candidate.tokens.completion >= DEAR_TOKENS else self._first

    def note(self, candidate: Candidate, evidence: Evidence, limit: float) -> None:
        """Record a try that was held to ``limit``; one that was cut short comes again."""
        self._seconds += evidence.seconds
        if limit != self.limit(candidate):
            self._again += evidence.seconds
        if not limit or not cut_short(evidence):
            return
        heapq.heappush(self._waiting, (GROWTH * limit, candidate.id, candidate))

    def next(self, *, idle: bool) -> tuple[Candidate, float] | None:
        """A candidate to try again, with its limit; with ``idle`` there is nothing else to verify."""
        if not self._waiting or not (idle or self._again < SHARE * self._seconds):
            return None
        limit, _, candidate = heapq.heappop(self._waiting)
        return candidate, limit if limit < self._most else 0.0


def cut_short(evidence: Evidence) -> bool:
    """Whether nothing but time speaks against a candidate that was held to a first limit."""
    return evidence.failure is not None and evidence.failure.outcome is Outcome.TIMEOUT
