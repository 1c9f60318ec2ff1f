"""Everything the user can want: one frozen command each. Imports only the vocabulary.

The window and the command line send these; :class:`core.session.engine.Engine` carries them out.
``ACTIONS`` maps the action ids that remedies use to commands without arguments.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, TypeAlias

from core.types import Budget, ConsentKind, HunkId, NodeId


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
    """Run the tests anew and take the result as the baseline. Always the whole suite."""


@dataclass(frozen=True, slots=True)
class Fix:
    """Search for a patch that makes ``tests`` pass; empty means every failing test."""

    tests: tuple[NodeId, ...] = ()
    budget: Budget = field(default_factory=Budget)


@dataclass(frozen=True, slots=True)
class Stop:
    """Stop whatever runs, within a second, keeping the best state so far."""


@dataclass(frozen=True, slots=True)
class ShowCandidate:
    """Ask for the diff of a candidate; answered by ``ReviewReady``."""

    candidate: int


@dataclass(frozen=True, slots=True)
class VerifySelection:
    """Run the tests on exactly these hunks of a candidate; answered by ``SelectionVerified``."""

    candidate: int
    hunks: tuple[HunkId, ...]


@dataclass(frozen=True, slots=True)
class Accept:
    """Write these hunks of a candidate to the user's tree. ``None`` means all of them.

    A partial selection is verified first. ``anyway`` writes even when the verdict is not green.
    """

    candidate: int
    hunks: tuple[HunkId, ...] | None = None
    anyway: bool = False


@dataclass(frozen=True, slots=True)
class Undo:
    """Take back the newest accept that stands."""


@dataclass(frozen=True, slots=True)
class Redo:
    """Write the newest undone accept again."""


@dataclass(frozen=True, slots=True)
class AnswerConsent:
    """The user's answer to a ``ConsentNeeded``."""

    kind: ConsentKind
    granted: bool


@dataclass(frozen=True, slots=True)
class SetUpEnvironment:
    """Install what the repository's tests need, into an environment outside the repository."""


@dataclass(frozen=True, slots=True)
class DownloadModel:
    """Fetch the embedded model file."""


@dataclass(frozen=True, slots=True)
class SelectModel:
    """Use this model from now on: ``auto``, ``none``, ``embedded``, ``ollama:NAME``, ``openai:NAME``,
    ``scripted:PATH``."""

    spec: str


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


Command: TypeAlias = (
    OpenRepository
    | OpenSample
    | RunTests
    | Fix
    | Stop
    | ShowCandidate
    | VerifySelection
    | Accept
    | Undo
    | Redo
    | AnswerConsent
    | SetUpEnvironment
    | DownloadModel
    | SelectModel
    | SelectSandbox
    | StartDocker
    | RunDoctor
)

ACTIONS: Final[dict[str, Command]] = {
    "run_tests": RunTests(),
    "fix": Fix(),
    "stop": Stop(),
    "undo": Undo(),
    "redo": Redo(),
    "set_up": SetUpEnvironment(),
    "download_model": DownloadModel(),
    "use_docker": SelectSandbox("docker"),
    "use_bubblewrap": SelectSandbox("bubblewrap"),
    "use_host": SelectSandbox("host"),
    "without_model": SelectModel("none"),
    "start_docker": StartDocker(),
    "run_doctor": RunDoctor(),
    "open_sample": OpenSample(),
}
"""Action ids of remedies that are commands. The window adds its own, such as ``open``."""
