"""Asking for a change in words, and what is required of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from core.types import Budget, NodeId


@dataclass(frozen=True, slots=True)
class AddRequirement:
    """Write a line into the ledger; answered by ``LedgerChanged``."""

    text: str


@dataclass(frozen=True, slots=True)
class EditRequirement:
    """Change the words of a requirement; answered by ``LedgerChanged``."""

    requirement: int
    text: str


@dataclass(frozen=True, slots=True)
class DropRequirement:
    """Take a requirement out of the ledger; answered by ``LedgerChanged``."""

    requirement: int


@dataclass(frozen=True, slots=True)
class Request:
    """Ask for a change in words; answered by ``TaskRestated``. ``mentions`` are files, functions
    (``path::name``) and tests that the user has pointed at."""

    text: str
    mentions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ConfirmTask:
    """Take ``text`` as the task, as restated or changed; answered by ``TestsProposed``."""

    text: str


@dataclass(frozen=True, slots=True)
class ConfirmTests:
    """Make these of the proposed tests the target, some with another source, and search."""

    which: tuple[NodeId, ...]
    edited: Mapping[NodeId, str] = field(default_factory=dict)
    budget: Budget = field(default_factory=Budget)


@dataclass(frozen=True, slots=True)
class DropRequest:
    """Give the request up, with the tests that were proposed or confirmed for it; answered by
    ``RequestDropped``."""


Command: TypeAlias = (
    AddRequirement
    | EditRequirement
    | DropRequirement
    | Request
    | ConfirmTask
    | ConfirmTests
    | DropRequest
)
