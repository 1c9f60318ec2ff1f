"""Consents, sandboxes and the doctor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from core.types import ConsentKind


@dataclass(frozen=True, slots=True)
class AnswerConsent:
    """The user's answer to a ``ConsentNeeded``."""

    kind: ConsentKind
    granted: bool


@dataclass(frozen=True, slots=True)
class SelectSandbox:
    """Use this sandbox from now on: ``auto`` or a :class:`core.types.SandboxKind` value."""

    spec: str


@dataclass(frozen=True, slots=True)
class StartDocker:
    """Start the installed Docker engine, where the user may do so."""


@dataclass(frozen=True, slots=True)
class RunDoctor:
    """Look again at git, sandboxes, model and keyring; answered by ``ReadinessChanged``."""


@dataclass(frozen=True, slots=True)
class RunSelfTest:
    """Start the sandbox that would be used and try what it promises; answered by ``SelfTested``."""


Command: TypeAlias = AnswerConsent | SelectSandbox | StartDocker | RunDoctor | RunSelfTest
