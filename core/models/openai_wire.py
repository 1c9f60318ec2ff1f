"""OpenAI's wire format: requests of ours as JSON bodies, a response's JSON as pieces of an answer.

Reference: https://platform.openai.com/docs/api-reference/chat/streaming and .../completions. Knows no
connection.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from core.errors import ModelError
from core.models import http_errors
from core.models.base import (
    ChatRequest,
    CompletionRequest,
    Delta,
    Finish,
    Grammar,
    JsonSchema,
    Request,
    TokenChance,
)
from core.models.dialect import Dialect
from core.models.estimate import estimate_usage
from core.models.fim import FimTokens
from core.models.stopwatch import Stopwatch
from core.models.thinking import ThinkingSplitter
from core.types import TokenUsage

OPTIONAL: Final = ("stream_options", "seed", "temperature", "stop")
"""Parameters that some servers refuse, and without which a request still means the same or nearly so."""
END: Final = "[DONE]"


def chat_body(request: ChatRequest, model: str, dialect: Dialect) -> dict[str, object]:
    """What goes to ``chat/completions``."""
    body = _common(request, model, dialect)
    body["messages"] = [{"role": m.role, "content": m.content} for m in request.messages]
    if request.alternatives:
        body |= {"logprobs": True, "top_logprobs": request.alternatives}
    if request.think is not None:
        body |= _thinking(request.think, dialect)
    return body


def completion_body(
    request: CompletionRequest, model: str, dialect: Dialect, fim: FimTokens | None
) -> dict[str, object]:
    """What goes to ``completions``. ``fim``: the model's own tokens, for a server without ``suffix``."""
    body = _common(request, model, dialect)
    body["prompt"] = request.prompt
    if request.suffix is not None and dialect.infill == "suffix":
        body["suffix"] = request.suffix
    elif request.suffix is not None and fim is not None:
        body["prompt"] = fim.prompt(request.prompt, request.suffix)
    if request.alternatives:
        body["logprobs"] = request.alternatives
    return body


def _common(request: Request, model: str, dialect: Dialect) -> dict[str, object]:
    body: dict[str, object] = {
        "model": model,
        "stream": True,
        "stream_options": {"include_usage": True},
        "max_tokens": request.max_tokens,
        "temperature": request.temperature,
    }
    if request.stop:
        body["stop"] = list(request.stop)
    if request.seed is not None and dialect.capabilities.seed:
        body["seed"] = request.seed
    if request.samples > 1:
        body["n"] = request.samples
    match request.shape:
        case JsonSchema(schema):
            form = {"name": "answer", "strict": True, "schema": dict(schema)}
            body["response_format"] = {"type": "json_schema", "json_schema": form}
        case Grammar(gbnf) if dialect.grammar == "structured_outputs":
            body["structured_outputs"] = {"grammar": gbnf}
        case Grammar(gbnf):
            body["grammar"] = gbnf
        case None:
            pass
    return body


def _thinking(think: bool, dialect: Dialect) -> dict[str, object]:
    match dialect.think:
        case "template":
            return {"chat_template_kwargs": {"enable_thinking": think}}
        case "effort":
            return {} if think else {"reasoning_effort": "low"}
        case "reasoning":
            return {"reasoning": {"enabled": think}}
        case "":
            return {}


