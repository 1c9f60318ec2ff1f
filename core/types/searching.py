"""The search: suspects, candidates, evidence, budget, result."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from core.types.names import NodeId, RelPath
from core.types.patches import Patch
from core.types.testing import Comparison, FlakyTest, TestResult, Verdict


@dataclass(frozen=True, slots=True)
class Suspect:
    """A line under suspicion. ``score`` is in 0..1, higher is more suspicious."""

    path: RelPath
    line: int
    score: float
    function: str = ""
    reasons: tuple[str, ...] = ()
    last: int = 0
    """The last line of its statement, where that begins at ``line`` and is known; else 0."""


@dataclass(frozen=True, slots=True)
class CodePlace:
    """A line, else a function by its dotted name, else a whole file."""

    path: RelPath
    line: int = 0
    function: str = ""

    def __str__(self) -> str:
        if self.line:
            return f"{self.path}:{self.line}"
        return f"{self.path}::{self.function}" if self.function else self.path

    def holds(self, suspect: Suspect) -> bool:
        """Whether a suspect is at this place, in its function (or one inside of that), or in its file."""
        if self.path != suspect.path:
            return False
        if self.line:
            return suspect.line <= self.line <= max(suspect.line, suspect.last)
        return not self.function or f"{suspect.function}.".startswith(f"{self.function}.")


class SuspectMark(StrEnum):
    """The user's word on a suspect: look here first, or do not look here."""

    PINNED = "pinned"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class TokenUsage:
    """Tokens as counted by the server; ``estimated`` where it did not count.

    ``cached`` of the ``prompt`` tokens were known to the server already and not read again.
    """

    prompt: int = 0
    completion: int = 0
    estimated: bool = False
    cached: int = 0

    def __add__(self, other: TokenUsage) -> TokenUsage:
        return TokenUsage(
            self.prompt + other.prompt,
            self.completion + other.completion,
            self.estimated or other.estimated,
            self.cached + other.cached,
        )


@dataclass(frozen=True, slots=True)
class Candidate:
    """One idea: a patch against the private copy, with where it came from."""

    id: int
    proposer: str
    title: str
    """One line: what it changes, e.g. ``gcd.py:5 swap the arguments of gcd``."""
    patch: Patch
    parent: int | None = None
    tokens: TokenUsage = field(default_factory=TokenUsage)


class EditFormat(StrEnum):
    """How a model is asked to say what it changes."""

    FUNCTION = "whole function"
    SEARCH = "search and replace"
    INFILL = "infill"


class Role(StrEnum):
    """What a model is asked for. One model has all of them unless the user says otherwise."""

    PROPOSE = "proposing"
    JUDGE = "judging"
    EMBED = "embedding"


@dataclass(frozen=True, slots=True)
class RoleUsage:
    """What one role of a task has cost. ``dollars`` is ``None`` where a price is not known.

    ``saved`` are the tokens that answers were not allowed to waste, an estimate.
    """

    role: Role
    model: str
    tokens: TokenUsage = field(default_factory=TokenUsage)
    calls: int = 0
    dollars: float | None = 0.0
    stopped: int = 0
    """Answers that were ended early."""
    saved: int = 0


class Rung(StrEnum):
    """The rung of the verifier ladder on which a candidate stopped."""

    PARSES = "parses"
    TARGET = "target tests"
    TOUCHED = "tests that touch the changed lines"
    SUITE = "whole suite"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What verifying one candidate showed."""

    candidate: int
    rung: Rung
    comparison: Comparison
    seconds: float
    tests_run: int
    failure: TestResult | None = None
    """The first red result, for feedback and for the inspector."""
    remaining: tuple[TestResult, ...] = ()
    """The targets that are still red, some at most, where others were fixed: what is left to do."""


@dataclass(frozen=True, slots=True)
class Budget:
    """Ceilings for one task, checked before each call. Zero tokens or dollars means no ceiling."""

    seconds: float = 120.0
    tokens: int = 0
    dollars: float = 0.0


@dataclass(frozen=True, slots=True)
class ProposerUsage:
    """What one proposer of a fix has had and gained. ``gain`` counts 1 for a fix and parts of it for
    some of the tests; ``seconds`` are those of verifying its candidates."""

    name: str
    candidates: int
    gain: float
    seconds: float
    tokens: TokenUsage = field(default_factory=TokenUsage)


@dataclass(frozen=True, slots=True)
class Choice:
    """Why the best candidate is the one that is shown, where it passes. ``rule`` is a sentence, empty
    where it was the only one; ``signs`` are clauses that tell what of it looks made for the tests;
    ``proposed`` are sentences on checks that nobody has confirmed, which tell those that pass apart."""

    rule: str = ""
    among: int = 1
    signs: tuple[str, ...] = ()
    proposed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StrategyRow:
    """One strategy as it is listed. ``source`` is the published work, ``approximation`` what of it our
    parts only come near to; both are empty for our own."""

    name: str
    title: str
    summary: str
    source: str = ""
    approximation: str = ""
    proposers: tuple[str, ...] = ()
    """Those that it names."""


@dataclass(frozen=True, slots=True)
class FixResult:
    """How a fix ended. ``best`` is the best candidate, green or not."""

    verdict: Verdict
    best: Candidate | None
    evidence: Evidence | None
    targets: tuple[NodeId, ...]
    seconds: float
    tokens: TokenUsage
    candidates: int
    stopped: bool = False
    shortfall: str = ""
    """Why there is no confident fix; empty when green."""
    flaky: tuple[FlakyTest, ...] = ()
    """Targets that turned out to be flaky before the first candidate."""
    roles: tuple[RoleUsage, ...] = ()
    """What each role that was asked has cost."""
    proposers: tuple[ProposerUsage, ...] = ()
    """What each proposer has had and gained."""
    choice: Choice | None = None
    """Where the best candidate passes: why it is the best."""
