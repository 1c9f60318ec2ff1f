"""Remarks on a candidate and refused hunks: what the user says of a patch in review."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from core.types.names import HunkId, NodeId, RelPath


class ChangeKind(StrEnum):
    """The kind of change that a remark asks for."""

    CHANGE = "change"
    ADD = "add"
    REMOVE = "remove"
    RENAME = "rename"
    KEEP = "keep"


@dataclass(frozen=True, slots=True)
class RemarkPlace:
    """A test, else lines of a file as the candidate leaves it, else a hunk, else a file; the whole patch
    where nothing is named. Lines count from 1, ``last`` included."""

    path: RelPath = ""
    first: int = 0
    last: int = 0
    hunk: HunkId = ""
    test: NodeId = ""

    def __str__(self) -> str:
        if self.test:
            return self.test
        if not self.path:
            return "the whole patch"
        if not self.first:
            return self.path
        last = f"-{self.last}" if self.last > self.first else ""
        return f"{self.path}:{self.first}{last}"


@dataclass(frozen=True, slots=True)
class RemarkReading:
    """A remark in three steps: the kind of change, where, and the solution in words."""

    kind: ChangeKind
    place: RemarkPlace
    solution: str


@dataclass(frozen=True, slots=True)
class UnderstoodRemark:
    """A remark as it was made on ``place``, and how it is understood.

    ``doubt`` says in a sentence why it cannot be carried out as it stands, and is empty where it can;
    ``elsewhere`` are places to which it may belong instead.
    """

    id: int
    candidate: int
    place: RemarkPlace
    text: str
    reading: RemarkReading
    by_model: bool = False
    doubt: str = ""
    elsewhere: tuple[RemarkPlace, ...] = ()


@dataclass(frozen=True, slots=True)
class Refusal:
    """A hunk that must not be proposed again where one of ``targets`` is to be fixed.

    ``lines`` are those that it removes and adds, signed, as they were shown; ``marks`` the same in
    the form in which another patch is compared with it.
    """

    id: int
    path: RelPath
    lines: tuple[str, ...]
    reason: str = ""
    targets: tuple[NodeId, ...] = ()
    marks: tuple[str, ...] = ()
