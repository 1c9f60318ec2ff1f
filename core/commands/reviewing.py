"""Review, accept, undo."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from core.types import HunkId


@dataclass(frozen=True, slots=True)
class ShowCandidate:
    """Ask for the diff of a candidate; answered by ``ReviewReady``."""

    candidate: int


@dataclass(frozen=True, slots=True)
class VerifySelection:
    """Run the tests on exactly these hunks of a candidate; answered by ``SelectionVerified``."""

    candidate: int
    hunks: tuple[HunkId, ...]


@dataclass(frozen=True, slots=True)
class Accept:
    """Write these hunks of a candidate to the user's tree. ``None`` means all of them.

    A partial selection is verified first. ``anyway`` writes even when the verdict is not green.
    """

    candidate: int
    hunks: tuple[HunkId, ...] | None = None
    anyway: bool = False


@dataclass(frozen=True, slots=True)
class Undo:
    """Take back the newest accept that stands."""


@dataclass(frozen=True, slots=True)
class Redo:
    """Write the newest undone accept again."""


Command: TypeAlias = ShowCandidate | VerifySelection | Accept | Undo | Redo
