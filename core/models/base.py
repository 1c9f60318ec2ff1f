"""What a model is to the rest of core, on one screen. Knows nothing of any back end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Literal, Protocol

from core.types import TokenUsage


@dataclass(frozen=True, slots=True)
class Message:
    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a back end can do; the rest of core asks and never assumes."""

    seed: bool = False
    infill: bool = False
    """Fill-in-the-middle completion."""
    prefix_cache: bool = False
    counts_tokens: bool = False
    """Usage comes from the server."""


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """``spec`` is what ``--model`` takes; ``context`` is in tokens, 0 where unknown."""

    spec: str
    name: str
    context: int = 0
    capabilities: Capabilities = Capabilities()
    size_bytes: int = 0


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """One question. ``max_tokens`` bounds the answer; ``temperature`` 0 is greedy."""

    messages: tuple[Message, ...]
    max_tokens: int = 1024
    temperature: float = 0.0
    stop: tuple[str, ...] = ()
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class Delta:
    """A piece of an answer. The last one has ``usage`` and ``finish`` set."""

    text: str = ""
    usage: TokenUsage | None = None
    finish: Literal["", "stop", "length"] = ""


class ModelClient(Protocol):
    """One model behind one endpoint.

    Cancelling is closing the iterator (or cancelling the task that drives it): the request at the
    server ends within 200 ms. Every failure is a :class:`core.errors.ModelError` with a remedy.
    """

    @property
    def info(self) -> ModelInfo: ...

    async def start(self) -> None:
        """Make the first request quick (start a server, load the file). Idempotent."""

    def chat(self, request: ChatRequest) -> AsyncIterator[Delta]:
        """Stream the answer to a conversation."""

    async def close(self) -> None:
        """End whatever this client started. Idempotent."""
