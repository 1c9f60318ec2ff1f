"""What a question card says, in words. Pure."""

from __future__ import annotations

from core.types import DECIDE, OTHER, Option, Question, QuestionSource
from ui.words import counted, tr


def heading(question: Question, waiting: int) -> str:
    """The line above the question."""
    if waiting:
        return tr("Question {n}", n=question.id) + ", " + counted(waiting, "{n} more", "{n} more")
    return tr("Question {n}", n=question.id)


def is_code(question: Question) -> bool:
    """Whether the options are values, and so are set as code."""
    return question.example is not None and any(option.expected for option in question.options)


def spoken(place: int, option: Option) -> str:
    """An option for a screen reader; the first is the one recommended."""
    words = tr("{n}: {label}. {consequence}", n=place, label=option.label, consequence=option.consequence)
    return f"{words} {tr('Recommended.')}" if place == 1 else words


def answer_line(question: Question, choice: int, text: str) -> str:
    """What was answered."""
    if choice == DECIDE:
        return tr("Left to Greenbar: {label}", label=question.options[0].label)
    if choice == OTHER:
        return text
    return question.options[choice - 1].label


def placeholder(question: Question) -> str:
    """What to write where no option fits."""
    if question.source is QuestionSource.DISAGREEMENT and question.example is not None:
        return tr(
            "What {call} should give, such as 3, 'text' or raises ValueError", call=question.example.call
        )
    return tr("What you want instead")
