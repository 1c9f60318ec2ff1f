"""Ways of asking a model that several tests share."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing

from core.models.base import ChatRequest, Delta, Message, ModelClient
from core.types import TokenUsage


def question(text: str, **options: object) -> ChatRequest:
    return ChatRequest((Message("user", text),), **options)  # type: ignore[arg-type]


async def collect(stream: AsyncIterator[Delta]) -> list[Delta]:
    """All of an answer."""
    async with aclosing(stream) as deltas:  # type: ignore[type-var]
        return [delta async for delta in deltas]


async def ask(client: ModelClient, request: ChatRequest) -> tuple[str, TokenUsage, str]:
    """The whole answer, its usage and why it ended."""
    pieces: list[str] = []
    usage, finish = TokenUsage(), ""
    async with aclosing(client.chat(request)) as deltas:  # type: ignore[type-var]
        async for delta in deltas:
            pieces.append(delta.text)
            if delta.usage is not None:
                usage, finish = delta.usage, delta.finish
    return "".join(pieces), usage, finish
