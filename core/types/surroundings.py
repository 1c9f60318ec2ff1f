"""What Greenbar stands on: sandboxes, readiness, consent, set-up."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class SandboxKind(StrEnum):
    DOCKER = "docker"
    PODMAN = "podman"
    BUBBLEWRAP = "bubblewrap"
    HOST = "host"


class ReadinessState(StrEnum):
    """``LOOKING``: not known yet."""

    LOOKING = "looking"
    OK = "ok"
    ATTENTION = "attention"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Remedy:
    """What mends a trouble: a button in the window, a command line elsewhere."""

    label: str
    """Button text, e.g. ``Start Docker``."""
    action: str = ""
    """An action id that the window knows (see ``core.commands``), or empty."""
    shell: str = ""
    """A command that the user can type, or empty."""


@dataclass(frozen=True, slots=True)
class ReadinessRow:
    """One row of the doctor."""

    subject: str
    state: ReadinessState
    sentence: str
    remedy: Remedy | None = None


@dataclass(frozen=True, slots=True)
class SelfTestCheck:
    """One promise of a sandbox (``no network``), tried. ``detail`` says what was seen instead."""

    promise: str
    kept: bool
    detail: str = ""


@dataclass(frozen=True, slots=True)
class SelfTestReport:
    """What trying the sandbox has shown. ``sentence`` is its own, in one line: what is isolated."""

    kind: SandboxKind
    sentence: str
    checks: tuple[SelfTestCheck, ...] = ()
    seconds: float = 0.0
    isolated: bool = True
    """False for the host, which promises nothing and is not tried."""

    @property
    def broken(self) -> tuple[SelfTestCheck, ...]:
        return tuple(check for check in self.checks if not check.kept)


class ConsentKind(StrEnum):
    HOST = "run_on_host"
    SETUP_NETWORK = "setup_network"
    REMOTE_ENGINE = "remote_engine"


@dataclass(frozen=True, slots=True)
class ConsentRequest:
    """A permission that only the user can give."""

    kind: ConsentKind
    title: str
    text: str
    """What it means, in plain words, several sentences."""
    accept_label: str
    refuse_label: str = "Not now"
    subject: str = ""
    """What exactly is allowed, where the kind alone does not say it: the address of an engine."""


class SetUpChoice(StrEnum):
    """Whose word counts on what is installed for a repository."""

    FOUND = "found"
    """What its files say."""
    COMMANDS = "commands"
    """The user's own commands."""
    NOTHING = "nothing"
    """The user wants nothing installed."""


@dataclass(frozen=True, slots=True)
class SetUpInfo:
    """What would be installed for the tests of a repository, as far as that is known before."""

    choice: SetUpChoice
    source: str
    """Where it was found, for people (``uv.lock, group dev``); empty where nothing is needed."""
    packages: tuple[str, ...] = ()
    """Requirement files and specifiers."""
    commands: tuple[str, ...] = ()
    python: str = ""
    """The wanted version, or range of versions; empty where any will do."""
    allowed: bool = False
    """Whether the user has allowed the set-up for this repository."""
    installed: str = ""
    """A sentence on what this session has installed."""
