"""Proof of candidates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from core.types import Proof


@dataclass(frozen=True, slots=True)
class Proven:
    """What a candidate, or the choice of its hunks that ``proof`` names, does to the tests when it is
    left out again. ``whole``: it is about all that verdicts are about."""

    candidate: int
    proof: Proof
    whole: bool = True


Body: TypeAlias = Proven
