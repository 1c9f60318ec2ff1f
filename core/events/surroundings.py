"""The repository, its surroundings, consents, trouble, and the end of a work."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from core.types import (
    ConsentKind,
    ConsentRequest,
    ReadinessRow,
    Remedy,
    RepositoryInfo,
    SandboxKind,
    SelfTestReport,
    SetUpInfo,
)


@dataclass(frozen=True, slots=True)
class RepositoryOpened:
    repository: RepositoryInfo


@dataclass(frozen=True, slots=True)
class RepositoryChanged:
    """The open repository looks different now: another branch, more or fewer uncommitted changes."""

    repository: RepositoryInfo


@dataclass(frozen=True, slots=True)
class ReadinessChanged:
    """All rows of the doctor; those that are not known yet say LOOKING."""

    rows: tuple[ReadinessRow, ...]


@dataclass(frozen=True, slots=True)
class SelfTested:
    """The sandbox was started and tried."""

    report: SelfTestReport


@dataclass(frozen=True, slots=True)
class Progress:
    """A step of long work. ``fraction`` is in 0..1, or ``None`` where it cannot be known.

    ``job`` says which work (``sandbox``, ``set_up``, ``copy``, or ``model:`` and a spec); the last one
    of a job has ``done``.
    """

    job: str
    text: str
    fraction: float | None = None
    done: bool = False


@dataclass(frozen=True, slots=True)
class SandboxReady:
    """``sentence`` says in one line what is isolated, for the status bar."""

    kind: SandboxKind
    sentence: str


@dataclass(frozen=True, slots=True)
class SetUpFound:
    """What would be installed for the tests of the open repository."""

    set_up: SetUpInfo


@dataclass(frozen=True, slots=True)
class ConsentNeeded:
    request: ConsentRequest


@dataclass(frozen=True, slots=True)
class ConsentGiven:
    kind: ConsentKind
    granted: bool


@dataclass(frozen=True, slots=True)
class TroubleRaised:
    """A :class:`core.errors.GreenbarError`, as the user sees it."""

    code: str
    sentence: str
    remedies: tuple[Remedy, ...] = ()
    details: str = ""


@dataclass(frozen=True, slots=True)
class Noticed:
    """A line for the log drawer; nothing to act on."""

    sentence: str


@dataclass(frozen=True, slots=True)
class WorkEnded:
    """The command that ran longest is over, however it ended; the window leaves its busy state."""

    stopped: bool = False


Body: TypeAlias = (
    RepositoryOpened
    | RepositoryChanged
    | ReadinessChanged
    | SelfTested
    | Progress
    | SandboxReady
    | SetUpFound
    | ConsentNeeded
    | ConsentGiven
    | TroubleRaised
    | Noticed
    | WorkEnded
)
