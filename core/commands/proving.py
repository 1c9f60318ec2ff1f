"""Proof of candidates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from core.types import HunkId


@dataclass(frozen=True, slots=True)
class Prove:
    """See what fails without a candidate, or without these hunks of it; answered by ``Proven``."""

    candidate: int
    hunks: tuple[HunkId, ...] | None = None


Command: TypeAlias = Prove
