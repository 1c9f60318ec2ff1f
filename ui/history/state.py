"""What the window knows of past tasks: a projection of the events. Imports no Qt."""

from __future__ import annotations

from core import events as ev
from core.types import FileDiff, NodeId, TaskRow
from ui.coalesce import Shown


class HistoryState:
    """Changed by :meth:`apply` only."""

    def __init__(self) -> None:
        self.rows: tuple[TaskRow, ...] | None = None
        """``None`` while nobody has looked."""
        self.total = 0
        self.search = ""
        self.shown: dict[int, tuple[FileDiff, ...]] = {}
        """Diffs of tasks that were asked for, by their numbers."""
        self.past: dict[NodeId, tuple[tuple[float, str], ...]] = {}
        """How the test that was asked for last has fared before."""
        self.cut_off: TaskRow | None = None
        """The newest task of the open repository, where it did not come to its end."""

    def apply(self, body: Shown) -> None:
        """Take one event in."""
        match body:
            case ev.HistoryListed(rows, total, search):
                self.rows, self.total, self.search = rows, total, search
                self.shown.clear()
            case ev.TaskShown(task, files):
                self.shown[task.id] = files
            case ev.TestPastRead(node, marks):
                self.past = {node: marks}
            case ev.TestRunFinished("baseline" | "accepted", _):
                self.past = {}
            case ev.TaskCutOff(task):
                self.cut_off = task
            case ev.RepositoryOpened() | ev.FixStarted():
                self.cut_off = None
            case _:
                pass
