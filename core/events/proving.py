"""Proof, evidence pack, commit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from core.types import CommitDraft, Proof, RelPath


@dataclass(frozen=True, slots=True)
class Proven:
    """What a candidate, or the choice of its hunks that ``proof`` names, does to the tests when it is
    left out again. ``whole``: it is about all that verdicts are about."""

    candidate: int
    proof: Proof
    whole: bool = True


@dataclass(frozen=True, slots=True)
class EvidenceSaved:
    path: str


@dataclass(frozen=True, slots=True)
class PullRequestDrafted:
    """The evidence pack as Markdown, to paste."""

    text: str


@dataclass(frozen=True, slots=True)
class CommitDrafted:
    draft: CommitDraft


@dataclass(frozen=True, slots=True)
class Committed:
    """``said`` is what the project's hooks printed; ``notice`` a sentence that the user should read."""

    branch: str
    commit: str
    """Its short hash."""
    paths: tuple[RelPath, ...]
    said: str = ""
    notice: str = ""


Body: TypeAlias = Proven | EvidenceSaved | PullRequestDrafted | CommitDrafted | Committed
