"""Searching for a fix, and for the place of a fault."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from core.types import Budget, CodePlace, NodeId, SuspectMark


@dataclass(frozen=True, slots=True)
class Fix:
    """Search for a patch that makes ``tests`` pass; empty means every failing test."""

    tests: tuple[NodeId, ...] = ()
    budget: Budget = field(default_factory=Budget)


@dataclass(frozen=True, slots=True)
class FindSuspects:
    """Say which lines may be at fault where ``tests`` fail (empty: every failing test), without a search;
    answered by ``SuspectsRanked``."""

    tests: tuple[NodeId, ...] = ()


@dataclass(frozen=True, slots=True)
class MarkSuspect:
    """Pin a place, which the next fix then looks at first, or drop it, which it then leaves alone; with
    ``None`` take that back. Holds until another repository is opened. Where suspects were ranked,
    answered by ``SuspectsRanked``."""

    place: CodePlace
    mark: SuspectMark | None


@dataclass(frozen=True, slots=True)
class SelectStrategy:
    """Search in this way from the next fix on; answered by ``StrategiesListed``."""

    name: str


@dataclass(frozen=True, slots=True)
class Stop:
    """Stop whatever runs, within a second, keeping the best state so far."""


Command: TypeAlias = Fix | FindSuspects | MarkSuspect | SelectStrategy | Stop
