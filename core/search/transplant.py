"""Proposer: statements of the same file carried to where they seem to be missing; needs no model.

What mends a program is often in it already: E. T. Barr et al., "The plastic surgery hypothesis" (FSE
2014), find the lines of two fifths of all commits in the file as it was before. Which statement belongs
where is told by its surroundings, as in M. Wen et al., "Context-aware patch generation for better
automated program repair" (CapGen, ICSE 2018), section 3: a run of statements is a likely one where
what stands before it, or behind it, in its own place stands at the suspect place, too, and where the
two functions are about the same names. Only runs whose names mean something at the new place are
carried.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from core.search.base import AskModel, Draft, FixTask, TriedSoFar
from core.search.donors import Donor, Donors, Gap, gaps_of
from core.search.operators.lines import indent_of, shift
from core.search.operators.wording import shown
from core.search.splice import SourceTree, Splice, apply_splices
from core.types import RelPath, Suspect

NEARER: Final = 0.4
"""What the likeness of the neighbour that is more alike is worth, and so on; of 1 together. One that is
the same says much: the other is often what the bug has changed."""
FARTHER: Final = 0.15
FUNCTION: Final = 0.2
OWN: Final = 0.25
"""The share of the run's own words that the function around the place knows."""
LEAST: Final = 0.25
"""Below this a run has nothing to do with the place."""
MOST_PLACES: Final = 60
MOST_AT_A_PLACE: Final = 5
BATCH: Final = 20
"""Places whose runs compete; the first drafts come when so many have been looked at."""


@dataclass(frozen=True, slots=True)
class _Idea:
    score: float
    path: RelPath
    gap: Gap
    donor: Donor


class TransplantProposer:
    """Inserts runs of statements around suspects, those with the likest surroundings first."""

    name = "transplant"
    needs_model = False

    async def propose(
        self, task: FixTask, tried: TriedSoFar, ask: AskModel | None
    ) -> AsyncIterator[Draft]:
        """Yield insertions, the likeliest of each batch of places first."""
        trees = await asyncio.to_thread(_parse, task)
        donors = {path: await asyncio.to_thread(Donors, tree) for path, tree in trees.items()}
        suspects = [s for s in task.suspects if s.path in trees][:MOST_PLACES]
        seen: set[tuple[RelPath, int, str]] = set()
        for start in range(0, len(suspects), BATCH):
            batch = suspects[start : start + BATCH]
            for idea in await asyncio.to_thread(_ideas, batch, trees, donors):
                key = (idea.path, idea.gap.offset, idea.donor.code)
                if key not in seen:
                    seen.add(key)
                    yield _draft(trees[idea.path], idea)


def _parse(task: FixTask) -> dict[RelPath, SourceTree]:
    trees = {}
    for path in dict.fromkeys(suspect.path for suspect in task.suspects):
        if path.endswith(".py") and path in task.sources:
            try:
                trees[path] = SourceTree(task.sources[path])
            except SyntaxError:
                continue
    return trees


def _ideas(
    suspects: Sequence[Suspect], trees: dict[RelPath, SourceTree], donors: dict[RelPath, Donors]
) -> list[_Idea]:
    found = [idea for suspect in suspects for idea in _at(suspect, trees, donors)]
    return sorted(found, key=lambda idea: -idea.score)


def _at(
    suspect: Suspect, trees: dict[RelPath, SourceTree], donors: dict[RelPath, Donors]
) -> Iterator[_Idea]:
    """The likeliest runs before and behind the statement of a suspect line."""
    for gap in gaps_of(trees[suspect.path], suspect.line):
        scored = []
        for donor in donors[suspect.path].fitting(gap):
            sides = sorted(
                (donor.previous.likeness(gap.previous), donor.following.likeness(gap.following))
            )
            likeness = (
                NEARER * sides[1] + FARTHER * sides[0] + FUNCTION * donor.function.likeness(gap.function)
            )
            if likeness >= LEAST:
                scored.append(_Idea(likeness * suspect.score / donor.size**0.5, suspect.path, gap, donor))
        scored.sort(key=lambda idea: -idea.score)
        yield from scored[:MOST_AT_A_PLACE]


def _draft(tree: SourceTree, idea: _Idea) -> Draft:
    text = shift(idea.donor.code, indent_of(tree, idea.donor.first), idea.gap.indent)
    splice = Splice(idea.gap.offset, idea.gap.offset, text)
    where = "after" if idea.gap.is_behind else "before"
    title = f"insert {shown(idea.donor.code)} {where} this line, as on line {idea.donor.first.lineno}"
    return Draft(
        f"{PurePosixPath(idea.path).name}:{idea.gap.line} {title}",
        {idea.path: apply_splices(tree.text, (splice,))},
    )
