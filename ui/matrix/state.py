"""The matrix as a projection of the events. Imports no Qt."""

from __future__ import annotations

from core import events as ev
from core.types import NodeId, TestResult
from ui.coalesce import Shown
from ui.matrix.table import MatrixTable


class MatrixState:
    """``version`` counts the changes of ``table``."""

    def __init__(self) -> None:
        self.table = MatrixTable()
        self.version = 0
        self._tests: tuple[NodeId, ...] = ()
        self._baseline: dict[NodeId, TestResult] = {}

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

    def _begin(self, tests: tuple[NodeId, ...], baseline: dict[NodeId, TestResult]) -> None:
        self._tests, self._baseline = tests, baseline
        self.table.start(tests, baseline)
        self.version += 1
