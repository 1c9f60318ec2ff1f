"""What a model is to the rest of core, on one screen. Knows nothing of any back end."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from core.types import TokenUsage

Finish: TypeAlias = Literal["", "stop", "length"]
Vector: TypeAlias = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Message:
    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a back end can do with this model; the rest of core asks and never assumes.

    A request for something that is not here raises ModelError ``model.not_capable``; nothing is left
    out in silence, but ``seed`` and ``think``, which are wishes.
    """

    chat: bool = True
    completion: bool = False
    """Raw text goes on, without a conversation's template."""
    infill: bool = False
    """Fill-in-the-middle: a completion with a suffix."""
    embeddings: bool = False
    seed: bool = False
    samples: bool = False
    """Several answers to one request."""
    log_probabilities: bool = False
    json_schema: bool = False
    grammar: bool = False
    """Output by a grammar in llama.cpp's GBNF."""
    thinking: bool = False
    """The model may think before it answers; its thoughts arrive apart from the answer."""
    prefix_cache: bool = False
    """A prompt that begins like the one before is not read twice."""
    counts_tokens: bool = False
    """Usage comes from the server."""
    counts_cached: bool = False
    """``TokenUsage.cached`` comes from the server."""


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """``spec`` is what ``--model`` takes; ``context`` is in tokens, 0 where unknown."""

    spec: str
    name: str
    context: int = 0
    capabilities: Capabilities = Capabilities()
    size_bytes: int = 0


@dataclass(frozen=True, slots=True)
class JsonSchema:
    """The answer is one JSON value that this schema admits."""

    schema: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Grammar:
    """The answer is a text of this grammar (GBNF), whose start is ``root``."""

    gbnf: str


Shape: TypeAlias = JsonSchema | Grammar


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """One question. ``max_tokens`` bounds the answer; ``temperature`` 0 is greedy.

    ``samples`` answers are asked for at once; ``alternatives`` above 0 asks for log-probabilities, with
    so many candidates for each token. ``think`` asks a thinking model to think or not to; ``None``
    leaves it to the model.
    """

    messages: tuple[Message, ...]
    max_tokens: int = 1024
    temperature: float = 0.0
    stop: tuple[str, ...] = ()
    seed: int | None = None
    samples: int = 1
    alternatives: int = 0
    shape: Shape | None = None
    think: bool | None = None


@dataclass(frozen=True, slots=True)
class CompletionRequest:
    """Text to go on from, as it is. With a ``suffix``, the answer is what belongs between the two."""

    prompt: str
    suffix: str | None = None
    max_tokens: int = 256
    temperature: float = 0.0
    stop: tuple[str, ...] = ()
    seed: int | None = None
    samples: int = 1
    alternatives: int = 0
    shape: Shape | None = None


Request: TypeAlias = ChatRequest | CompletionRequest


@dataclass(frozen=True, slots=True)
class TokenChance:
    """A token that was chosen; chances are natural logarithms. ``others``: candidates, best first."""

    text: str
    chance: float
    others: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Timing:
    """``first_seconds``: from the request to the first piece of the answer. ``tokens_per_second``: how
    fast the answer was written, 0 where it was too short to tell."""

    first_seconds: float
    tokens_per_second: float


@dataclass(frozen=True, slots=True)
class Delta:
    """A piece of an answer. The last one has ``usage``, ``timing`` and ``finish`` set.

    Of several ``samples``, each ends with a delta of its own that has ``finish`` set, before the last.
    """

    text: str = ""
    usage: TokenUsage | None = None
    finish: Finish = ""
    thinking: str = ""
    sample: int = 0
    tokens: tuple[TokenChance, ...] = ()
    timing: Timing | None = None


class ModelClient(Protocol):
    """One model behind one endpoint.

    Cancelling is closing the iterator (or cancelling the task that drives it): the request at the
    server ends within 200 ms. Every failure is a :class:`core.errors.ModelError` with a remedy.
    """

    @property
    def info(self) -> ModelInfo:
        """What is known of the model; complete after :meth:`start`."""

    async def start(self) -> None:
        """Make the first request quick (start a server, load the file). Idempotent."""

    def chat(self, request: ChatRequest) -> AsyncIterator[Delta]:
        """Stream the answer to a conversation."""

    def complete(self, request: CompletionRequest) -> AsyncIterator[Delta]:
        """Stream what comes after a text, or between two."""

    async def embed(self, texts: Sequence[str]) -> tuple[Vector, ...]:
        """One vector for each text, all of one length."""

    async def close(self) -> None:
        """End whatever this client started. Idempotent."""
