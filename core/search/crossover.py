"""Proposer: candidates that fix different tests, put together; needs no model.

Crossover of patches as lists of edits: C. Le Goues, W. Weimer, S. Forrest, "Representations and operators
for improving evolutionary software repair", GECCO 2012, section 3.3. Theirs is blind; ours joins two
candidates only where each fixes what the other does not, which is how two bugs at once are found one by
one.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from itertools import combinations
from typing import Final

from core.edits.merge import merge_edits
from core.search.base import AskModel, Draft, FixTask, Tried, TriedSoFar

MOST_PARENTS: Final = 12
"""Candidates with different gains that are looked at, the best of each kind."""


class CrossoverProposer:
    """Is asked anew whenever a candidate has fixed a test; the search drops what it had before."""

    name = "crossover"
    needs_model = False
    follows = True

    async def propose(
        self, task: FixTask, tried: TriedSoFar, ask: AskModel | None
    ) -> AsyncIterator[Draft]:
        """Yield each pair, those that fix most together first; nothing for a single target."""
        if len(task.targets) < 2:
            return
        for one, other in pairs(tried()):
            edits = merge_edits(task.sources, one.edits, other.edits)
            if edits is not None:
                title = f"join candidates {one.candidate} and {other.candidate}"
                yield Draft(title, edits, parent=one.candidate)


def pairs(entries: tuple[Tried, ...]) -> Iterator[tuple[Tried, Tried]]:
    """Candidates that complement each other, the better one first; ``entries`` are best first."""
    kinds: dict[frozenset[str], Tried] = {}
    for entry in entries:
        gained = _gained(entry)
        if gained and len(kinds) < MOST_PARENTS:
            kinds.setdefault(gained, entry)
    complements = [
        (one, other)
        for (gain, one), (more, other) in combinations(kinds.items(), 2)
        if gain - more and more - gain
    ]
    yield from sorted(complements, key=lambda pair: -len(_gained(pair[0]) | _gained(pair[1])))


def _gained(entry: Tried) -> frozenset[str]:
    evidence = entry.evidence
    return frozenset(evidence.comparison.fixed) if evidence else frozenset()
