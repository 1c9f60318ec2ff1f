"""Remarks on candidates, refused hunks, and the rounds that follow from them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from core.types import Refusal, UnderstoodRemark


@dataclass(frozen=True, slots=True)
class RemarkUnderstood:
    """How a remark is read, for the first time or after it was corrected."""

    remark: UnderstoodRemark


@dataclass(frozen=True, slots=True)
class RemarkDropped:
    """A remark is taken back, or has been carried out."""

    remark: int


@dataclass(frozen=True, slots=True)
class RoundStarted:
    """A new round begins from ``candidate``; a ``FixStarted`` follows."""

    candidate: int
    remarks: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class RefusalsChanged:
    """Every hunk that is refused in the open repository, oldest first."""

    refusals: tuple[Refusal, ...]


Body: TypeAlias = RemarkUnderstood | RemarkDropped | RoundStarted | RefusalsChanged
