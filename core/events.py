"""Everything that happens: one frozen event body each, in one envelope. Imports only the vocabulary.

The journal of events is the truth; views, resume and reports are projections of it. An envelope
is ``Event(session, seq, time, body)``; the kind is the body's class name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from core.types import (
    Budget,
    CodePlace,
    Comparison,
    ConsentKind,
    ConsentRequest,
    Diagnosis,
    Evidence,
    FileDiff,
    FixResult,
    HunkId,
    KeyRow,
    LockedFile,
    ModelRow,
    NodeId,
    ProbeResult,
    ReadinessRow,
    RelPath,
    Remedy,
    RepositoryInfo,
    Role,
    RoleUsage,
    SandboxKind,
    SelfTestReport,
    SetUpInfo,
    StrategyRow,
    Suspect,
    SuspectMark,
    TestReport,
    TestResult,
    TokenUsage,
)

# --- opening and surroundings ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RepositoryOpened:
    repository: RepositoryInfo


@dataclass(frozen=True, slots=True)
class RepositoryChanged:
    """The open repository looks different now: another branch, more or fewer uncommitted changes."""

    repository: RepositoryInfo


@dataclass(frozen=True, slots=True)
class ReadinessChanged:
    """All rows of the doctor; those that are not known yet say LOOKING."""

    rows: tuple[ReadinessRow, ...]


@dataclass(frozen=True, slots=True)
class SelfTested:
    """The sandbox was started and tried."""

    report: SelfTestReport


@dataclass(frozen=True, slots=True)
class Progress:
    """A step of long work. ``fraction`` is in 0..1, or ``None`` where it cannot be known.

    ``job`` says which work (``sandbox``, ``set_up``, ``copy``, or ``model:`` and a spec); the last one
    of a job has ``done``.
    """

    job: str
    text: str
    fraction: float | None = None
    done: bool = False


@dataclass(frozen=True, slots=True)
class SandboxReady:
    """``sentence`` says in one line what is isolated, for the status bar."""

    kind: SandboxKind
    sentence: str


@dataclass(frozen=True, slots=True)
class SetUpFound:
    """What would be installed for the tests of the open repository."""

    set_up: SetUpInfo


@dataclass(frozen=True, slots=True)
class ModelReady:
    """``name`` is for people (``qwen2.5-coder 1.5B``); ``spec`` is what ``--model`` takes."""

    spec: str
    name: str
    context: int
    """Context window in tokens; 0 where it is unknown."""


@dataclass(frozen=True, slots=True)
class ModelsChanged:
    """Every model that is there or can be had, as it is now."""

    rows: tuple[ModelRow, ...]


@dataclass(frozen=True, slots=True)
class ModelProbed:
    """A model was measured, now or, where the result is at hand, in an earlier run."""

    result: ProbeResult


@dataclass(frozen=True, slots=True)
class KeysChanged:
    """``trouble`` says in a sentence why the keyring cannot keep any; empty where it can."""

    rows: tuple[KeyRow, ...]
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class ConsentNeeded:
    request: ConsentRequest


@dataclass(frozen=True, slots=True)
class ConsentGiven:
    kind: ConsentKind
    granted: bool


@dataclass(frozen=True, slots=True)
class TroubleRaised:
    """A :class:`core.errors.GreenbarError`, as the user sees it."""

    code: str
    sentence: str
    remedies: tuple[Remedy, ...] = ()
    details: str = ""


@dataclass(frozen=True, slots=True)
class Noticed:
    """A line for the log drawer; nothing to act on."""

    sentence: str


# --- tests -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TestRunStarted:
    """``purpose``: ``baseline``, ``selection`` or ``accepted``."""

    __test__ = False
    purpose: str


@dataclass(frozen=True, slots=True)
class TestsCollected:
    __test__ = False
    node_ids: tuple[NodeId, ...]


@dataclass(frozen=True, slots=True)
class TestFinished:
    __test__ = False
    result: TestResult


@dataclass(frozen=True, slots=True)
class TestRunFinished:
    __test__ = False
    purpose: str
    report: TestReport


@dataclass(frozen=True, slots=True)
class TestsLocked:
    """What the verdict is taken with as it is now: every locked file, and why it is one."""

    __test__ = False
    files: tuple[LockedFile, ...]


@dataclass(frozen=True, slots=True)
class Diagnosed:
    """What the red tests of the newest run say of where their fault lies; often nothing."""

    diagnoses: tuple[Diagnosis, ...]


# --- the search --------------------------------------------------------------------------------------


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


@dataclass(frozen=True, slots=True)
class CandidateVerified:
    """``best`` is true where this candidate is now the best so far."""

    evidence: Evidence
    best: bool


@dataclass(frozen=True, slots=True)
class ModelAsked:
    """A request to the model begins. ``prompt`` is exactly what is sent."""

    request: int
    proposer: str
    prompt: str


@dataclass(frozen=True, slots=True)
class ModelStreamed:
    """A piece of an answer, as it arrives."""

    request: int
    text: str


@dataclass(frozen=True, slots=True)
class ModelAnswered:
    """``tokens_per_second`` counts completion tokens; 0 where it is unknown.

    ``stopped`` says why we ended the answer early (``repeats itself``), empty where the model ended it;
    ``saved`` are the tokens that this saved, an estimate.
    """

    request: int
    usage: TokenUsage
    seconds: float
    tokens_per_second: float = 0.0
    cancelled: bool = False
    role: Role = Role.PROPOSE
    stopped: str = ""
    saved: int = 0


@dataclass(frozen=True, slots=True)
class PromptDropped:
    """A server left out a part of a prompt without a word; the answer to it was not used."""

    model: str
    sent: int
    """At least."""
    counted: int


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


# --- review, accept ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ReviewReady:
    """The diff of one candidate, and how it fared (``None`` where it was not verified)."""

    candidate: int
    title: str
    files: tuple[FileDiff, ...]
    evidence: Evidence | None


@dataclass(frozen=True, slots=True)
class SelectionVerified:
    candidate: int
    hunks: tuple[HunkId, ...]
    comparison: Comparison


@dataclass(frozen=True, slots=True)
class Accepted:
    """Files were written. ``accept`` counts from 1 within a repository's journal."""

    accept: int
    paths: tuple[RelPath, ...]


