"""Notices that a server has dropped a part of a prompt: what was sent against what was counted. Pure."""

from __future__ import annotations

import re
from typing import Final

from core.errors import ModelError
from core.models import http_errors
from core.models.base import ChatRequest, Request
from core.types import TokenUsage

_LONGEST_TOKEN: Final = 6.0
"""Characters. Code has about 3.5 for each token, English prose 4.5; above this average no text that
people write comes, once repeated characters are taken together."""
_REPEATED: Final = re.compile(r"(.)\1+", re.DOTALL)
_TOO_FEW: Final = 200
"""A gap below this is in the noise of the bound."""


def least_tokens(request: Request) -> int:
    """A lower bound of the prompt's length in any model's tokens."""
    if isinstance(request, ChatRequest):
        text = "\n".join(message.content for message in request.messages)
    else:
        text = request.prompt + (request.suffix or "")
    return int(len(_REPEATED.sub(r"\1", text)) / _LONGEST_TOKEN)


def check_before(server: http_errors.Server, request: Request, context: int) -> None:
    """Refuse a prompt that cannot fit, for a server that would cut it without a word."""
    if context and least_tokens(request) > context:
        raise http_errors.prompt_too_long(server, f"The context has {context:,} tokens.")


def check_after(server: http_errors.Server, request: Request, usage: TokenUsage) -> None:
    """Raise ModelError ``model.prompt_dropped`` where the server counted fewer tokens than were sent."""
    missing = least_tokens(request) - usage.prompt
    if usage.estimated or not usage.prompt or missing < _TOO_FEW:
        return
    sentence = f"{server.title} dropped at least {missing:,} tokens of the prompt before it answered."
    details = f"It counted {usage.prompt:,} tokens."
    raise ModelError("model.prompt_dropped", sentence, (http_errors.WITHOUT_MODEL,), details)
