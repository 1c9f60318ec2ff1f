"""What a bench reads off a session's events, where its results do not say it."""

from __future__ import annotations

from collections.abc import Iterable

from core.bench.values import Lines
from core.events import (
    Event,
    FixFinished,
    QuestionAsked,
    Reranked,
    SandboxReady,
    SuspectsRanked,
)
from core.types import FixResult, Suspect


class Watch:
    """Feed it every event of one fix."""

    def __init__(self, truth: Lines) -> None:
        self._truth = truth
        self.rank: int | None = None
        """Of the fault in the first list of suspects; see :func:`rank_of_truth`."""
        self.sandbox = ""
        self.found: FixResult | None = None
        """How the fix ended, also where an error ended it, as the last answer has it."""
        self.questions = 0
        """How many the user was asked."""
        self._ranked = False

    def __call__(self, event: Event) -> None:
        match event.body:
            case SuspectsRanked(suspects=suspects) if not self._ranked:
                self._ranked = True
                self.rank = rank_of_truth(suspects, self._truth)
            case FixFinished(result=result) | Reranked(result=result):
                self.found = result
            case QuestionAsked():
                self.questions += 1
            case SandboxReady(kind=kind):
                self.sandbox = kind.value
            case _:
                pass


def rank_of_truth(suspects: Iterable[Suspect], truth: Lines) -> int | None:
    """The place (from 1) of the first suspect statement with a true line; ``None`` where none has."""
    for place, suspect in enumerate(suspects, 1):
        last = max(suspect.line, suspect.last)
        if any(suspect.line <= line <= last for line in truth.get(suspect.path, ())):
            return place
    return None
