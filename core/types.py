"""The vocabulary: value types that every room of core, the window and the command line share.

Everything here is frozen and slotted, knows no behaviour beyond simple derivations, and imports
nothing else of core. Paths inside a repository are POSIX strings relative to its root
(:data:`RelPath`); durations are seconds; sizes are bytes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

RelPath: TypeAlias = str
NodeId: TypeAlias = str
"""A pytest node id (``tests/test_a.py::test_b[1]``), or a file path for a collection error."""
HunkId: TypeAlias = str
"""``path#n``: the n-th hunk (from 0) of a patch in that file."""


# --- tests -------------------------------------------------------------------------------------


class Outcome(StrEnum):
    """What became of one test. ``COLLECT_ERROR`` belongs to a file that could not be collected."""

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"
    TIMEOUT = "timeout"
    CRASHED = "crashed"
    COLLECT_ERROR = "collect_error"
    SKIPPED = "skipped"
    XFAILED = "xfailed"
    XPASSED = "xpassed"

    @property
    def is_red(self) -> bool:
        """True where the test needs a fix."""
        return self in _RED

    @property
    def is_green(self) -> bool:
        """True only where the test really ran and passed."""
        return self in (Outcome.PASSED, Outcome.XPASSED)


_RED = frozenset({Outcome.FAILED, Outcome.ERROR, Outcome.TIMEOUT, Outcome.CRASHED, Outcome.COLLECT_ERROR})


@dataclass(frozen=True, slots=True)
class Frame:
    """One traceback entry inside the repository. ``line`` counts from 1."""

    path: RelPath
    line: int
    function: str


@dataclass(frozen=True, slots=True)
class TestResult:
    """One test of one run. ``message`` says what went wrong in a line or a few; ``traceback`` and
    ``output`` are bounded text."""

    __test__ = False

    node_id: NodeId
    outcome: Outcome
    seconds: float = 0.0
    message: str = ""
    traceback: str = ""
    output: str = ""
    frames: tuple[Frame, ...] = ()
    """Outermost first; only frames of files in the repository."""


class RunEnd(StrEnum):
    """How a whole run ended."""

    FINISHED = "finished"
    FAILED_FAST = "failed_fast"
    TIME_LIMIT = "time_limit"
    OUT_OF_MEMORY = "out_of_memory"
    CRASHED = "crashed"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class TestReport:
    """All results of one run, in the order in which they arrived."""

    __test__ = False

    results: tuple[TestResult, ...]
    collected: tuple[NodeId, ...]
    seconds: float
    end: RunEnd = RunEnd.FINISHED
    detail: str = ""
    """One sentence where ``end`` is not FINISHED, or where the framework itself complained."""
    interference: tuple[str, ...] = ()
    """Signs of other hands in the run than the framework's, as clauses: ``_pytest.runner.CallInfo
    was replaced``. A suite may do such things itself: what counts is what the baseline lacks."""
    read: tuple[RelPath, ...] = ()
    """Files other than Python's that tests and fixtures opened, sorted; as far as it was seen."""

    def by_id(self) -> dict[NodeId, TestResult]:
        return {result.node_id: result for result in self.results}

    @property
    def failing(self) -> tuple[NodeId, ...]:
        return tuple(r.node_id for r in self.results if r.outcome.is_red)

    def count(self, outcome: Outcome) -> int:
        return sum(1 for r in self.results if r.outcome is outcome)


class Verdict(StrEnum):
    """Our judgement of a candidate against the baseline, never a model's."""

    GREEN = "green"
    IMPROVED = "improved"
    UNCHANGED = "unchanged"
    WORSE = "worse"
    SUSPICIOUS = "suspicious"


@dataclass(frozen=True, slots=True)
class FlakyTest:
    """A test that passed and failed on the same code, run in the same way.

    ``passed`` of ``runs`` counts every look at it. All of them had the same ``seed`` (of hashes, and of
    the plugins that order tests or make up data); ``order`` are the tests that ran together when it
    was run alone, as they were asked for.
    """

    node_id: NodeId
    passed: int
    runs: int
    seed: int = 0
    order: tuple[NodeId, ...] = ()

    @property
    def sentence(self) -> str:
        return f"{self.node_id} is flaky: it passed {self.passed} of {self.runs} times."


@dataclass(frozen=True, slots=True)
class Comparison:
    """Baseline against after, test by test."""

    verdict: Verdict
    fixed: tuple[NodeId, ...] = ()
    broken: tuple[NodeId, ...] = ()
    still_failing: tuple[NodeId, ...] = ()
    new: tuple[NodeId, ...] = ()
    vanished: tuple[NodeId, ...] = ()
    newly_skipped: tuple[NodeId, ...] = ()
    reasons: tuple[str, ...] = ()
    """Why a verdict is suspicious or worse; full sentences."""
    flaky: tuple[FlakyTest, ...] = ()
    """In none of the other lists: a flaky test neither makes green nor breaks."""
    duplicates: tuple[NodeId, ...] = ()
    """Ids that several tests share; the worst outcome of them counts."""


