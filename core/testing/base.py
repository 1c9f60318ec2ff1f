"""What a test run is, on one screen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from core.types import NodeId, RelPath, TestReport, TestResult


@dataclass(frozen=True, slots=True)
class RunLimits:
    """Seconds for one test, seconds for the run, bytes of output kept for one test."""

    test_seconds: float = 10.0
    run_seconds: float = 600.0
    output_bytes: int = 16_384


@dataclass(frozen=True, slots=True)
class Watch:
    """One function of a file, by its first and last line (from 1, decorators included)."""

    path: RelPath
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Step:
    """What a watched function did: in call ``call`` (from 1; it may call itself) at ``line``.

    ``kind``: ``call`` with the arguments, ``line`` with what the line changed, ``return``, ``yield`` and
    ``raise`` with one value whose name is empty, ``cut`` where steps are left out. Values are bounded
    text, made without running any code of the repository.
    """

    call: int
    line: int
    kind: str
    values: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class RunRequest:
    """One run over the private copy with ``overlay`` laid over it.

    ``node_ids`` empty means the whole suite. ``test_seconds`` overrides the limit for single tests;
    ``raised_to`` is how far the repository's own word (pytest-timeout's marker, option, setting) may
    raise it, in seconds; 0: that does not count. ``processor_seconds`` ends a test that has used more of
    the processor, whatever the clock says, where the language can tell; 0: no such limit. ``trace``
    records the executed lines of each test (slow). ``watch`` records what one function did in
    each test (slow; where the language can). ``control`` makes every test end with a false
    assertion; one that does not fail then is among the report's ``interference``.
    """

    overlay: Mapping[RelPath, bytes | None] = field(default_factory=dict)
    node_ids: tuple[NodeId, ...] = ()
    fail_fast: bool = False
    limits: RunLimits = RunLimits()
    test_seconds: Mapping[NodeId, float] = field(default_factory=dict)
    raised_to: float = 0.0
    processor_seconds: float = 0.0
    trace: bool = False
    watch: Watch | None = None
    control: bool = False


Coverage: TypeAlias = Mapping[NodeId, Mapping[RelPath, frozenset[int]]]
"""For each test, the lines (from 1) of each repository file that it executed."""


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """The report, with the coverage, and the steps of the last outermost call, where asked for.

    ``lost``: the sandbox went away in the middle. Somebody from outside has killed it, or, rarely, a
    test has; only a second try tells.
    """

    report: TestReport
    coverage: Coverage = field(default_factory=dict)
    steps: Mapping[NodeId, tuple[Step, ...]] = field(default_factory=dict)
    lost: bool = False
    parts: Mapping[NodeId, Mapping[int, Mapping[RelPath, frozenset[int]]]] = field(default_factory=dict)
    """Of failing tests, the coverage by lines of the test's own function, as far as they were told."""
    versions: Mapping[str, str] = field(default_factory=dict)
    """Of a traced run of Python: the top-level modules that were loaded from installed packages, each
    with the version of its package; and ``python`` itself."""


OnCollected: TypeAlias = Callable[[tuple[NodeId, ...]], None]
OnResult: TypeAlias = Callable[[TestResult], None]


class TestRunner(Protocol):
    """Runs tests in a sandbox; safe to call from several tasks, which then share its workers."""

    async def run(
        self,
        request: RunRequest,
        on_collected: OnCollected | None = None,
        on_result: OnResult | None = None,
    ) -> RunOutcome:
        """Run and report. Cancelling the task ends the run within a second."""
        ...

    async def close(self) -> None: ...
