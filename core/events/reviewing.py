"""Review and accept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from core.types import Comparison, Evidence, FileDiff, HunkId, RelPath


@dataclass(frozen=True, slots=True)
class ReviewReady:
    """The diff of one candidate, and how it fared (``None`` where it was not verified)."""

    candidate: int
    title: str
    files: tuple[FileDiff, ...]
    evidence: Evidence | None


@dataclass(frozen=True, slots=True)
class SelectionVerified:
    candidate: int
    hunks: tuple[HunkId, ...]
    comparison: Comparison


@dataclass(frozen=True, slots=True)
class Accepted:
    """Files were written. ``accept`` counts from 1 within a repository's journal; ``hunks`` of the
    candidate, ``None``: all that verdicts are about."""

    accept: int
    paths: tuple[RelPath, ...]
    candidate: int = 0
    hunks: tuple[HunkId, ...] | None = None


@dataclass(frozen=True, slots=True)
class AcceptsFound:
    """How many accepts of an opened repository can be taken back, and how many written again."""

    undoable: int
    redoable: int


@dataclass(frozen=True, slots=True)
class Undone:
    accept: int
    paths: tuple[RelPath, ...]


@dataclass(frozen=True, slots=True)
class Redone:
    accept: int
    paths: tuple[RelPath, ...]


Body: TypeAlias = ReviewReady | SelectionVerified | Accepted | AcceptsFound | Undone | Redone
