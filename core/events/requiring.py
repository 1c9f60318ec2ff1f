"""Requests in words, tests proposed for them, and the ledger of requirements."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from core.types import DroppedTest, NodeId, ProposedTest, RelPath, Requirement


@dataclass(frozen=True, slots=True)
class LedgerChanged:
    """Every requirement of the opened repository, in the order of their numbers."""

    requirements: tuple[Requirement, ...]


@dataclass(frozen=True, slots=True)
class TaskRestated:
    """A request in one or two lines, for the user to change or confirm. ``request`` is what was kept of
    the words; ``model`` names who restated them, empty: they are the user's own."""

    request: str
    text: str
    model: str = ""
    places: tuple[str, ...] = ()
    """Files and functions that it is about, as far as that is known (``slug.py::slugify``)."""


@dataclass(frozen=True, slots=True)
class TestsProposed:
    """Tests for the restated task, none of them in the user's tree; they count once confirmed."""

    __test__ = False
    tests: tuple[ProposedTest, ...]
    dropped: tuple[DroppedTest, ...] = ()


@dataclass(frozen=True, slots=True)
class TestsConfirmed:
    """The user made these tests the target. They stand in the private copy and are red there; the files
    are written to the user's tree with the code, on accept."""

    __test__ = False
    tests: tuple[NodeId, ...]
    paths: tuple[RelPath, ...]


@dataclass(frozen=True, slots=True)
class RequestDropped:
    """The request is no longer the task; what was written for it is gone from the private copy."""


Body: TypeAlias = LedgerChanged | TaskRestated | TestsProposed | TestsConfirmed | RequestDropped
