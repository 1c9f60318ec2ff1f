"""The input on which fixes that pass differ most, as a question. Pure.

Fixes that pass all visible tests and give different values for one input show that the tests leave open
what is meant; what they give are the options. That disagreement between sampled programs tells when to
ask is ClarifyGPT's (F. Mu et al., "ClarifyGPT: a framework for enhancing LLM-based code generation via
requirements clarification", FSE 2024, section 3.2); that the example which divides them most is asked
first, and what the answer leaves is ranked anew, is ConAIR's (consistency-augmented iterative
interaction). Two measures put inputs in order, by their product:

- *uncertainty*: the entropy, in bits, of the groups of fixes that give the same value for the input;
- *impact*: how much of the behaviour the answer changes: over the groups, each as likely as it is large,
  the mean share of all inputs tried on which the best fix of the group differs from the best of all.

Of inputs that come out the same the one with the shortest call is asked: it is the easiest to judge.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log2
from typing import Final

from core.search.select.asked import RAISES, Asked, is_same
from core.types import MOST_OPTIONS, Example, Option, Question, QuestionSource

LONGEST_CALL: Final = 160
LONGEST_VALUE: Final = 120
"""Characters of what a user can judge at a glance; longer ones are not asked about."""

_ACCIDENTS: Final = frozenset(
    {
        "AssertionError",
        "AttributeError",
        "MemoryError",
        "NameError",
        "RecursionError",
        "SystemError",
        "TypeError",
        "UnboundLocalError",
    }
)
"""What no fix means to raise for an input of its own kind: a fix that does so has no vote there."""


@dataclass(frozen=True, slots=True)
class Division:
    """The fixes by what they give for one input; groups and fixes are in the order of their ranks."""

    place: int
    groups: Mapping[str, tuple[int, ...]]
    impact: float
    uncertainty: float

    @property
    def weight(self) -> float:
        return self.impact * self.uncertainty


def divisions(asked: Asked, order: Sequence[int]) -> tuple[Division, ...]:
    """Inputs that divide those of ``order``, the best first, in at least two groups; the weightiest
    first."""
    fixes = [candidate for candidate in order if candidate in asked.answers]
    if len(fixes) < 2:
        return ()
    apart = {candidate: _apart(asked, fixes[0], candidate) for candidate in fixes}
    found = []
    for place in range(len(asked.inputs)):
        groups = _groups(asked, fixes, place)
        if len(groups) < 2 or all(value.startswith(RAISES) for value in groups):
            continue
        if len(asked.call_of(place)) > LONGEST_CALL or any(len(v) > LONGEST_VALUE for v in groups):
            continue
        voices = sum(map(len, groups.values()))
        shares = [len(group) / voices for group in groups.values()]
        impact = sum(
            share * apart[group[0]] for share, group in zip(shares, groups.values(), strict=True)
        )
        entropy = -sum(share * log2(share) for share in shares)
        found.append(Division(place, groups, impact, entropy))
    return tuple(sorted(found, key=lambda one: (-round(one.weight, 6), len(asked.call_of(one.place)))))


def question_of(
    asked: Asked, division: Division, order: Sequence[int], looked_up: Sequence[str] = ()
) -> Question:
    """The question that a division asks; the best fix's value is the option recommended."""
    assert asked.function is not None, "somebody was asked"
    call = asked.call_of(division.place)
    groups = list(division.groups.items())[:MOST_OPTIONS]
    fixes = [candidate for candidate in order if candidate in asked.answers]
    today = asked.value_today(division.place)
    differ = sum(
        len({asked.value(fix, place) for fix in fixes}) > 1 for place in range(len(asked.inputs))
    )
    module = asked.imported.split()[1] if asked.imported.startswith("from ") else asked.function.path
    return Question(
        QuestionSource.DISAGREEMENT,
        f"What should {call} give?",
        f"{len(fixes)} fixes pass every test and give different values here, as they do for {differ} of "
        f"{len(asked.inputs)} inputs that were tried; the answer decides which of them you get.",
        tuple(
            Option(
                label_of(value),
                _consequence(group, len(fixes), fixes[0], as_today=bool(today) and is_same(value, today)),
                value,
                group,
            )
            for value, group in groups
        ),
        Example(call, asked.function.path, module.lstrip(".") or asked.function.path),
        tuple(looked_up),
        division.impact,
        division.uncertainty,
    )


def label_of(value: str) -> str:
    """A value as an option says it."""
    return f"It {value}" if value.startswith(RAISES) else value


def _groups(asked: Asked, fixes: Sequence[int], place: int) -> dict[str, tuple[int, ...]]:
    found: dict[str, list[int]] = {}
    for candidate in fixes:
        value = asked.value(candidate, place)
        if not value or value.removeprefix(RAISES) in _ACCIDENTS:
            continue
        same = next((known for known in found if is_same(known, value)), value)
        found.setdefault(same, []).append(candidate)
    return {value: tuple(group) for value, group in found.items()}


def _apart(asked: Asked, one: int, other: int) -> float:
    """The share of the inputs on which two fixes differ."""
    pairs = list(zip(asked.answers[one], asked.answers[other], strict=True))
    return sum(left != right for left, right in pairs) / len(pairs)


def _consequence(group: Sequence[int], among: int, best: int, *, as_today: bool) -> str:
    number = len(group)
    who = f"{number} of the {among} fixes {'does' if number == 1 else 'do'} this"
    who += ", the best so far among them" if best in group and number > 1 else ""
    who += ": the best so far" if best in group and number == 1 else ""
    return f"{who}, and so does the code today." if as_today else f"{who}."
