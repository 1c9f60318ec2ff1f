"""Watches an answer while it is written and says when going on is of no use. Pure.

Repetition of lines, of tokens and of syntactic structure is found as in Y. Dong et al., "Rethinking
repetition problems of LLMs in code generation" (RPG), 2025, section 3, with one difference: they lower
the chance of the next token, which needs the decoder; we stop, which every server allows. What an edit
may still become is :mod:`core.edits.viable`.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

_SAME_PERIOD: Final = 80
"""Lines: a whole function may come again and again."""
_ALIKE_PERIOD: Final = 12
_TOKEN_PERIOD: Final = 24
_LONG_LINE: Final = 240
"""Characters of a line without its end, from which its tokens are looked at."""
_STEP: Final = 80
_TOKEN: Final = re.compile(r"\w+|[^\w\s]")
_TEXT: Final = re.compile(r"\"[^\"\n]*\"|'[^'\n]*'")
_NAME: Final = re.compile(r"\b[A-Za-z_]\w*\b")
_NUMBER: Final = re.compile(r"\b\d[\w.]*")
_KEYWORDS: Final = frozenset(
    [*keyword.kwlist, "func", "function", "const", "let", "var", "case", "switch", "fn", "match"]
)


class StopReason(StrEnum):
    """Why an answer was ended before the model ended it."""

    REPEATS = "repeats itself"
    HOPELESS = "cannot become an edit any more"
    COMPLETE = "was complete"


@dataclass(frozen=True, slots=True)
class StopSign:
    """``detail`` says what was seen, as a sentence."""

    reason: StopReason
    detail: str


class StreamGuard(Protocol):
    """Fed an answer's pieces in order."""

    def feed(self, piece: str) -> StopSign | None:
        """A sign to stop here, or ``None`` while the answer may go on."""


@dataclass(frozen=True, slots=True)
class _Bound:
    """A cycle is a repetition from ``times`` rounds and ``length`` elements on."""

    times: int
    length: int


_SAME: Final = _Bound(5, 12)
"""Lines that are equal to the letter."""
_ALIKE: Final = _Bound(16, 40)
"""Lines of equal structure: tables and chains of conditions have many of them by right."""
_TOKENS: Final = _Bound(12, 160)


class RepetitionGuard:
    """Stops an answer that goes in circles.

    ``known`` is text that the answer may contain by right, such as the function to be rewritten: what
    repeats there may repeat in the answer half as often again, before the bounds begin to count.
    """

    def __init__(self, known: str = "") -> None:
        known_lines = known.split("\n")
        self._same_room = _longest(known_lines, _SAME_PERIOD)
        self._alike_room = _longest([_shape(line) for line in known_lines], _ALIKE_PERIOD)
        self._token_room = max(
            (_longest(_TOKEN.findall(line), _TOKEN_PERIOD) for line in known_lines if len(line) > _STEP),
            default=0,
        )
        self._lines: list[str] = []
        self._shapes: list[str] = []
        self._open = ""
        self._looked_at = 0

    def feed(self, piece: str) -> StopSign | None:
        """Look at each line once it is whole, and at one that does not end every few words."""
        self._open += piece
        while "\n" in self._open:
            line, _, self._open = self._open.partition("\n")
            self._looked_at = 0
            self._lines.append(line.rstrip())
            self._shapes.append(_shape(line))
            if sign := self._look_at_lines():
                return sign
        if len(self._open) > max(_LONG_LINE, self._looked_at + _STEP):
            self._looked_at = len(self._open)
            tokens = _TOKEN.findall(self._open)
            if _repeats(tokens, _TOKEN_PERIOD, _TOKENS, self._token_room):
                return StopSign(StopReason.REPEATS, "One line repeats the same words.")
        return None

    def _look_at_lines(self) -> StopSign | None:
        if _repeats(self._lines, _SAME_PERIOD, _SAME, self._same_room):
            return StopSign(StopReason.REPEATS, "The same lines come again and again.")
        if _repeats(self._shapes, _ALIKE_PERIOD, _ALIKE, self._alike_room):
            return StopSign(StopReason.REPEATS, "Lines of the same structure come again and again.")
        return None


def _repeats(items: Sequence[Hashable], longest: int, bound: _Bound, room: int) -> bool:
    """Whether ``items`` end in a cycle beyond ``bound`` and beyond the ``room`` that is known."""
    for period in range(1, min(longest, len(items) // bound.times) + 1):
        times = _rounds(items, period)
        length = times * period
        if times >= bound.times and length >= bound.length + room * 3 // 2:
            return True
    return False


def _rounds(items: Sequence[Hashable], period: int) -> int:
    """How many times the last ``period`` items stand at the end, one after the other."""
    last = items[-period:]
    times, end = 0, len(items)
    while end >= period and items[end - period : end] == last:
        times, end = times + 1, end - period
    return times


def _longest(items: Sequence[Hashable], longest: int) -> int:
    """The length of the longest cycle of at least two rounds anywhere in ``items``."""
    best = 0
    for period in range(1, longest + 1):
        run = 0
        for index in range(period, len(items)):
            run = run + 1 if items[index] == items[index - period] else 0
            if run >= period:
                best = max(best, run + period)
    return best


def _shape(line: str) -> str:
    """A line with its names, numbers and texts made equal; indentation stays."""
    indent = line[: len(line) - len(line.lstrip())]
    body = _TEXT.sub("'", line.strip())
    body = _NUMBER.sub("0", body)
    body = _NAME.sub(lambda found: found[0] if found[0] in _KEYWORDS else "a", body)
    return indent + body
