"""Tasks of the past."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from core.types import TaskRow


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


Body: TypeAlias = HistoryListed | TaskCutOff
