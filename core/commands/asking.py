"""Answers to questions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class AnswerQuestion:
    """``choice`` counts the options from 1, or is ``OTHER`` with a ``text``, or ``DECIDE``; answered by
    ``QuestionAnswered`` or ``AnswerRefused``."""

    question: int
    choice: int
    text: str = ""


@dataclass(frozen=True, slots=True)
class TakeBackAnswer:
    """Make an earlier answer count no longer; answered by ``AnswerTakenBack``."""

    question: int


Command: TypeAlias = AnswerQuestion | TakeBackAnswer
