"""Which of the candidates that pass is the best, and by which rule. Pure.

The developers' tests are the hard filter: nobody is here who does not pass them. Among those who do, in
this order: fewer signs of being made for the tests; belonging to the group to be believed, where they
were seen to behave differently; leaving less behind; changing less. The first rule in which the winner
and the runner-up differ has decided, and is told.
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


def decide(finalists: Sequence[Finalist], matrix: Matrix | None = None) -> Decision:
    """Order those that pass. ``matrix`` says how they behave on other inputs than those of the tests, as
    far as that was seen. Raises ValueError where there are none."""
    group = believed({c: matrix[c] for c in _ids(finalists) if c in matrix}) if matrix else ()

    def merits(one: Finalist) -> tuple[int, ...]:
        apart = bool(group) and one.candidate not in group
        return len(one.signs), int(apart), one.static, one.size, one.lines, one.candidate

    if not finalists:
        raise ValueError("nobody passes")
    order = tuple(sorted(finalists, key=merits))
    best = order[0]
    rule = ""
    if len(order) > 1:
        pairs = zip(merits(best), merits(order[1]), strict=True)
        decided = next(place for place, (mine, other) in enumerate(pairs) if mine != other)
        rule = _rule(decided, len(order), len(group))
    return Decision(order, Choice(rule, len(order), best.signs))


def _rule(decided: int, among: int, group: int) -> str:
    others = "the other" if among == 2 else f"the {among - 1} others"
    match decided:
        case 0:
            return f"It looks less made for the tests than {others}."
        case 1:
            return f"It behaves like {group} of the {among} that pass, also on other inputs."
        case 2:
            return f"It leaves less dead code behind than {others}."
        case 3 | 4:
            return f"It is the smallest change of {among} that pass."
        case _:
            return f"It came first of {among} that pass and change as much."


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
