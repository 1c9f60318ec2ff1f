"""Questions to the user: what is asked, of which input, what could be meant, and what follows from it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from core.types.names import NodeId, RelPath

MOST_OPTIONS: Final = 5
OTHER: Final = 0
"""The choice of an answer that is in the user's own words."""
DECIDE: Final = -1
"""The choice of an answer that leaves it to Greenbar."""


class QuestionSource(StrEnum):
    """What gave rise to a question."""

    DISAGREEMENT = "fixes that pass differ"
    READINGS = "the request can be read in more than one way"
    TEST_IN_DOUBT = "a failing test seems wrong"
    UNCERTAINTY = "the model wavered"


@dataclass(frozen=True, slots=True)
class Example:
    """A call with literal arguments, and the file that has its function.

    ``call`` is Python as a test would write it (``slugify('a b')``); ``module`` is what the function is
    imported from, so that a test can be written of it; empty where that is not known.
    """

    call: str
    path: RelPath = ""
    module: str = ""


@dataclass(frozen=True, slots=True)
class Option:
    """One possible answer.

    ``label`` says it in a few words, ``consequence`` what follows in one sentence. ``expected`` is the
    value that the example then has to give, as Python, or ``raises ValueError``; empty where the answer
    is about no value. ``candidates`` do just that already; ``tests`` are those that it concerns.
    """

    label: str
    consequence: str = ""
    expected: str = ""
    candidates: tuple[int, ...] = ()
    tests: tuple[NodeId, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """A question that stands alone. Its first option is the one recommended, and what is taken meanwhile.

    ``text`` is one sentence; ``why`` says why it matters; ``looked_up`` where an answer was sought in
    vain. ``impact`` is the share, from 0 to 1, of what was compared that the answer changes, and
    ``uncertainty`` the entropy, in bits, of what could be meant; questions come by their product.
    ``id`` counts from 1 within a repository; 0 where the desk has not taken it yet.
    """

    source: QuestionSource
    text: str
    why: str
    options: tuple[Option, ...]
    example: Example | None = None
    looked_up: tuple[str, ...] = ()
    impact: float = 1.0
    uncertainty: float = 1.0
    id: int = 0

    @property
    def weight(self) -> float:
        """By which questions are put in order, the greatest first."""
        return self.impact * self.uncertainty
