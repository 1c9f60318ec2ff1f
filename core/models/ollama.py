"""A model served by Ollama, through the ``ollama`` package."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, cast

from core.models import capable, http_errors, ollama_server, truncation
from core.models.base import (
    Capabilities,
    ChatRequest,
    CompletionRequest,
    Delta,
    JsonSchema,
    ModelInfo,
    Request,
    TokenChance,
    Vector,
)
from core.models.estimate import estimate_prompt, estimate_tokens
from core.models.ollama_server import connect, describe, normalise_host, package_errors, translate
from core.models.stopwatch import Stopwatch
from core.types import TokenUsage

if TYPE_CHECKING:
    import ollama

OLLAMA_CONTEXT: Final = 8192
"""Tokens that we ask for where the user sets no other limit."""
_READ_SECONDS: Final = 600.0
"""Loading a large model from a slow disk comes before the first piece."""
_WITH_LOGPROBS: Final = (0, 12, 11)
"""The first version that tells log-probabilities."""
_CAN: Final = Capabilities(
    completion=True, seed=True, json_schema=True, embeddings=True, prefix_cache=True, counts_tokens=True
)


class OllamaModel:
    """A :class:`core.models.base.ModelClient` over one model of one Ollama server.

    ``context`` (tokens) is sent with each request: Ollama's own default is small, and it drops the
    start of a longer prompt without a word. It never varies, since a change reloads the model.
    ``keep_alive`` is how long Ollama keeps the model in memory after a request, in its notation.
    """

    def __init__(
        self,
        host: str,
        model: str,
        *,
        context: int = OLLAMA_CONTEXT,
        keep_alive: str = "15m",
        read_seconds: float = _READ_SECONDS,
    ) -> None:
        self._host = normalise_host(host)
        self._model = model
        self._context = context
        self._keep_alive = keep_alive
        self._read_seconds = read_seconds
        self._info = ModelInfo(f"ollama:{model}", model, context, _CAN)
        self._server = describe(self._host, model)
        self._is_known = False
        self._client: ollama.AsyncClient | None = None

    @property
    def info(self) -> ModelInfo:
        return self._info

    async def start(self) -> None:
        """Ask what the model can, and have Ollama load it. Raises ModelError."""
        client = self._connected()
        try:
            if not self._is_known:
                self._learn(await client.show(self._model), await ollama_server.version(self._host))
            if self._info.capabilities.chat:
                await client.generate(
                    self._model, options={"num_ctx": self._context}, keep_alive=self._keep_alive
                )
        except package_errors() as error:
            raise translate(error, self._server) from error

    async def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.close()  # type: ignore[no-untyped-call]

    async def chat(self, request: ChatRequest) -> AsyncGenerator[Delta, None]:
        """Stream the answer; raises ModelError. Closing the generator ends the request."""
        capable.check(self._info, request)
        think = request.think if self._info.capabilities.thinking else None
        call = self._connected().chat(
            self._model,
            [{"role": message.role, "content": message.content} for message in request.messages],
            stream=True,
            think=think,
            **self._options(request),
        )
        async with aclosing(self._stream(request, call)) as deltas:
            async for delta in deltas:
                yield delta

    async def complete(self, request: CompletionRequest) -> AsyncGenerator[Delta, None]:
        """Stream what comes next, or between; raises ModelError."""
        capable.check(self._info, request)
        call = self._connected().generate(
            self._model,
            request.prompt,
            # Without a suffix the text goes in as it is; the model's template puts a suffix in place.
            **({"raw": True} if request.suffix is None else {"suffix": request.suffix}),
            stream=True,
            **self._options(request),
        )
        async with aclosing(self._stream(request, call)) as deltas:
            async for delta in deltas:
                yield delta

    async def embed(self, texts: Sequence[str]) -> tuple[Vector, ...]:
        """One vector for each text; raises ModelError. A text that is too long is an error."""
        capable.check_embeddings(self._info)
        if not texts:
            return ()
        try:
            answer = await self._connected().embed(
                self._model,
                list(texts),
                truncate=False,
                options={"num_ctx": self._context},
                keep_alive=self._keep_alive,
            )
        except package_errors() as error:
            raise translate(error, self._server) from error
        return tuple(tuple(vector) for vector in answer.embeddings)

    def _learn(self, shown: ollama.ShowResponse, version: tuple[int, ...]) -> None:
        """``shown.capabilities`` is missing before version 0.6.4, where all models are for chat."""
        names = shown.capabilities or ["completion"]
        can = replace(
            _CAN,
            chat="completion" in names,
            completion="completion" in names,
            infill="insert" in names,
            thinking="thinking" in names,
            log_probabilities=version >= _WITH_LOGPROBS,
        )
        details = shown.modelinfo or {}
        longest = details.get(f"{details.get('general.architecture')}.context_length")
        if isinstance(longest, int) and longest > 0:
            self._context = min(self._context, longest)
        self._info = replace(self._info, context=self._context, capabilities=can)
        self._is_known = True

    def _options(self, request: Request) -> dict[str, Any]:
        """What chat and generate have in common."""
        truncation.check_before(self._server, request, self._context)
        options: dict[str, Any] = {
            "num_ctx": self._context,
            "num_predict": request.max_tokens,
            "temperature": request.temperature,
        }
        if request.stop:
            options["stop"] = list(request.stop)
        if request.seed is not None:
            options["seed"] = request.seed
        common: dict[str, Any] = {"options": options, "keep_alive": self._keep_alive}
        if request.alternatives:
            common |= {"logprobs": True, "top_logprobs": request.alternatives}
        if isinstance(request.shape, JsonSchema):
            common["format"] = dict(request.shape.schema)
        return common

    async def _stream(self, request: Request, call: Any) -> AsyncGenerator[Delta, None]:
        watch, text = Stopwatch(), ""
        try:
            # The package promises an iterator; what it returns is a generator, which can be closed.
            stream = cast("AsyncGenerator[Any, None]", await call)
            async with aclosing(stream):
                async for part in stream:
                    delta = _delta(part)
                    if delta.text or delta.thinking:
                        watch.piece()
                        text += delta.thinking + delta.text
                    if delta.text or delta.thinking or delta.tokens:
                        yield delta
                    if part.done:
                        usage = _usage(part, request, text)
                        yield Delta(
                            usage=usage,
                            finish="length" if part.done_reason == "length" else "stop",
                            timing=watch.read(usage.completion, _speed(part)),
                        )
                        return
        except package_errors() as error:
            raise translate(error, self._server) from error
        raise http_errors.cut_off(self._server)

    def _connected(self) -> ollama.AsyncClient:
        if self._client is None:
            self._client = connect(self._host, self._read_seconds)
        return self._client


def _delta(part: ollama.ChatResponse | ollama.GenerateResponse) -> Delta:
    import ollama

    said = part.message if isinstance(part, ollama.ChatResponse) else part
    text = said.content if isinstance(said, ollama.Message) else said.response
    return Delta(
        text or "",
        thinking=said.thinking or "",
        tokens=tuple(
            TokenChance(
                row.token,
                row.logprob,
                tuple((other.token, other.logprob) for other in row.top_logprobs or ()),
            )
            for row in part.logprobs or ()
        ),
    )


def _usage(part: Any, request: Request, text: str) -> TokenUsage:
    # A prompt that was wholly cached is not counted by some versions.
    prompt, completion = part.prompt_eval_count, part.eval_count
    if prompt is not None and completion is not None:
        return TokenUsage(prompt, completion)
    return TokenUsage(
        prompt or estimate_prompt(request), completion or estimate_tokens(text), estimated=True
    )


def _speed(part: Any) -> float:
    """Tokens a second by the server's own clock, which counts in nanoseconds."""
    if not part.eval_count or not part.eval_duration:
        return 0.0
    return float(part.eval_count) / float(part.eval_duration) * 1e9
