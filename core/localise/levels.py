"""Suspects by function and by file. Pure.

A function is as suspicious as its most suspicious line: J. Sohn, S. Yoo, "FLUCCS: using code and change
metrics to improve fault localization", ISSTA 2017, section 3.3 (method level aggregation).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from core.types import RelPath, Suspect


@dataclass(frozen=True, slots=True)
class Area:
    """A function, or with an empty ``function`` a file or what of it is in no function."""

    path: RelPath
    function: str
    score: float
    lines: tuple[int, ...]
    """Its suspect lines, most suspicious first."""
    reasons: tuple[str, ...]
    """Those of the first of them."""


def by_function(suspects: Iterable[Suspect]) -> tuple[Area, ...]:
    """Most suspicious first; of two that are alike the one that has more suspicious lines."""
    return _group(suspects, lambda suspect: (suspect.path, suspect.function))


def by_file(suspects: Iterable[Suspect]) -> tuple[Area, ...]:
    """Most suspicious first."""
    return _group(suspects, lambda suspect: (suspect.path, ""))


def _group(
    suspects: Iterable[Suspect], key: Callable[[Suspect], tuple[RelPath, str]]
) -> tuple[Area, ...]:
    groups: dict[tuple[RelPath, str], list[Suspect]] = {}
    for suspect in sorted(suspects, key=lambda s: -s.score):
        groups.setdefault(key(suspect), []).append(suspect)
    areas = [
        (Area(path, function, own[0].score, tuple(s.line for s in own), own[0].reasons), own)
        for (path, function), own in groups.items()
    ]
    areas.sort(key=lambda entry: (-entry[0].score, -sum(s.score for s in entry[1])))
    return tuple(area for area, _ in areas)
