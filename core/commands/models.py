"""Models and keys."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias


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


Command: TypeAlias = (
    ListModels
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
)
