"""Places that a request names, as suspects beside what a run shows. Pure.

A function that is to be written, or extended, runs no line of its own in a failing test: no spectrum
would ever name it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from core.edits.functions import function_lines
from core.types import CodePlace, RelPath, Suspect

SCORE: Final = 0.5
REASON: Final = "the request is about it"


def with_wanted(
    ranked: Sequence[Suspect], wanted: Sequence[CodePlace], sources: Mapping[RelPath, str]
) -> tuple[Suspect, ...]:
    """The ranked suspects, then the wanted places that none of them is in; a function that is not there
    stands for its file. Where none of the wanted functions is there yet, no ranked suspect counts: the
    tests get no further than the import, and its lines are nobody's fault."""
    unwritten = [
        place
        for place in wanted
        if place.function and not _is_there(sources.get(place.path, ""), place.function)
    ]
    found = [] if wanted and len(unwritten) == len(wanted) else list(ranked)
    for place in wanted:
        if place.path not in sources or any(place.holds(suspect) for suspect in found):
            continue
        lines = function_lines(sources[place.path], place.function) if place.function else None
        first, last = lines or (1, 0)
        function = place.function if lines else ""
        if not any(s.path == place.path and s.function == function for s in found):
            found.append(Suspect(place.path, first, SCORE, function, (REASON,), last))
    return tuple(found)


def _is_there(source: str, function: str) -> bool:
    """A class counts as well, and a file that does not parse is left to the ranking."""
    name = function.rpartition(".")[2]
    return function_lines(source, function) is not None or f"class {name}" in source
