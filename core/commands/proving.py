"""Proof, evidence pack, commit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from core.types import HunkId, OwnChanges


@dataclass(frozen=True, slots=True)
class Prove:
    """See what fails without a candidate, or without these hunks of it; answered by ``Proven``."""

    candidate: int
    hunks: tuple[HunkId, ...] | None = None


@dataclass(frozen=True, slots=True)
class SaveEvidence:
    """Write the evidence pack of this session; answered by ``EvidenceSaved``. A name that ends with
    ``.html`` gets HTML, any other Markdown."""

    path: str


@dataclass(frozen=True, slots=True)
class DraftPullRequest:
    """Ask for the evidence pack as Markdown; answered by ``PullRequestDrafted``."""


@dataclass(frozen=True, slots=True)
class DraftCommit:
    """Ask what a commit of the newest accept would be; answered by ``CommitDrafted``."""


@dataclass(frozen=True, slots=True)
class CommitAccepted:
    """Commit the newest accept that stands on a new branch; answered by ``Committed``."""

    branch: str
    message: str
    own_changes: OwnChanges = OwnChanges.REFUSE


Command: TypeAlias = Prove | SaveEvidence | DraftPullRequest | DraftCommit | CommitAccepted