# --- the repository and patches ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RepositoryInfo:
    """What the window shows about an opened repository. ``path`` is absolute."""

    path: str
    name: str
    branch: str
    """Branch name, or the short hash of a detached head."""
    dirty: int
    """How many files differ from the last commit (untracked ones count)."""
    files: int
    language: str = ""
    """What its tests are in, as a title (``Python with pytest``); empty until they are run."""


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file of a patch, whole. ``None`` means that the file does not exist on that side."""

    path: RelPath
    before: bytes | None
    after: bytes | None


@dataclass(frozen=True, slots=True)
class Patch:
    """A set of file changes, at most one for each path, sorted by path."""

    changes: tuple[FileChange, ...]

    @property
    def paths(self) -> tuple[RelPath, ...]:
        return tuple(change.path for change in self.changes)


@dataclass(frozen=True, slots=True)
class Hunk:
    """One hunk of a unified diff; starts count from 1, ``lines`` keep their leading sign."""

    id: HunkId
    path: RelPath
    old_start: int
    old_count: int
    new_start: int
    new_count: int
    lines: tuple[str, ...]
    section: str = ""
    """The function or class in which the hunk lies, where it is known."""


@dataclass(frozen=True, slots=True)
class LockedFile:
    """A file that decides the verdict. ``reason`` is a short phrase: ``a test file``."""

    path: RelPath
    reason: str


@dataclass(frozen=True, slots=True)
class FileDiff:
    """What the review shows of one file. Texts are decoded; a binary file has empty texts."""

    path: RelPath
    before: str
    after: str
    hunks: tuple[Hunk, ...]
    binary: bool = False
    locked: bool = False
    """True for tests and test configuration: shown in a lane of their own."""


# --- the search ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Suspect:
    """A line under suspicion. ``score`` is in 0..1, higher is more suspicious."""

    path: RelPath
    line: int
    score: float
    function: str = ""
    reasons: tuple[str, ...] = ()


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


@dataclass(frozen=True, slots=True)
class Budget:
    """Ceilings for one task, checked before each call. Zero tokens or dollars means no ceiling."""

    seconds: float = 120.0
    tokens: int = 0
    dollars: float = 0.0


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


# --- surroundings --------------------------------------------------------------------------------


class SandboxKind(StrEnum):
    DOCKER = "docker"
    PODMAN = "podman"
    BUBBLEWRAP = "bubblewrap"
    HOST = "host"


class ReadinessState(StrEnum):
    """``LOOKING``: not known yet."""

    LOOKING = "looking"
    OK = "ok"
    ATTENTION = "attention"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Remedy:
    """What mends a trouble: a button in the window, a command line elsewhere."""

    label: str
    """Button text, e.g. ``Start Docker``."""
    action: str = ""
    """An action id that the window knows (see ``core.commands``), or empty."""
    shell: str = ""
    """A command that the user can type, or empty."""


@dataclass(frozen=True, slots=True)
class ReadinessRow:
    """One row of the doctor."""

    subject: str
    state: ReadinessState
    sentence: str
    remedy: Remedy | None = None


@dataclass(frozen=True, slots=True)
class SelfTestCheck:
    """One promise of a sandbox (``no network``), tried. ``detail`` says what was seen instead."""

    promise: str
    kept: bool
    detail: str = ""


@dataclass(frozen=True, slots=True)
class SelfTestReport:
    """What trying the sandbox has shown. ``sentence`` is its own, in one line: what is isolated."""

    kind: SandboxKind
    sentence: str
    checks: tuple[SelfTestCheck, ...] = ()
    seconds: float = 0.0
    isolated: bool = True
    """False for the host, which promises nothing and is not tried."""

    @property
    def broken(self) -> tuple[SelfTestCheck, ...]:
        return tuple(check for check in self.checks if not check.kept)


class ConsentKind(StrEnum):
    HOST = "run_on_host"
    SETUP_NETWORK = "setup_network"
    REMOTE_ENGINE = "remote_engine"


@dataclass(frozen=True, slots=True)
class ConsentRequest:
    """A permission that only the user can give."""

    kind: ConsentKind
    title: str
    text: str
    """What it means, in plain words, several sentences."""
    accept_label: str
    refuse_label: str = "Not now"
    subject: str = ""
    """What exactly is allowed, where the kind alone does not say it: the address of an engine."""


class SetUpChoice(StrEnum):
    """Whose word counts on what is installed for a repository."""

    FOUND = "found"
    """What its files say."""
    COMMANDS = "commands"
    """The user's own commands."""
    NOTHING = "nothing"
    """The user wants nothing installed."""


