"""What an answer to a question means: an option, a value, or words; pure.

An answer in the user's own words may be a question itself, or nothing at all; then it is none, and why
is said.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from core.errors import UsageError
from core.parsing import literal
from core.types import DECIDE, OTHER, Option, Question

LONGEST_ANSWER: Final = 2000
"""Characters of an answer in the user's own words."""
RAISES: Final = "raises "

_ASKS: Final = re.compile(
    r"(what|why|which|who|whose|when|where|how|is|are|was|does|do|did|can|could|should|would|will)\b",
    re.I,
)
_LEAD: Final = re.compile(
    r"^(?:it\s+)?(?:should\s+|must\s+|shall\s+|has\s+to\s+|to\s+)?(?:be|give|gives|return|returns|==|=|->)\s*",
    re.I,
)
_RAISES: Final = re.compile(
    r"^(?:it\s+)?(?:should\s+|must\s+)?raises?\s+(?:an?\s+)?([A-Za-z_][\w.]*)$", re.I
)
_ERROR: Final = re.compile(r"^[A-Z]\w*(?:Error|Exception|Warning)$")


@dataclass(frozen=True, slots=True)
class Answer:
    """``choice`` as in :class:`core.commands.AnswerQuestion`; ``expected`` is what the question's example
    then has to give, as in :class:`core.types.Option`, empty where the answer is about no value."""

    question: Question
    choice: int
    text: str = ""
    expected: str = ""

    @property
    def is_of_the_user(self) -> bool:
        """Whether it says what is wanted, and so is a requirement."""
        return self.choice != DECIDE

    @property
    def requirement(self) -> str:
        """What it asks for, as one line."""
        example = self.question.example
        if example is not None and self.expected:
            says = self.expected if self.expected.startswith(RAISES) else f"gives {self.expected}"
            return f"{example.call} {says}"
        option = chosen_option(self.question, self.choice)
        said = self.text if self.choice == OTHER else (option.label if option else "")
        return f"{self.question.text} {said}".strip()


def read_answer(question: Question, choice: int, text: str = "") -> Answer:
    """The answer that a choice makes. Raises UsageError for one that is none, with a sentence why."""
    if choice == DECIDE:
        return Answer(question, choice)
    if choice == OTHER:
        return _in_words(question, text.strip())
    option = chosen_option(question, choice)
    if option is None:
        raise UsageError("answer.option", f"This question has the options 1 to {len(question.options)}.")
    return Answer(question, choice, expected=option.expected)


def chosen_option(question: Question, choice: int) -> Option | None:
    """The option that a choice names, counted from 1."""
    return question.options[choice - 1] if 1 <= choice <= len(question.options) else None


def _in_words(question: Question, text: str) -> Answer:
    call = question.example.call if question.example else ""
    wanted = f"what {call} should give" if call else "what you want"
    if not text:
        raise UsageError("answer.empty", f"The answer is empty. Write {wanted}, or choose an option.")
    if len(text) > LONGEST_ANSWER:
        raise UsageError(
            "answer.long", f"The answer is longer than {LONGEST_ANSWER:,} characters. Write {wanted}."
        )
    expected = expected_value(text, call) if call else ""
    if not expected and (text.endswith("?") or _ASKS.match(text)):
        raise UsageError(
            "answer.question",
            f"That is a question; an answer is needed. Write {wanted}, or press D to leave it open.",
        )
    return Answer(question, OTHER, text, expected)


def expected_value(text: str, call: str = "") -> str:
    """The value that words name (``5``, ``it should be 5``, ``f(2) == 5``, ``raises ValueError``), in its
    one spelling; empty where they name none."""
    text = text.strip().strip("`").strip()
    if call and text.startswith(call):
        text = text[len(call) :].strip()
    if found := _RAISES.match(text):
        return RAISES + found[1].rstrip(".").rpartition(".")[2]
    if _ERROR.match(text):
        return RAISES + text
    bare = _LEAD.sub("", text, count=1)
    for candidate in (bare, bare.rstrip(".")):
        try:
            return repr(literal(candidate))
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            continue
    return ""
