"""The search's vocabulary, on one screen: a task, a proposer's view of it, and its drafts."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from core.context.neighbours import FocusFacts
from core.models.base import Capabilities, Request
from core.models.grading import ModelProfile
from core.models.guard import StreamGuard
from core.testing.base import Step, Watch
from core.testing.languages import PYTEST, Language
from core.types import (
    Evidence,
    NodeId,
    Patch,
    Refusal,
    RelPath,
    Role,
    Suspect,
    TestReport,
    TestResult,
    TokenUsage,
)


class RecordSteps(Protocol):
    """Runs one test and tells what one function did in it."""

    async def __call__(
        self, edits: Mapping[RelPath, str], node_id: NodeId, watch: Watch
    ) -> tuple[Step, ...]:
        """The steps with ``edits`` made; none where the test did not call it, or nobody can tell."""
        ...


@dataclass(frozen=True, slots=True)
class FixTask:
    """What every proposer may know. ``sources`` are the editable files that suspects name, decoded
    with ``\\n`` newlines; ``tests`` are the sources of the target tests' files, for reading only."""

    targets: tuple[NodeId, ...]
    baseline: TestReport
    suspects: tuple[Suspect, ...]
    """Most suspicious first."""
    sources: Mapping[RelPath, str]
    tests: Mapping[RelPath, str]
    failures: tuple[TestResult, ...]
    """The targets' baseline results."""
    language: Language = PYTEST
    profile: ModelProfile = field(default_factory=ModelProfile)
    """How the model for proposing is asked."""
    nearby: Mapping[RelPath, tuple[str, ...]] = field(default_factory=dict)
    """Functions of a file that are near the failure in meaning, nearest first."""
    record: RecordSteps | None = None
    facts: Mapping[tuple[RelPath, str], FocusFacts] = field(default_factory=dict)
    """By file and function (dotted): what the symbol index says of the most suspicious functions."""
    versions: Mapping[str, str] = field(default_factory=dict)
    """Top-level modules of installed packages that the tests load, with versions; and ``python``."""
    repository: Mapping[RelPath, str] = field(default_factory=dict)
    """Every file of the language in the repository, read when it is asked for; for reading only."""
    requirements: tuple[str, ...] = ()
    """The lines of the ledger."""
    refused: tuple[Refusal, ...] = ()
    """Hunks that the user does not want to see again."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A proposer's idea before it is a candidate. ``edits`` maps a path of ``sources`` to its whole
    new text (``\\n`` newlines)."""

    title: str
    edits: Mapping[RelPath, str]
    tokens: TokenUsage = field(default_factory=TokenUsage)
    parent: int | None = None
    request: int = 0
    """The last request to the model before it, as in ``ModelAsked``; the lane notes it."""


@dataclass(frozen=True, slots=True)
class Tried:
    """A draft with what verifying it showed; ``None`` where it was a duplicate or did not parse."""

    candidate: int
    patch: Patch
    edits: Mapping[RelPath, str]
    evidence: Evidence | None


class AskModel(Protocol):
    """The controller's door to the model: meters tokens, checks the budget, streams to the window."""

    async def capabilities(self) -> Capabilities:
        """What the model that proposes can do; waits until it has started."""
        ...

    async def __call__(
        self,
        proposer: str,
        request: Request,
        guard: StreamGuard | None = None,
        role: Role = Role.PROPOSE,
    ) -> tuple[str, TokenUsage]:
        """The answer, up to where ``guard`` or the watch for repetition ended it, and its cost.

        Raises BudgetExhausted when the budget is spent, ModelError where the model fails.
        """
        ...


class BudgetExhausted(Exception):
    """The budget allows no further call; ends a proposer quietly."""


TriedSoFar = Callable[[], tuple[Tried, ...]]
"""Everything verified up to now, best first."""


class Proposer(Protocol):
    """One way of having ideas. Small, and knows nothing of the others."""

    @property
    def name(self) -> str: ...

    @property
    def needs_model(self) -> bool: ...

    def propose(self, task: FixTask, tried: TriedSoFar, ask: AskModel | None) -> AsyncIterator[Draft]:
        """Yield drafts, most promising first, until out of ideas. ``ask`` is ``None`` without a model."""
        ...
