"""The search: suspects, candidates, evidence, budget, result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from core.types import (
    Budget,
    CodePlace,
    Evidence,
    FixResult,
    NodeId,
    RelPath,
    RoleUsage,
    StrategyRow,
    Suspect,
    SuspectMark,
    TestResult,
    TokenUsage,
)


@dataclass(frozen=True, slots=True)
class StrategiesListed:
    """Every way to search, and the name of the one that the next fix takes."""

    strategies: tuple[StrategyRow, ...]
    chosen: str


@dataclass(frozen=True, slots=True)
class FixStarted:
    targets: tuple[NodeId, ...]
    budget: Budget
    proposers: tuple[str, ...]
    model: str
    """Name for people, or empty when no model takes part."""
    strategy: str = ""


@dataclass(frozen=True, slots=True)
class FailuresTraced:
    """Targets' baseline results once more, now with what variables held in their innermost frames."""

    results: tuple[TestResult, ...]


@dataclass(frozen=True, slots=True)
class SuspectsRanked:
    """Most suspicious first, as the user's marks have it."""

    suspects: tuple[Suspect, ...]
    marks: tuple[tuple[CodePlace, SuspectMark], ...] = ()


@dataclass(frozen=True, slots=True)
class CandidateProposed:
    candidate: int
    proposer: str
    title: str
    paths: tuple[RelPath, ...]
    added: int
    removed: int
    parent: int | None = None
    request: int = 0
    """The request to the model that it came of, as in :class:`ModelAsked`; 0 where none was made."""
    diff: str = ""
    """What it removes and adds, for a glance; long ones are cut."""


@dataclass(frozen=True, slots=True)
class CandidateVerified:
    """``best`` is true where this candidate is now the best so far."""

    evidence: Evidence
    best: bool


@dataclass(frozen=True, slots=True)
class BudgetSpent:
    """At most four a second, and once at the end of a fix."""

    seconds: float
    tokens: TokenUsage
    budget: Budget
    candidates: int
    roles: tuple[RoleUsage, ...] = ()


@dataclass(frozen=True, slots=True)
class FixFinished:
    result: FixResult


Body: TypeAlias = (
    StrategiesListed
    | FixStarted
    | FailuresTraced
    | SuspectsRanked
    | CandidateProposed
    | CandidateVerified
    | BudgetSpent
    | FixFinished
)
