"""Tasks of the past."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from core.types import NodeId


@dataclass(frozen=True, slots=True)
class ListHistory:
    """Look for tasks that hold every word of ``search``; answered by ``HistoryListed``."""

    search: str = ""
    limit: int = 500


@dataclass(frozen=True, slots=True)
class DeleteTasks:
    """Forget these tasks, and the journal of each session that has no other; answered as
    ``ListHistory`` is."""

    ids: tuple[int, ...]
    search: str = ""


@dataclass(frozen=True, slots=True)
class ShowTask:
    """Ask for what a task came to; answered by ``TaskShown``."""

    id: int


@dataclass(frozen=True, slots=True)
class ShowTestPast:
    """Ask how a test of a repository fared before; answered by ``TestPastRead``."""

    repository: str
    node_id: NodeId


Command: TypeAlias = ShowTestPast | ListHistory | DeleteTasks | ShowTask
