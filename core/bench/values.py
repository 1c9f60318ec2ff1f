"""The bench's vocabulary: a task, how it is to be attempted, what came of it. Everything here can be
pickled and written as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from core.types import NodeId, ProposerUsage, RelPath, TokenUsage

Lines = Mapping[RelPath, tuple[int, ...]]
"""Lines (from 1) of files."""


@dataclass(frozen=True, slots=True)
class BenchTask:
    """A repository with failing tests, and what only the judge knows of it.

    The repository is either ``files`` (texts by path) or the last commit of the one at ``repository``
    (absolute), with ``changes`` laid over it.
    """

    id: str
    kind: str = ""
    """What is wrong with it, for a table by kinds: ``past fix``."""
    files: Mapping[RelPath, str] = field(default_factory=dict)
    repository: str = ""
    commit: str = ""
    """Of ``repository``, in the place of its last one."""
    changes: Mapping[RelPath, str] = field(default_factory=dict)
    targets: tuple[NodeId, ...] = ()
    """Tests to turn green; empty: all that fail."""
    hidden: tuple[str, ...] = ()
    """Patterns of files in ``repository`` that the engine does not get; the judge does."""
    held_out: Mapping[RelPath, str] = field(default_factory=dict)
    """Files with tests that only the judge runs."""
    truth: Lines = field(default_factory=dict)
    """Where the fault is, as far as the set says so; for localisation."""
    right: Mapping[RelPath, str] = field(default_factory=dict)
    """The files at fault as they should be, as far as the set says so."""
    source: str = ""
    """Where the task is from, with its licence."""


@dataclass(frozen=True, slots=True)
class Setting:
    """How tasks are attempted. Specs and names are as on the command line."""

    model: str = "auto"
    strategy: str = ""
    proposers: tuple[str, ...] = ()
    seconds: float = 60.0
    tokens: int = 0
    sandbox: str = "auto"
    set_up: bool = True
    test_seconds: float | None = None
    seed: int = 0
    """For what a search leaves to chance."""
    may_use_network: bool = False
    """The user's word that what tests need may be installed."""
    answers: bool = False
    """Whether somebody who knows what is meant answers questions; else the engine decides for itself."""
    second_judge: bool = True
    """Whether agreement and proposed properties take part in choosing among those that pass."""

    @property
    def name(self) -> str:
        """What tells it from the others of a run, for tables."""
        parts = (
            self.strategy,
            "no model" if self.model == "none" else self.model,
            *self.proposers,
            "with answers" if self.answers else "",
            "" if self.second_judge else "tests alone",
        )
        return " ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class Job:
    """One attempt: the unit of work that an executor is given."""

    task: BenchTask
    setting: Setting
    attempt: int = 1
    """From 1; where each task is attempted several times."""

    @property
    def key(self) -> tuple[str, Setting, int]:
        return self.task.id, self.setting, self.attempt


class Ending(StrEnum):
    """How an attempt ended."""

    SOLVED = "solved"
    UNSOLVED = "unsolved"
    INVALID = "invalid"
    """It says nothing of the engine: the task could not be set up, or has no failing test."""
    FAILED = "failed"
    """The engine gave up with an error."""


@dataclass(frozen=True, slots=True)
class TaskResult:
    """What came of one attempt."""

    task: str
    setting: Setting
    attempt: int
    ending: Ending
    kind: str = ""
    why: str = ""
    """A sentence where it was not solved."""
    verdict: str = ""
    correct: bool | None = None
    """Whether the held-out tests pass; ``None`` where there are none, or nothing was solved."""
    restored: bool | None = None
    """Whether the patch makes the files at fault what they should be, but for layout and comments;
    ``None`` where that is not known, or nothing was solved. What differs may be right as well."""
    objections: tuple[str, ...] = ()
    """What speaks against a solved one when its patch is accepted and the whole suite runs anew."""
    seconds: float = 0.0
    """Of the budget: from Fix to the result."""
    whole_seconds: float = 0.0
    """With opening, set-up, the first run of the tests, and judging."""
    tokens: TokenUsage = field(default_factory=TokenUsage)
    candidates: int = 0
    proposer: str = ""
    title: str = ""
    patch: str = ""
    """A unified diff; bytes that are not UTF-8 are lone surrogates."""
    has_truth: bool = False
    rank: int | None = None
    """Of the first suspect statement with a true line, from 1; ``None`` where none has."""
    proposers: tuple[ProposerUsage, ...] = ()
    model: str = ""
    """The one that took part, as a spec."""
    sandbox: str = ""
    questions: int = 0
    """What the user was asked."""
    dialogue: tuple[str, ...] = ()
    """Each question that was answered, with the answer."""
    session: str = ""
    """The folder, in Greenbar's data on the machine that did it, with the journal of every event."""

    @property
    def key(self) -> tuple[str, Setting, int]:
        return self.task, self.setting, self.attempt

    @property
    def is_solved(self) -> bool:
        return self.ending is Ending.SOLVED

    @property
    def all_tokens(self) -> int:
        return self.tokens.prompt + self.tokens.completion
