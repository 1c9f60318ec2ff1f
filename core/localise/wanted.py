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
    stands for its file."""
    found = list(ranked)
    for place in wanted:
        if place.path not in sources or any(place.holds(suspect) for suspect in found):
            continue
        lines = function_lines(sources[place.path], place.function) if place.function else None
        first, last = lines or (1, 0)
        function = place.function if lines else ""
        if not any(s.path == place.path and s.function == function for s in found):
            found.append(Suspect(place.path, first, SCORE, function, (REASON,), last))
    return tuple(found)
