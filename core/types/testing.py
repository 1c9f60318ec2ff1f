"""Tests and what became of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from core.types.names import NodeId, RelPath


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
    values: tuple[tuple[str, str], ...] = ()
    """Local variables with what they held, as bounded text; only of a traced run's innermost frames."""


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