@dataclass(frozen=True, slots=True)
class AcceptsFound:
    """How many accepts of an opened repository can be taken back, and how many written again."""

    undoable: int
    redoable: int


@dataclass(frozen=True, slots=True)
class Undone:
    accept: int
    paths: tuple[RelPath, ...]


@dataclass(frozen=True, slots=True)
class Redone:
    accept: int
    paths: tuple[RelPath, ...]


@dataclass(frozen=True, slots=True)
class WorkEnded:
    """The command that ran longest is over, however it ended; the window leaves its busy state."""

    stopped: bool = False


Body: TypeAlias = (
    RepositoryOpened
    | RepositoryChanged
    | ReadinessChanged
    | SelfTested
    | Progress
    | SandboxReady
    | SetUpFound
    | ModelReady
    | ModelsChanged
    | ModelProbed
    | KeysChanged
    | ConsentNeeded
    | ConsentGiven
    | TroubleRaised
    | Noticed
    | TestRunStarted
    | TestsCollected
    | TestFinished
    | TestRunFinished
    | TestsLocked
    | Diagnosed
    | StrategiesListed
    | FixStarted
    | FailuresTraced
    | SuspectsRanked
    | CandidateProposed
    | CandidateVerified
    | ModelAsked
    | ModelStreamed
    | ModelAnswered
    | PromptDropped
    | BudgetSpent
    | FixFinished
    | ReviewReady
    | SelectionVerified
    | Accepted
    | AcceptsFound
    | Undone
    | Redone
    | WorkEnded
)


@dataclass(frozen=True, slots=True)
class Event:
    """The envelope. ``seq`` counts from 1 without gaps; ``time`` is seconds since the epoch (UTC)."""

    session: str
    seq: int
    time: float
    body: Body

    @property
    def kind(self) -> str:
        return type(self.body).__name__
