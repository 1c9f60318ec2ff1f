"""Where readings of a request differ: the same calls, answered several times, and compared. Pure.

F. Mu et al., "ClarifyGPT", FSE 2024, section 3: a request is ambiguous where programs sampled for it
differ in what they give on the same inputs. A small model is asked for these outputs straight away, which
takes a tenth of a program's tokens. A reading counts only where it came up twice: one slip is none.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from core.types import Example, Option, Question, QuestionSource, RelPath

MOST_CALLS: Final = 4
SAMPLES: Final = 4
ENOUGH: Final = 2
"""Samples after which nothing more is asked where all agree."""
LEAST_VOTES: Final = 2


@dataclass(frozen=True, slots=True)
class Divided:
    """A call, and what readings say that it gives, with their numbers; most said first."""

    call: str
    votes: tuple[tuple[str, int], ...]

    @property
    def entropy(self) -> float:
        """Of the votes, in bits."""
        total = sum(number for _, number in self.votes)
        return -sum(n / total * math.log2(n / total) for _, n in self.votes)


def agree(readings: Sequence[Mapping[str, str]]) -> bool:
    """Whether no call has two outcomes."""
    return all(len(votes) == 1 for votes in _votes(readings).values())


def divided(readings: Sequence[Mapping[str, str]]) -> tuple[Divided, ...]:
    """The calls on which readings differ more than by a slip, the most even split first, then the
    shortest."""
    found = []
    for call, votes in _votes(readings).items():
        real = tuple((value, n) for value, n in votes.most_common() if n >= LEAST_VOTES)
        if len(real) > 1:
            found.append(Divided(call, real))
    return tuple(sorted(found, key=lambda one: (-one.entropy, len(one.call))))


def settled(readings: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """By call, what more than half of the readings say that it gives, as in B. Chen et al., "CodeT", ICLR
    2023, section 3.2: agreement of samples tells right outputs from slips. A call that has no such
    outcome is not there."""
    found = {}
    for call, votes in _votes(readings).items():
        value, number = votes.most_common(1)[0]
        if 2 * number > votes.total():
            found[call] = value
    return found


def question_of(
    one: Divided, readings: int, calls: int, path: RelPath, module: str, looked_up: tuple[str, ...] = ()
) -> Question:
    """The question that tells the readings apart. ``calls`` is how many were compared."""
    options = tuple(
        Option(value, f"{number} of {readings} readings say so; a test of it is proposed.", value)
        for value, number in one.votes
    )
    return Question(
        QuestionSource.READINGS,
        f"What should {one.call} give?",
        "The request can be read in more than one way, and the tests would differ.",
        options,
        Example(one.call, path, module),
        looked_up,
        impact=1.0 / max(calls, 1),
        uncertainty=one.entropy,
    )


def _votes(readings: Sequence[Mapping[str, str]]) -> dict[str, Counter[str]]:
    votes: dict[str, Counter[str]] = {}
    for reading in readings:
        for call, value in reading.items():
            votes.setdefault(call, Counter())[value] += 1
    return votes
