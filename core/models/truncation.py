"""Notices that a server has dropped a part of a prompt: what was sent against what was counted.

What was sent is counted by the server's own tokenizer where it has one to ask, and is exact then. Else it
is bounded from below by the prompt's characters: no text that people write has more than 6 of them for a
token, and none has half as many again as the same model's prompts before it. Below the bound nothing is
claimed; what is missing above it was dropped for sure.
"""

from __future__ import annotations

import re
from typing import Final, Protocol, runtime_checkable

from core.errors import ModelError, TruncatedPrompt
from core.models import http_errors
from core.models.base import ChatRequest, ModelClient, Request
from core.models.book import LimitRecord
from core.types import Remedy, TokenUsage

_LONGEST_TOKEN: Final = 6.0
"""Characters. Code has about 3.5 for each token, English prose 4.5; above this average no text that
people write comes, once repeated characters are taken together."""
_REPEATED: Final = re.compile(r"(.)\1+", re.DOTALL)
_TOO_FEW: Final = 200
"""A gap below this is in the noise of the bound."""
_TOO_FEW_LEARNED: Final = 64
_TOO_FEW_EXACT: Final = 8
"""The template of a conversation only adds tokens, but a word may be cut differently inside of it."""
_ENOUGH: Final = 3
"""Prompts after which the characters for a token are known."""
_TOLERANCE: Final = 1.5
_ROOM_TO_ANSWER: Final = 1024


@runtime_checkable
class TokenCounter(Protocol):
    """A client whose server tells how many tokens a text has."""

    async def count_tokens(self, text: str) -> int | None:
        """Exact; ``None`` where this server does not tell after all."""


class TruncationGuard:
    """One for each model; learns from every prompt that was whole."""

    def __init__(self, client: ModelClient) -> None:
        self._client = client
        self._seen = 0
        self._widest = 0.0
        """The most characters for a token in any whole prompt."""

    async def check(self, request: Request, usage: TokenUsage) -> None:
        """Raise TruncatedPrompt where the server counted fewer tokens than were sent."""
        if usage.estimated or not usage.prompt:
            return
        text = prompt_text(request)
        exact = await self._client.count_tokens(text) if isinstance(self._client, TokenCounter) else None
        sent = self._at_least(text) if exact is None else exact
        if sent - usage.prompt >= (self._noise if exact is None else _TOO_FEW_EXACT):
            raise dropped(self._client.info.spec, sent, usage.prompt, exact is not None)
        self._seen += 1
        self._widest = max(self._widest, _characters(text) / usage.prompt)

    @property
    def _noise(self) -> int:
        return _TOO_FEW_LEARNED if self._seen >= _ENOUGH else _TOO_FEW

    def _at_least(self, text: str) -> int:
        known = self._widest * _TOLERANCE if self._seen >= _ENOUGH else _LONGEST_TOKEN
        return int(_characters(text) / min(_LONGEST_TOKEN, known))


def prompt_text(request: Request) -> str:
    """All that a request says, without its template."""
    if isinstance(request, ChatRequest):
        return "\n".join(message.content for message in request.messages)
    return request.prompt + (request.suffix or "")


def least_tokens(request: Request) -> int:
    """A lower bound of the prompt's length in any model's tokens."""
    return int(_characters(prompt_text(request)) / _LONGEST_TOKEN)


def check_before(server: http_errors.Server, request: Request, context: int) -> None:
    """Refuse a prompt that cannot fit, for a server that would cut it without a word."""
    if context and least_tokens(request) > context:
        raise http_errors.prompt_too_long(server, f"The context has {context:,} tokens.")


def dropped(spec: str, sent: int, counted: int, exact: bool) -> ModelError:
    """The trouble, with the button that mends it."""
    about = "" if exact else "at least "
    sentence = f"Your server dropped {about}{sent - counted:,} tokens of the prompt."
    details = f"{spec} was sent {about}{sent:,} tokens and counted {counted:,}."
    remedies = (mend(spec, sent, counted), http_errors.WITHOUT_MODEL)
    return TruncatedPrompt(spec, sent, counted, sentence, remedies, details)


def mend(spec: str, sent: int, counted: int) -> Remedy:
    """For Ollama, whose context is ours to set, a larger one; for others, shorter prompts."""
    command = f"greenbar models limit {spec}"
    if spec.startswith("ollama:"):
        context = wanted_context(sent)
        return Remedy(
            f"Raise the context to {context:,} tokens",
            "mend_truncation",
            f"{command} --context {context}",
        )
    return Remedy(
        f"Keep prompts under {counted:,} tokens", "mend_truncation", f"{command} --prompt {counted}"
    )


def limit_after(spec: str, sent: int, counted: int) -> LimitRecord:
    """What :func:`mend` offers."""
    if spec.startswith("ollama:"):
        return LimitRecord(spec, context=wanted_context(sent))
    return LimitRecord(spec, prompt=counted)


def wanted_context(sent: int) -> int:
    """The smallest usual context that holds so long a prompt and an answer."""
    context = 2048
    while context < sent + _ROOM_TO_ANSWER:
        context *= 2
    return context


def _characters(text: str) -> int:
    return len(_REPEATED.sub(r"\1", text))
