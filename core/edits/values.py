"""What comes of an edit: new texts, or a failure that can be told to the model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.types import RelPath


@dataclass(frozen=True, slots=True)
class EditFailure:
    """Why an edit was not made. ``nearest`` are numbered lines (``12 | code``) of the place meant.

    Of an answer with several edits, ``applied`` says in a line each which could be made, and ``edits``
    holds the texts with these: what a follow-up may go on from.
    """

    sentence: str
    nearest: tuple[str, ...] = ()
    applied: tuple[str, ...] = ()
    edits: Mapping[RelPath, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AppliedEdits:
    """``edits`` maps a path to its whole new text; ``loosest`` is the rung of the ladder that was
    needed: ``exact``, ``whitespace``, ``indentation``, ``anchored``, ``similar``, ``function`` or
    ``file``."""

    edits: Mapping[RelPath, str]
    loosest: str


def numbered(lines: list[str], first: int, count: int) -> tuple[str, ...]:
    """Lines with their numbers; ``first`` counts from 0."""
    return tuple(f"{first + i + 1} | {line}" for i, line in enumerate(lines[first : first + count]))
