"""The questions of the task at hand, as a projection of the events. Imports no Qt."""

from __future__ import annotations

from core import events as ev
from core.types import Question
from ui.coalesce import Shown


class QuestionsState:
    """``current`` is what is asked now; ``waiting`` others come after it."""

    def __init__(self) -> None:
        self.current: Question | None = None
        self.waiting = 0

    def apply(self, body: Shown) -> None:
        """Take one event in."""
        match body:
            case ev.RepositoryOpened():
                self.current, self.waiting = None, 0
            case ev.QuestionAsked(question, waiting):
                self.current, self.waiting = question, waiting
            case ev.QuestionAnswered(question=number) | ev.QuestionWithdrawn(question=number):
                if self.current is not None and self.current.id == number:
                    self.current, self.waiting = None, 0
            case _:
                pass
