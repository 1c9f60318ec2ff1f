"""Runs of the tests, and what they say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from core.types import Diagnosis, LockedFile, NodeId, TestReport, TestResult


@dataclass(frozen=True, slots=True)
class TestRunStarted:
    """``purpose``: ``baseline``, ``accepted``, ``some`` for a few tests of the tree as it is, or
    ``selection`` for chosen hunks of a candidate."""

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
class WatchingChanged:
    """Whether the tests are run again when a file changes."""

    on: bool


@dataclass(frozen=True, slots=True)
class Diagnosed:
    """What the red tests of the newest run say of where their fault lies; often nothing."""

    diagnoses: tuple[Diagnosis, ...]


Body: TypeAlias = (
    TestRunStarted
    | TestsCollected
    | TestFinished
    | TestRunFinished
    | TestsLocked
    | Diagnosed
    | WatchingChanged
)
