"""Opening a repository, running its tests, setting them up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from core.types import NodeId


@dataclass(frozen=True, slots=True)
class OpenRepository:
    """Open a folder; its tests run at once if a sandbox is there."""

    path: str
    run_tests: bool = True


@dataclass(frozen=True, slots=True)
class OpenSample:
    """Open a fresh copy of the bundled sample repository."""


@dataclass(frozen=True, slots=True)
class RunTests:
    """Run the tests anew and take the result as the baseline; empty: the whole suite.

    Some ``tests`` are run alone where the suite has run before. Where the tree has changed since, what
    they show is no baseline, and the next fix takes one.
    """

    tests: tuple[NodeId, ...] = ()


@dataclass(frozen=True, slots=True)
class WatchTree:
    """Run the tests again whenever a file changes that git does not ignore, until another repository is
    opened or ``on`` is false; answered by ``WatchingChanged``."""

    on: bool


@dataclass(frozen=True, slots=True)
class SetUpEnvironment:
    """Install what the repository's tests need, into an environment outside the repository."""


@dataclass(frozen=True, slots=True)
class LookAtSetUp:
    """Say what would be installed for the tests, and by whose word; answered by ``SetUpFound``."""


@dataclass(frozen=True, slots=True)
class ChooseSetUp:
    """From now on run ``commands`` to set the repository up, in the place of what Greenbar finds; empty:
    install nothing; ``None``: let it find out again. Then set it up and run the tests."""

    commands: tuple[str, ...] | None


Command: TypeAlias = (
    OpenRepository | OpenSample | RunTests | WatchTree | SetUpEnvironment | LookAtSetUp | ChooseSetUp
)
