"""Tasks of the past."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from core.types import FileDiff, TaskRow


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


Body: TypeAlias = HistoryListed | TaskCutOff | TaskShown
