"""The user's word on suspects: pinned ones come first, dropped ones are none. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from core.errors import UsageError
from core.localise.statements import map_file
from core.types import CodePlace, RelPath, Suspect, SuspectMark

PINNED_REASON: Final = "pinned by you"
OTHERS: Final = 0.5
"""What the scores of all others are worth beside pinned ones."""

Marks = Mapping[CodePlace, SuspectMark]


def parse_place(text: str) -> CodePlace:
    """Read ``path:line``, ``path::function`` or ``path``. Raises UsageError."""
    path, separator, function = text.partition("::")
    if separator and path and function:
        return CodePlace(path, function=function.replace("::", "."))
    if (found := re.fullmatch(r"(.+):(\d+)", text)) and int(found[2]):
        return CodePlace(found[1], int(found[2]))
    if not text or separator:
        raise UsageError("suspect.place", f"{text!r} names no place: say path:line or path::function.")
    return CodePlace(text)


def check_place(place: CodePlace, sources: Mapping[RelPath, str]) -> None:
    """Raise UsageError where there is no such file, line or function; functions of Python only."""
    source = sources.get(place.path)
    if source is None:
        raise UsageError("suspect.unknown", f"There is no source file {place.path} in this repository.")
    lines = source.removesuffix("\n").count("\n") + 1
    if place.line > lines:
        raise UsageError("suspect.unknown", f"{place.path} has {lines} lines, and no line {place.line}.")
    if place.function and place.path.endswith(".py") and not list(_lines_of(place, source)):
        raise UsageError("suspect.unknown", f"There is no function {place.function} in {place.path}.")


def apply_marks(
    suspects: Sequence[Suspect], marks: Marks, sources: Mapping[RelPath, str]
) -> tuple[Suspect, ...]:
    """The list as the user wants it: pinned lines first, in the order in which they were pinned, those of
    a function or file as suspicious as they were among themselves; dropped ones left out.

    A pinned line that was no suspect becomes one. Who pins a line of a dropped function means the line.
    """
    pinned = [place for place, mark in marks.items() if mark is SuspectMark.PINNED]
    dropped = [place for place, mark in marks.items() if mark is SuspectMark.DROPPED]
    first: dict[tuple[RelPath, int], Suspect] = {}
    for place in pinned:
        within = [s for s in suspects if place.holds(s)] or list(_made(place, sources))
        highest = max((s.score for s in within), default=1.0)
        for suspect in within:
            if any(other.holds(suspect) for other in dropped if not place.line):
                continue
            score = round(max(suspect.score / highest, OTHERS), 4)
            told = replace(suspect, score=score, reasons=(PINNED_REASON, *suspect.reasons))
            first.setdefault((suspect.path, suspect.line), told)
    worth = OTHERS if first else 1.0
    rest = (
        replace(suspect, score=round(suspect.score * worth, 4))
        for suspect in suspects
        if (suspect.path, suspect.line) not in first
        and not any(place.holds(suspect) for place in dropped)
    )
    return (*first.values(), *rest)


def _made(place: CodePlace, sources: Mapping[RelPath, str]) -> Iterator[Suspect]:
    """Suspects where evidence names none: the line, or the statements of the function or file."""
    source = sources.get(place.path)
    if source is None:
        return
    if not place.path.endswith(".py"):
        if place.line:
            yield Suspect(place.path, place.line, 1.0)
        return
    file = map_file(source)
    if place.line:
        statement = file.at(place.line)
        if statement is None:
            yield Suspect(place.path, place.line, 1.0)
        else:
            yield Suspect(place.path, statement.first, 1.0, statement.function, (), statement.last)
        return
    yield from _lines_of(place, source)


def _lines_of(place: CodePlace, source: str) -> Iterator[Suspect]:
    for statement in map_file(source).statements:
        suspect = Suspect(place.path, statement.first, 1.0, statement.function, (), statement.last)
        if replace(place, line=0).holds(suspect):
            yield suspect
