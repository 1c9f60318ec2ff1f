"""Everything the user can want: one frozen command each. Imports only the vocabulary.

The window and the command line send these; :class:`core.session.engine.Engine` carries them out.
``ACTIONS`` maps the action ids that remedies use to commands without arguments.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, TypeAlias

from core.types import Budget, CodePlace, ConsentKind, HunkId, NodeId, SuspectMark


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
class FindSuspects:
    """Say which lines may be at fault where ``tests`` fail (empty: every failing test), without a search;
    answered by ``SuspectsRanked``."""

    tests: tuple[NodeId, ...] = ()


@dataclass(frozen=True, slots=True)
class MarkSuspect:
    """Pin a place, which the next fix then looks at first, or drop it, which it then leaves alone; with
    ``None`` take that back. Holds until another repository is opened. Where suspects were ranked,
    answered by ``SuspectsRanked``."""

    place: CodePlace
    mark: SuspectMark | None


@dataclass(frozen=True, slots=True)
class SelectStrategy:
    """Search in this way from the next fix on; answered by ``StrategiesListed``."""

    name: str


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
class LookAtSetUp:
    """Say what would be installed for the tests, and by whose word; answered by ``SetUpFound``."""


@dataclass(frozen=True, slots=True)
class ChooseSetUp:
    """From now on run ``commands`` to set the repository up, in the place of what Greenbar finds; empty:
    install nothing; ``None``: let it find out again. Then set it up and run the tests."""

    commands: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class ListModels:
    """Look at every model that is there or can be had; answered by ``ModelsChanged``."""


@dataclass(frozen=True, slots=True)
class DownloadModel:
    """Fetch a model of the catalogue, or ``ollama:NAME`` through Ollama, beside whatever runs; with
    ``use``, take it for this session once it is there. Goes on where an earlier one was cut off."""

    spec: str = "embedded"
    use: bool = False


@dataclass(frozen=True, slots=True)
class CancelDownload:
    """Stop fetching; what has come so far is kept for the next time."""

    spec: str


@dataclass(frozen=True, slots=True)
class VerifyModel:
    """Read the file whole and compare it with what its makers published."""

    spec: str


@dataclass(frozen=True, slots=True)
class DeleteModel:
    """Delete a file of ours or a model of Ollama's; of a file of the user's own, forget where it is."""

    spec: str


@dataclass(frozen=True, slots=True)
class AddModelFile:
    """List a GGUF file of the user's own, where it is."""

    path: str


@dataclass(frozen=True, slots=True)
class AddEndpoint:
    """List a server that speaks the OpenAI protocol. ``key`` is the name of its key, empty for none."""

    name: str
    base_url: str
    model: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class SelectModel:
    """Use this model from now on: ``auto``, ``none``, ``embedded``, ``embedded:NAME``, ``ollama:NAME``,
    ``openai:NAME``, ``endpoint:NAME``, ``scripted:PATH``. With ``keep``, ``auto`` means it in later
    runs, too."""

    spec: str
    keep: bool = False


@dataclass(frozen=True, slots=True)
class ProbeModel:
    """Measure the model in use, for a minute at most; answered by ``ModelProbed``."""


@dataclass(frozen=True, slots=True)
class MendTruncation:
    """After ``PromptDropped``: raise the context where it is ours to set (Ollama), else keep prompts
    as short as what the server counted; from now on, in later runs too."""


@dataclass(frozen=True, slots=True)
class ListKeys:
    """See where each key is from; answered by ``KeysChanged``."""


@dataclass(frozen=True, slots=True)
class SetKey:
    """Keep a key in the keyring, or with ``this_run_only`` in memory. It never shows in a repr."""

    name: str
    value: str = field(repr=False)
    this_run_only: bool = False


@dataclass(frozen=True, slots=True)
class DeleteKey:
    """Forget a key."""

    name: str


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


Command: TypeAlias = (
    OpenRepository
    | OpenSample
    | RunTests
    | Fix
    | FindSuspects
    | MarkSuspect
    | SelectStrategy
    | Stop
    | ShowCandidate
    | VerifySelection
    | Accept
    | Undo
    | Redo
    | AnswerConsent
    | SetUpEnvironment
    | LookAtSetUp
    | ChooseSetUp
    | ListModels
    | DownloadModel
    | CancelDownload
    | VerifyModel
    | DeleteModel
    | AddModelFile
    | AddEndpoint
    | SelectModel
    | ProbeModel
    | MendTruncation
    | ListKeys
    | SetKey
    | DeleteKey
    | SelectSandbox
    | StartDocker
    | RunDoctor
    | RunSelfTest
)

ACTIONS: Final[dict[str, Command]] = {
    "run_tests": RunTests(),
    "fix": Fix(),
    "find_suspects": FindSuspects(),
    "stop": Stop(),
    "undo": Undo(),
    "redo": Redo(),
    "set_up": SetUpEnvironment(),
    "download_model": DownloadModel(use=True),
    "use_docker": SelectSandbox("docker"),
    "use_bubblewrap": SelectSandbox("bubblewrap"),
    "use_host": SelectSandbox("host"),
    "without_model": SelectModel("none"),
    "mend_truncation": MendTruncation(),
    "probe_model": ProbeModel(),
    "start_docker": StartDocker(),
    "run_doctor": RunDoctor(),
    "run_self_test": RunSelfTest(),
    "open_sample": OpenSample(),
}
"""Action ids of remedies that are commands. The window adds its own, such as ``open``."""
