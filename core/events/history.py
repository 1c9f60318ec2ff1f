"""Tasks of the past."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from core.types import FileDiff, NodeId, TaskRow


@dataclass(frozen=True, slots=True)
class HistoryListed:
    """The newest tasks that hold every word of ``search``, newest first, of ``total`` that do."""

    rows: tuple[TaskRow, ...]
    total: int
    search: str = ""


@dataclass(frozen=True, slots=True)
class TaskCutOff:
    """The newest task of the repository that was opened did not come to its end."""

    task: TaskRow


@dataclass(frozen=True, slots=True)
class TaskShown:
    """A task, and the diff of its best candidate: empty where it had none, or its journal is gone."""

    task: TaskRow
    files: tuple[FileDiff, ...]


@dataclass(frozen=True, slots=True)
class TestPastRead:
    """How a test fared in the last runs of its suite, oldest first: seconds since the epoch, and ``p``
    for passed, ``f`` for failed, ``s`` for skipped."""

    __test__ = False
    node_id: NodeId
    marks: tuple[tuple[float, str], ...]


Body: TypeAlias = TestPastRead | HistoryListed | TaskCutOff | TaskShown
