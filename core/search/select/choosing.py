"""Which of the candidates that pass is the best, and by which rule. Pure.

The developers' tests are the hard filter: nobody is here who does not pass them. Among those who do, in
this order: giving what the user has answered that an example has to give; fewer signs of being made for
the tests; breaking less of what the results of the others have in common, by proposed checks; belonging
to the group to be believed, where they were seen to behave differently; leaving less behind; changing
less. The first rule by which anybody fell behind the winner is told.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from core.repo.patch import count_lines
from core.repo.text import TextFile
from core.search.select.clusters import Matrix, believed
from core.search.select.signs import overfit_signs
from core.search.select.size import change_size
from core.search.select.static import static_delta
from core.types import Choice, Patch, RelPath


@dataclass(frozen=True, slots=True)
class Finalist:
    """A candidate that passes, with what speaks for and against it. Sizes are in nodes and lines."""

    candidate: int
    signs: tuple[str, ...] = ()
    static: int = 0
    size: int = 0
    lines: int = 0


@dataclass(frozen=True, slots=True)
class Decision:
    """``order`` has all finalists, the best first."""

    order: tuple[Finalist, ...]
    choice: Choice = field(default_factory=Choice)


def finalist(candidate: int, patch: Patch, tests: Collection[str]) -> Finalist:
    """Look at a patch that passes; ``tests`` are the texts of the failing tests' files. Takes some
    milliseconds for each thousand lines."""
    before, after = _texts(patch)
    python = {path: text for path, text in after.items() if path.endswith(".py")}
    return Finalist(
        candidate,
        overfit_signs(before, python, tests),
        static_delta(before, python),
        change_size(before, after),
        sum(count_lines(patch)),
    )


def decide(
    finalists: Sequence[Finalist],
    matrix: Matrix | None = None,
    refuted: Collection[int] = (),
    said: str = "you answered",
    faults: Mapping[int, int] | None = None,
) -> Decision:
    """Order those that pass. ``matrix`` says how they behave on other inputs than those of the tests, as
    far as that was seen; ``refuted`` are candidates that contradict what is ``said`` of an example;
    ``faults`` is how much the proposed checks have against a candidate.
    Raises ValueError where there are none."""
    group = believed({c: matrix[c] for c in _ids(finalists) if c in matrix}) if matrix else ()

    def merits(one: Finalist) -> tuple[int, ...]:
        apart = bool(group) and one.candidate not in group
        against = int(one.candidate in refuted)
        weight = (faults or {}).get(one.candidate, 0)
        return against, len(one.signs), weight, int(apart), one.static, one.size, one.lines, one.candidate

    if not finalists:
        raise ValueError("nobody passes")
    order = tuple(sorted(finalists, key=merits))
    best = order[0]
    rule = ""
    own = merits(best)
    if len(order) > 1:
        behind = [_first_difference(own, merits(one)) for one in order[1:]]
        decided = min(behind)
        rule = _rule(decided, behind.count(decided), len(order), len(group), said)
    if best.candidate in refuted:
        rule = f"None of the {len(order)} that pass gives what {said}."
    return Decision(order, Choice(rule, len(order), best.signs))


def _rule(decided: int, behind: int, among: int, group: int, said: str) -> str:
    """``behind`` candidates of ``among`` fell behind by this rule, which none did by an earlier one."""
    match decided:
        case 0:
            verb = "does" if behind == 1 else "do"
            return f"It gives what {said}; {behind} of the {among} that pass {verb} not."
        case 1:
            verb = "looks" if behind == 1 else "look"
            return f"{behind} of the {among} that pass {verb} more made for the tests."
        case 2:
            verb = "breaks" if behind == 1 else "break"
            return f"{behind} of the {among} that pass {verb} more of the proposed checks."
        case 3:
            return f"It behaves like {group} of the {among} that pass, also on other inputs."
        case 4:
            verb = "leaves" if behind == 1 else "leave"
            return f"{behind} of the {among} that pass {verb} more dead code behind."
        case 5 | 6:
            return f"It is the smallest change of {among} that pass."
        case _:
            return f"It came first of {among} that pass and change as much."


def _first_difference(one: Sequence[int], other: Sequence[int]) -> int:
    return next(place for place, pair in enumerate(zip(one, other, strict=True)) if pair[0] != pair[1])


def _ids(finalists: Sequence[Finalist]) -> list[int]:
    return [one.candidate for one in finalists]


def _texts(patch: Patch) -> tuple[Mapping[RelPath, str], Mapping[RelPath, str]]:
    before: dict[RelPath, str] = {}
    after: dict[RelPath, str] = {}
    for change in patch.changes:
        old, new = _text(change.before), _text(change.after)
        if old is not None and new is not None:
            before[change.path], after[change.path] = old, new
    return before, after


def _text(data: bytes | None) -> str | None:
    if data is None:
        return ""
    file = TextFile.from_bytes(data)
    return None if file is None else file.text
