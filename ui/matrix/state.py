"""The matrix as a projection of the events. Imports no Qt."""

from __future__ import annotations

from collections.abc import Mapping

from core import events as ev
from core.types import NodeId, TestResult
from ui.coalesce import Shown
from ui.matrix.table import MatrixTable


class MatrixState:
    """``version`` counts the changes of ``table``."""

    def __init__(self) -> None:
        self.version = 0
        self._table = MatrixTable()
        self._begun = True
        self._tests: tuple[NodeId, ...] = ()
        self._baseline: Mapping[NodeId, TestResult] = {}

    @property
    def has_tests(self) -> bool:
        return bool(self._tests)

    @property
    def table(self) -> MatrixTable:
        """Begun when it is first looked at: the end of a run of thousands of tests has enough to do."""
        if not self._begun:
            self._begun = True
            self._table.start(self._tests, self._baseline)
        return self._table

    def apply(self, body: Shown) -> None:
        """Take one event in."""
        match body:
            case ev.RepositoryOpened():
                self._begin((), {})
            case ev.TestRunFinished(purpose, report) if purpose in ("baseline", "accepted"):
                self._begin(report.collected, report.by_id())
            case ev.FixStarted():
                self._begin(self._tests, self._baseline)
            case ev.CandidateVerified(evidence, _):
                self.table.put(evidence)
                self.version += 1
            case _:
                pass

    def _begin(self, tests: tuple[NodeId, ...], baseline: Mapping[NodeId, TestResult]) -> None:
        self._tests, self._baseline = tests, baseline
        self._begun = False
        self.version += 1
