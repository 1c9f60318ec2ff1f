"""Token counts where a server does not count. Pure."""

from __future__ import annotations

from core.models.base import ChatRequest, Request
from core.types import TokenUsage


def estimate_tokens(text: str) -> int:
    """Four characters a token: close enough for a budget."""
    return (len(text) + 3) // 4


def estimate_prompt(request: Request) -> int:
    """About how long the prompt of ``request`` is."""
    if isinstance(request, ChatRequest):
        return sum(estimate_tokens(message.content) for message in request.messages)
    return estimate_tokens(request.prompt) + estimate_tokens(request.suffix or "")


def estimate_usage(request: Request, answer: str) -> TokenUsage:
    return TokenUsage(estimate_prompt(request), estimate_tokens(answer), estimated=True)
