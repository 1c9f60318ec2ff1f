"""The second judge: proposed properties, and who among those that pass breaks them. Pure.

The tests have had their say: nobody is here who does not pass them. What the others have in common on
inputs that no test has is told as properties in plain words (L. He et al., "Use property-based testing to
bridge LLM code generation and validation", 2025, section 3: properties need no expected outputs, so they
do not inherit the code's mistakes). A property counts only if

- it holds on every call that the tests make, where it says something of it, or, where it is about two
  calls, for half of those that pass;
- it is not vacuous: a candidate that the tests refuse, or the code as it is, breaks it;
- not everybody who passes breaks it: then it is the property that is wrong.

Whoever passes and fails on an input that others answer, as today's code does, is told as well, and so is
who changes what today's code gives where most of the others leave it (Y. Xiong et al., "Identifying patch
correctness in test-based program repair", ICSE 2018, section 3: a right patch keeps what was right). None
of it enters a verdict: it is proposed, and only puts those that pass in order.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from core.properties.catalogue import FAIR, STRONG, WEAK, Property, candidates
from core.properties.observed import NO_ANSWER, Arguments, Behaviour, Call

SUPPORT: Final = {STRONG: 2, FAIR: 2, WEAK: 3}
"""On how many calls of the tests a property has to hold, by its weight."""
SUPPORT_BETWEEN: Final = 3
"""On how many pairs of calls, of one candidate."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What speaks against a candidate: a property (or its own failing) and the smallest input that shows
    it, with what it gave."""

    sentence: str
    weight: int
    arguments: Arguments
    given: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """``properties`` are those that count; ``faults`` is empty for a candidate that breaks none."""

    properties: tuple[Property, ...] = ()
    faults: Mapping[int, tuple[Fault, ...]] | None = None

    def against(self, candidate: int) -> tuple[Fault, ...]:
        return (self.faults or {}).get(candidate, ())

    def weight(self, candidate: int) -> int:
        """How much speaks against a candidate; 0: nothing."""
        return sum(fault.weight for fault in self.against(candidate))


def judge(
    inputs: Sequence[Arguments],
    tested: Collection[int],
    passing: Mapping[int, Sequence[str]],
    wrong: Sequence[Sequence[str]],
    today: Sequence[str],
) -> Judgement:
    """Judge those that pass by what they gave for ``inputs``; the tests make those at ``tested``.

    ``wrong`` are the answers of candidates that the tests refuse, ``today`` those of the code as it is.
    """
    behaviours = {candidate: Behaviour(inputs, answers) for candidate, answers in passing.items()}
    mutants = [Behaviour(inputs, answers) for answers in (*wrong, today)]
    now = Behaviour(inputs, today)
    if len(behaviours) < 2:
        return Judgement()
    found: list[Property] = []
    faults: dict[int, list[Fault]] = {candidate: [] for candidate in behaviours}
    examples = _examples(tested, behaviours)
    for one in candidates(examples):
        if not _is_valid(one, examples, behaviours):
            continue
        broken = {c: fault for c, b in behaviours.items() if (fault := _broken(one, b)) is not None}
        if len(broken) == len(behaviours) or not any(_broken(one, m) for m in mutants):
            continue
        found.append(one)
        for candidate, fault in broken.items():
            faults[candidate].append(fault)
    for candidate, behaviour in behaviours.items():
        others = [b for c, b in behaviours.items() if c != candidate]
        faults[candidate] += _failures(behaviour, others, now)
        faults[candidate] += _changes(behaviour, others, now)
    return Judgement(tuple(found), {c: tuple(told) for c, told in faults.items()})


def _examples(tested: Collection[int], behaviours: Mapping[int, Behaviour]) -> list[Call]:
    """The calls of the tests with what they give, where all that pass agree on it."""
    found = []
    for place in sorted(tested):
        calls = [b.calls[place] for b in behaviours.values() if place in b.calls]
        if len(calls) == len(behaviours) and len({call.words for call in calls}) == 1:
            found.append(calls[0])
    return found


def _is_valid(one: Property, examples: list[Call], behaviours: Mapping[int, Behaviour]) -> bool:
    """Whether a property holds on what the tests show, and that is enough of it."""
    alone = Behaviour([call.arguments for call in examples], [])
    if not one.between:
        shown = [one.check(call, alone) for call in examples if not call.error]
        return False not in shown and shown.count(True) >= SUPPORT[one.weight]
    holding = 0
    for behaviour in behaviours.values():
        shown = [one.check(call, behaviour) for call in behaviour.calls.values() if not call.error]
        holding += False not in shown and shown.count(True) >= SUPPORT_BETWEEN
    return 2 * holding >= len(behaviours) and holding >= 1


def _broken(one: Property, behaviour: Behaviour) -> Fault | None:
    """The smallest input on which a property does not hold."""
    bad = [
        call
        for call in behaviour.calls.values()
        if not call.error and one.check(call, behaviour) is False
    ]
    if not bad:
        return None
    call = _smallest(bad)
    return Fault(one.sentence, one.weight, call.arguments, call.words)


def _failures(behaviour: Behaviour, others: Sequence[Behaviour], today: Behaviour) -> list[Fault]:
    """Inputs for which it has no answer, and most of the others and today's code have one; or, where it
    never comes to an end, most of the others alone."""
    bad = []
    for place, call in behaviour.calls.items():
        if not call.error:
            continue
        answered = [b for b in others if place in b.calls and not b.calls[place].error]
        was = today.calls.get(place)
        had = was is not None and not was.error
        if 2 * len(answered) > len(others) and (had or call.error == NO_ANSWER):
            bad.append(call)
    if not bad:
        return []
    call = _smallest(bad)
    what = "It does not come to an end" if call.error == NO_ANSWER else "It fails"
    return [Fault(f"{what} where others answer.", STRONG, call.arguments, call.words)]


def _changes(behaviour: Behaviour, others: Sequence[Behaviour], today: Behaviour) -> list[Fault]:
    """Inputs for which it gives another value than today's code, though most of the others that pass show
    that a fix need not."""
    bad = []
    for place, call in behaviour.calls.items():
        was = today.calls.get(place)
        if was is None or was.error or call.error or call.words == was.words:
            continue
        kept = sum(place in b.calls and b.calls[place].words == was.words for b in others)
        if 2 * kept > len(others):
            bad.append(call)
    if not bad:
        return []
    call = _smallest(bad)
    return [Fault("It changes what others leave as it is.", WEAK, call.arguments, call.words)]


def _smallest(calls: Sequence[Call]) -> Call:
    return min(calls, key=lambda call: (len(repr(call.arguments)), repr(call.arguments)))
