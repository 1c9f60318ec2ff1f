"""Tasks of the past, a row each."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from core.types.names import NodeId


class TaskEnd(StrEnum):
    """How a task stands. ``CUT_OFF``: the program ended before the task did."""

    RUNNING = "running"
    FIXED = "fixed"
    PARTLY = "partly fixed"
    UNSOLVED = "unsolved"
    STOPPED = "stopped"
    CUT_OFF = "cut off"


@dataclass(frozen=True, slots=True)
class TaskRow:
    """One search for a fix. ``began`` is in seconds since the epoch (UTC), ``dollars`` ``None`` where a
    price is not known."""

    id: int
    session: str
    """Of the journal that has its events."""
    repository: str
    """An absolute path."""
    name: str
    request: str
    began: float
    targets: tuple[NodeId, ...] = ()
    end: TaskEnd = TaskEnd.RUNNING
    model: str = ""
    strategy: str = ""
    title: str = ""
    """What the best candidate changes, in one line."""
    seconds: float = 0.0
    tokens: int = 0
    dollars: float | None = 0.0
    candidates: int = 0
    accepted: bool = False
