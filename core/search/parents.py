"""What a round of refinement starts from: a candidate that helped, or the source as it is.

The failing set is the measure, never a model's words: an edit that makes no further test pass is not
built upon. So going back is the rule and going on is what must be earned (Y. Prasad et al., "Learning to
generate unit tests for automated debugging", COLM 2025, UTDebug: validation and back-tracking of edits).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from core.search.base import Draft, FixTask, Tried, TriedSoFar
from core.types import Evidence, RelPath, TestResult

_LOOK_SECONDS: Final = 0.05


@dataclass(frozen=True, slots=True)
class Parent:
    """``sources`` are whole texts with ``edits`` made, ``failures`` what is red with them, and
    ``candidate`` whose edits they are; ``None``: the source as it is."""

    sources: Mapping[RelPath, str]
    edits: Mapping[RelPath, str]
    failures: Sequence[TestResult]
    candidate: int | None = None

    def extend(self, draft: Draft) -> Draft:
        """A draft against these texts as one against the source."""
        return replace(draft, edits={**self.edits, **draft.edits}, parent=self.candidate)


def best_parent(task: FixTask, tried: TriedSoFar) -> Parent:
    """The best candidate where it turned tests green and broke none, else the source as it is."""
    for entry in tried()[:1]:
        if entry.evidence and entry.evidence.failure and improves(entry.evidence):
            texts = {**task.sources, **entry.edits}
            return Parent(texts, entry.edits, (entry.evidence.failure,), entry.candidate)
    return Parent(task.sources, {}, task.failures)


def improves(evidence: Evidence) -> bool:
    """Whether a candidate is worth building upon."""
    comparison = evidence.comparison
    return bool(comparison.fixed) and not comparison.broken and not comparison.reasons


async def outcome_of(draft: Draft, tried: TriedSoFar, seconds: float) -> Tried | None:
    """What verifying a draft that was handed over showed; the first time that somebody tried the same
    text counts. ``None`` where nothing came of it within ``seconds``."""
    until = time.monotonic() + seconds
    while True:
        for entry in tried():
            # Where a candidate is worked on, its own edits stand beside the draft's.
            if all(entry.edits.get(path) == text for path, text in draft.edits.items()):
                return entry
        if time.monotonic() > until:
            return None
        await asyncio.sleep(_LOOK_SECONDS)
