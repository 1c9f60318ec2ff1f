"""Remarks on candidates, refused hunks, and a new round that heeds them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from core.types import Budget, HunkId, RemarkPlace, RemarkReading


@dataclass(frozen=True, slots=True)
class Remark:
    """Say something of a candidate, in words; answered by ``RemarkUnderstood``."""

    candidate: int
    place: RemarkPlace
    text: str


@dataclass(frozen=True, slots=True)
class CorrectRemark:
    """A remark is meant so; answered by ``RemarkUnderstood``."""

    remark: int
    reading: RemarkReading


@dataclass(frozen=True, slots=True)
class DropRemark:
    """Take a remark back; answered by ``RemarkDropped``."""

    remark: int


@dataclass(frozen=True, slots=True)
class Refine:
    """Search anew from a candidate, as the remarks on it ask; the hunks ``kept`` stay as they are."""

    candidate: int
    kept: tuple[HunkId, ...] = ()
    budget: Budget = field(default_factory=Budget)


@dataclass(frozen=True, slots=True)
class RefuseHunk:
    """Never propose this hunk again; ``reason`` is told to the model. Refusing it again replaces the
    reason. Answered by ``RefusalsChanged``."""

    candidate: int
    hunk: HunkId
    reason: str = ""


@dataclass(frozen=True, slots=True)
class AllowHunk:
    """Take a refusal back; answered by ``RefusalsChanged``."""

    refusal: int


Command: TypeAlias = Remark | CorrectRemark | DropRemark | Refine | RefuseHunk | AllowHunk
