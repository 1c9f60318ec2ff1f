"""What the second judge found, in sentences for the user. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from core.properties.judging import Fault, Judgement

MOST_TOLD: Final = 3
_LONGEST: Final = 60


def told(judgement: Judgement, function: str, among: Sequence[int]) -> tuple[str, ...]:
    """The checks that tell those that pass apart, the weightiest first; ``among`` has the best of them
    first. What the best itself breaks comes before everything else."""
    best, others = among[0], among[1:]
    own = [
        _of_best(fault, function, _keep(judgement, fault, others)) for fault in judgement.against(best)
    ]
    return tuple([*own, *_of_others(judgement, function, others, best)][:MOST_TOLD])


def _of_best(fault: Fault, function: str, keeping: int) -> str:
    kept = f"; {keeping} of the others keep to it" if keeping else ""
    return f"{fault.sentence} Not so {_shown(fault, function)}{kept}."


def _of_others(judgement: Judgement, function: str, others: Sequence[int], best: int) -> Iterator[str]:
    own = {fault.sentence for fault in judgement.against(best)}
    seen: dict[str, list[Fault]] = {}
    for candidate in others:
        for fault in judgement.against(candidate):
            if fault.sentence not in own:
                seen.setdefault(fault.sentence, []).append(fault)
    for sentence, faults in sorted(seen.items(), key=lambda item: -item[1][0].weight):
        number = f"{len(faults)} of the others that pass {'breaks' if len(faults) == 1 else 'break'} it"
        yield f"{sentence} {number}: {_shown(faults[0], function)}."


def _keep(judgement: Judgement, fault: Fault, others: Sequence[int]) -> int:
    return sum(fault.sentence not in {f.sentence for f in judgement.against(c)} for c in others)


def _shown(fault: Fault, function: str) -> str:
    call = f"{function}({', '.join(map(repr, fault.arguments))})"
    verb = "has" if fault.given == "no answer" else "" if fault.given.startswith("raises ") else "gives"
    return " ".join(part for part in (_short(call), verb, _short(fault.given)) if part)


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
