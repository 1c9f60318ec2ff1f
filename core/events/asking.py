"""Questions and their answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from core.types import FixResult, Question


@dataclass(frozen=True, slots=True)
class QuestionAsked:
    """Work goes on with the first option meanwhile. ``waiting`` others come after this one, as things
    stand. Told again, with the same number, where a repository with an open question is opened."""

    question: Question
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class QuestionAnswered:
    """``choice`` counts options from 1, or is ``OTHER`` or ``DECIDE`` of :mod:`core.types.questions`;
    ``text`` is what the user wrote; ``sentence`` says what follows. ``request`` is a change to ask for
    where nothing that was tried does what was answered; empty elsewhere."""

    question: int
    choice: int
    text: str = ""
    sentence: str = ""
    request: str = ""


@dataclass(frozen=True, slots=True)
class QuestionWithdrawn:
    """It need not be answered any more; ``reason`` is a sentence."""

    question: int
    reason: str


@dataclass(frozen=True, slots=True)
class AnswerRefused:
    """An answer that cannot be taken, and why; the question stays. ``conflict`` is the earlier question
    whose answer rules this one out, which can be taken back; 0 where there is none."""

    question: int
    sentence: str
    conflict: int = 0


@dataclass(frozen=True, slots=True)
class AnswerTakenBack:
    """An earlier answer no longer counts."""

    question: int


@dataclass(frozen=True, slots=True)
class Reranked:
    """The result of the last fix as an answer has it: another candidate may be the best."""

    result: FixResult


Body: TypeAlias = (
    QuestionAsked | QuestionAnswered | QuestionWithdrawn | AnswerRefused | AnswerTakenBack | Reranked
)
