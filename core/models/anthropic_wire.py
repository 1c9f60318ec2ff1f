"""Anthropic's Messages API: a request of ours as parameters, its stream's events as pieces of an answer.

Reference: https://docs.anthropic.com/en/api/messages and .../messages-streaming. Imports nothing of the
``anthropic`` package, whose event objects are read by their attributes.
"""

from __future__ import annotations

from typing import Any, Final

from core.models.base import ChatRequest, Delta, Finish, JsonSchema, Message
from core.models.estimate import estimate_usage
from core.models.stopwatch import Stopwatch
from core.types import TokenUsage

_MARK: Final = {"type": "ephemeral"}
"""Everything up to a block with this mark is kept at the server for five minutes."""
_CUT: Final = frozenset({"max_tokens", "model_context_window_exceeded"})
STATUS_OF: Final = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "api_error": 500,
    "timeout_error": 504,
    "overloaded_error": 529,
}
"""For an error that comes after status 200, in mid-stream."""


def parameters(request: ChatRequest, model: str) -> dict[str, Any]:
    """Keyword arguments of ``messages.create``.

    Marked for the prompt cache are the instructions and the end of the prompt: a further sample of the
    same question, and a follow-up that goes on from it, then read everything before from the cache.
    """
    system = "\n\n".join(m.content for m in request.messages if m.role == "system")
    spoken = [m for m in request.messages if m.role != "system"]
    call: dict[str, Any] = {
        "model": model,
        "max_tokens": request.max_tokens,
        "messages": [_message(message, marked=message is spoken[-1]) for message in spoken],
        "stream": True,
        # Newer models take no temperature, and the package has no parameter for it any more.
        "extra_body": {"temperature": min(1.0, request.temperature)},
    }
    if system:
        call["system"] = [{"type": "text", "text": system, "cache_control": _MARK}]
    if request.stop:
        call["stop_sequences"] = list(request.stop)
    if request.think is not None:
        call["thinking"] = {"type": "adaptive" if request.think else "disabled"}
    if isinstance(request.shape, JsonSchema):
        form = {"type": "json_schema", "schema": dict(request.shape.schema)}
        call["output_config"] = {"format": form}
    return call


def _message(message: Message, *, marked: bool) -> dict[str, Any]:
    block: dict[str, Any] = {"type": "text", "text": message.content}
    if marked:
        block["cache_control"] = _MARK
    return {"role": message.role, "content": [block]}


class Answer:
    """Reads the events of one stream."""

    def __init__(self, request: ChatRequest) -> None:
        self._request = request
        self._watch = Stopwatch()
        self._prompt = self._cached = self._completion = 0
        self._text = ""
        self._finish: Finish = ""
        self.is_finished = False

    def take(self, event: Any) -> Delta | None:
        """One event; a piece where it brought one. May raise AttributeError, TypeError, ValueError."""
        match event.type:
            case "message_start":
                self._count(event.message.usage)
            case "content_block_start":
                return self._piece(getattr(event.content_block, "text", None) or "", "")
            case "content_block_delta" if event.delta.type == "text_delta":
                return self._piece(event.delta.text, "")
            case "content_block_delta" if event.delta.type == "thinking_delta":
                return self._piece("", event.delta.thinking)
            case "message_delta":
                self._count(event.usage)
                if reason := event.delta.stop_reason:
                    self._finish = "length" if reason in _CUT else "stop"
            case "message_stop":
                self.is_finished = True
            case _:
                pass
        return None

    def last(self) -> Delta:
        usage = TokenUsage(self._prompt, self._completion, cached=self._cached)
        if not usage.prompt or not usage.completion:
            usage = estimate_usage(self._request, self._text)
        timing = self._watch.read(usage.completion)
        return Delta(usage=usage, finish=self._finish or "stop", timing=timing)

    def _piece(self, text: str, thinking: str) -> Delta | None:
        if not text and not thinking:
            return None
        self._watch.piece()
        self._text += thinking + text
        return Delta(text, thinking=thinking)

    def _count(self, usage: Any) -> None:
        """Counts are cumulative, and what is read from or written to the cache is counted apart."""
        if usage is None:
            return
        read = int(getattr(usage, "cache_read_input_tokens", None) or 0)
        written = int(getattr(usage, "cache_creation_input_tokens", None) or 0)
        fresh = getattr(usage, "input_tokens", None)
        if fresh is not None and fresh + read + written >= self._prompt:
            self._prompt, self._cached = fresh + read + written, read
        self._completion = int(usage.output_tokens or self._completion)