@dataclass(frozen=True, slots=True)
class SetUpInfo:
    """What would be installed for the tests of a repository, as far as that is known before."""

    choice: SetUpChoice
    source: str
    """Where it was found, for people (``uv.lock, group dev``); empty where nothing is needed."""
    packages: tuple[str, ...] = ()
    """Requirement files and specifiers."""
    commands: tuple[str, ...] = ()
    python: str = ""
    """The wanted version, or range of versions; empty where any will do."""
    allowed: bool = False
    """Whether the user has allowed the set-up for this repository."""
    installed: str = ""
    """A sentence on what this session has installed."""


# --- models --------------------------------------------------------------------------------------


class KeySource(StrEnum):
    """Where a key is from."""

    NONE = ""
    ENVIRONMENT = "environment"
    THIS_RUN = "this run"
    KEYRING = "keyring"


@dataclass(frozen=True, slots=True)
class KeyRow:
    """What may be shown of a key. ``variable`` is the environment variable that gives it, or would."""

    name: str
    title: str
    source: KeySource
    variable: str


class Grade(StrEnum):
    """What a model is worth to us by its probe; docs/models.md has the rules."""

    GOOD = "good"
    USABLE = "usable"
    WEAK = "weak"
    UNSUITABLE = "unsuitable"
    UNCLEAR = "not clear yet"
    """Too few answers in the time that there was."""


@dataclass(frozen=True, slots=True)
class FormatScore:
    """How a model kept to one edit format: of ``asked`` tasks, ``applied`` gave an edit, and ``right``
    the edit that was asked for. ``asked`` is 0 where the format was not tried."""

    format: EditFormat
    asked: int = 0
    applied: int = 0
    right: int = 0


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """What a minute with a model has shown. Speeds are tokens a second, 0 where unknown; ``seconds`` and
    ``tokens`` are what the probe itself took; ``taken`` is seconds since the epoch."""

    spec: str
    name: str
    grade: Grade
    formats: tuple[FormatScore, ...]
    edit_format: EditFormat
    """The one that is used."""
    prompt_tokens: int
    """How long the prompts are that it gets."""
    context_claimed: int = 0
    context_held: int = 0
    """The longest prompt whose beginning it still knew; 0 where it knew none."""
    context_tried: int = 0
    ended: int = 0
    """Answers that ended by themselves, of ``answers``."""
    answers: int = 0
    keeps_stops: bool | None = None
    """Whether stop sequences end an answer; ``None`` where this was not tried."""
    prompt_speed: float = 0.0
    completion_speed: float = 0.0
    first_seconds: float = 0.0
    busy: bool = False
    """Other programs kept the machine busy, so the speeds are too low."""
    seconds: float = 0.0
    tokens: TokenUsage = field(default_factory=TokenUsage)
    taken: float = 0.0


class ModelKind(StrEnum):
    CATALOGUE = "catalogue"
    """A file that we can fetch, and run ourselves."""
    FILE = "file"
    """A file of the user's own, where it is."""
    OLLAMA = "ollama"
    ENDPOINT = "endpoint"


class ModelState(StrEnum):
    """``SERVED`` is all that can be known of a model of a server."""

    VERIFIED = "verified"
    UNVERIFIED = "unverified"
    PARTIAL = "partly downloaded"
    ABSENT = "not downloaded"
    DAMAGED = "damaged"
    MISSING = "missing"
    SERVED = "served"
    UNREACHABLE = "unreachable"
    UNNAMED = "names no model"
    """A server with several models, none of them chosen."""

    @property
    def is_ready(self) -> bool:
        """True where the model can be used as it is."""
        return self in (ModelState.VERIFIED, ModelState.UNVERIFIED, ModelState.SERVED)


class MemoryFit(StrEnum):
    """The memory that a model needs against what is free now."""

    FITS = "fits"
    TIGHT = "tight"
    TOO_LARGE = "does not fit"
    UNKNOWN = ""


@dataclass(frozen=True, slots=True)
class ModelRow:
    """One model that is there or can be had. Sizes are bytes and 0 where unknown, as is ``context``
    (tokens). ``spec`` is what ``--model`` takes; empty for a server that offers none."""

    spec: str
    name: str
    kind: ModelKind
    state: ModelState
    size: int = 0
    done: int = 0
    """Of a partial download."""
    context: int = 0
    licence: str = ""
    good_for: str = ""
    memory: int = 0
    """Needed to run it with the context that we use."""
    fit: MemoryFit = MemoryFit.UNKNOWN
    where: str = ""
    """A path or an address."""
    sentence: str = ""
    """Why it cannot be used; empty where it can."""
    chosen: bool = False
    """``auto`` means this one."""
