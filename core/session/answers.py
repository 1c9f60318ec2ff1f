"""Whether a model's answers have led anywhere: a projection of events."""

from __future__ import annotations

from core.events import CandidateProposed, Event, FixStarted, ModelAnswered, ModelAsked
from core.types import Role

FEW = 3
"""Answers from which on it is worth a word that none of them was of use."""


class AnswerCount:
    """Of one fix at a time; feed it every event."""

    def __init__(self) -> None:
        self._begin("")

    def _begin(self, model: str) -> None:
        self._model = model
        self._answers = 0
        self._askers: set[str] = set()
        self._came_of_it = False

    def __call__(self, event: Event) -> None:
        match event.body:
            case FixStarted(model=model):
                self._begin(model)
            case ModelAsked(proposer=proposer):
                self._askers.add(proposer)
            case ModelAnswered(cancelled=False, role=Role.PROPOSE):
                self._answers += 1
            case CandidateProposed(proposer=proposer) if proposer in self._askers:
                self._came_of_it = True
            case _:
                pass

    @property
    def complaint(self) -> str:
        """A sentence where several answers were of no use; else empty."""
        if self._came_of_it or self._answers < FEW:
            return ""
        return (
            f"None of the {self._answers} answers of {self._model} led to a candidate; "
            "greenbar models probe measures what a model can do."
        )