class Answer:
    """Turns the chunks of one response into pieces; keeps the text for an estimate of its length."""

    def __init__(self, server: http_errors.Server, request: Request) -> None:
        self._server = server
        self._request = request
        self._watch = Stopwatch()
        self._text: list[str] = []
        self._usage: TokenUsage | None = None
        self._speed = 0.0
        self._finish: Finish = ""
        self._splitters: dict[int, ThinkingSplitter] = {}

    @property
    def is_finished(self) -> bool:
        """The server has said why the answer ends."""
        return bool(self._finish)

    @property
    def tail(self) -> str:
        return "".join(self._text)[-200:]

    def take(self, data: str) -> list[Delta]:
        """Read one event's data. Raises ModelError where it is an error, or nothing known."""
        try:
            chunk = json.loads(data)
        except ValueError as error:
            raise http_errors.bad_stream(self._server, data) from error
        if not isinstance(chunk, dict):
            raise http_errors.bad_stream(self._server, data)
        if chunk.get("error"):
            raise self._error(chunk["error"], data)
        try:
            return self._take_chunk(chunk)
        except (AttributeError, KeyError, IndexError, TypeError, ValueError) as error:
            raise http_errors.bad_stream(self._server, data) from error

    def whole(self, body: str, content_type: str) -> list[Delta]:
        """A server that does not stream answers with one JSON object."""
        if http_errors.looks_like_html(content_type, body):
            raise http_errors.not_an_api(self._server, body, 200)
        deltas = self.take(body)
        self._finish = self._finish or "stop"
        return deltas

    def last(self) -> Delta:
        usage = self._usage or estimate_usage(self._request, "".join(self._text))
        timing = self._watch.read(usage.completion, self._speed)
        return Delta(usage=usage, finish=self._finish or "stop", timing=timing)

    def held_back(self) -> list[Delta]:
        """What a splitter kept for a tag that never came."""
        deltas = []
        for sample, splitter in self._splitters.items():
            thinking, text = splitter.finish()
            if thinking or text:
                deltas.append(Delta(text, thinking=thinking, sample=sample))
        return deltas

    def _take_chunk(self, chunk: dict[str, Any]) -> list[Delta]:
        if usage := chunk.get("usage"):
            self._usage = _usage(usage)
        if timings := chunk.get("timings"):
            self._speed = float(timings.get("predicted_per_second") or 0.0)
        deltas = []
        for choice in chunk.get("choices") or ():
            delta = self._take_choice(choice)
            if delta is not None:
                deltas.append(delta)
        return deltas

    def _take_choice(self, choice: dict[str, Any]) -> Delta | None:
        sample = int(choice.get("index") or 0)
        message = choice.get("delta") or choice.get("message") or {}
        text = message.get("content") or choice.get("text") or ""
        thinking = message.get("reasoning_content") or message.get("reasoning") or ""
        if text and isinstance(self._request, ChatRequest):
            splitter = self._splitters.setdefault(sample, ThinkingSplitter())
            inline, text = splitter.feed(str(text))
            thinking += inline
        finish: Finish = ""
        if reason := choice.get("finish_reason"):
            self._finish = "length" if reason == "length" else "stop"
            finish = self._finish if self._request.samples > 1 else ""
        chances = _chances(choice.get("logprobs"))
        if not (text or thinking or finish or chances):
            return None
        if text or thinking:
            self._watch.piece()
            self._text.append(str(thinking + text))
        return Delta(str(text), finish=finish, thinking=str(thinking), sample=sample, tokens=chances)

    def _error(self, error: object, data: str) -> ModelError:
        code = error.get("code") if isinstance(error, dict) else None
        if isinstance(code, str) and code.isdigit():
            code = int(code)
        status = code if isinstance(code, int) and code >= 400 else 500
        return http_errors.from_status(self._server, status, data)


def _usage(usage: Mapping[str, Any]) -> TokenUsage:
    details = usage.get("prompt_tokens_details") or {}
    cached = details.get("cached_tokens") or usage.get("prompt_cache_hit_tokens") or 0
    return TokenUsage(
        int(usage["prompt_tokens"]), int(usage.get("completion_tokens") or 0), cached=int(cached)
    )


def _chances(logprobs: Mapping[str, Any] | None) -> tuple[TokenChance, ...]:
    """Both shapes: a list of tokens with their rivals, and the older one of parallel lists."""
    if not logprobs:
        return ()
    if rows := logprobs.get("content"):
        return tuple(
            TokenChance(
                row["token"],
                float(row["logprob"]),
                tuple((other["token"], float(other["logprob"])) for other in row["top_logprobs"] or ()),
            )
            for row in rows
        )
    tokens, chances = logprobs.get("tokens") or (), logprobs.get("token_logprobs") or ()
    rivals = logprobs.get("top_logprobs") or [None] * len(tokens)
    return tuple(
        TokenChance(token, float(chance or 0.0), tuple((other or {}).items()))
        for token, chance, other in zip(tokens, chances, rivals, strict=True)
    )
