"""A model served by Ollama, through the ``ollama`` package."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import urlsplit

from core.errors import ModelError
from core.models import http_errors
from core.models.base import Capabilities, ChatRequest, Delta, ModelInfo
from core.models.openai_compatible import estimate_tokens
from core.types import Remedy, TokenUsage

if TYPE_CHECKING:
    import ollama

_DEFAULT_PORT: Final = 11434
_ANY_ADDRESS: Final = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_CONNECT_SECONDS: Final = 5.0
_READ_SECONDS: Final = 600.0
"""Loading a large model from a slow disk comes before the first piece."""


@dataclass(frozen=True, slots=True)
class OllamaModelRecord:
    """One model of Ollama's list."""

    name: str
    size_bytes: int


def normalise_host(text: str | None) -> str:
    """The URL that ``OLLAMA_HOST`` means to a client, whichever way it is spelt.

    The same variable tells the server where to listen, so it may hold ``0.0.0.0``, which a client
    cannot connect to everywhere; that becomes this machine. The port is 11434 unless a scheme is given,
    as in Ollama's own ``envconfig.Host``.
    """
    text = (text or "").strip().strip("\"'").strip()
    scheme, found, rest = text.rpartition("://")
    if not found:
        scheme = "http"
    port = {"http": 80, "https": 443}.get(scheme, _DEFAULT_PORT) if found else _DEFAULT_PORT
    if rest.count(":") > 1 and not rest.startswith("["):
        rest = f"[{rest}]"  # a bare IPv6 address
    parts = urlsplit(f"{scheme}://{rest}")
    host = _ANY_ADDRESS.get(parts.hostname or "", parts.hostname or "")
    with contextlib.suppress(ValueError):  # not a number: the default, as Ollama does
        port = parts.port or port
    host = f"[{host}]" if ":" in host else host
    return f"{scheme}://{host}:{port}{parts.path.rstrip('/')}"


async def is_listening(host: str, seconds: float = 0.5) -> bool:
    """True where something accepts connections at ``host`` (a normalised URL); costs no import."""
    parts = urlsplit(host)
    try:
        _, writer = await asyncio.wait_for(asyncio.open_connection(parts.hostname, parts.port), seconds)
    except (OSError, TimeoutError):
        return False
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return True


async def list_models(host: str, seconds: float = 5.0) -> tuple[OllamaModelRecord, ...]:
    """What ``ollama list`` shows. Raises ModelError after ``seconds`` at most."""
    client = _client(host, seconds)
    try:
        answer = await client.list()
    except _package_errors() as error:
        raise _translate(error, _describe(host, "")) from error
    finally:
        await client.close()  # type: ignore[no-untyped-call]
    return tuple(OllamaModelRecord(row.model, int(row.size or 0)) for row in answer.models if row.model)


class OllamaModel:
    """A :class:`core.models.base.ModelClient` over one model of one Ollama server.

    ``context`` (tokens) is sent with each request: Ollama's own default is small, and it drops the
    start of a longer prompt without a word. It never varies, since a change reloads the model.
    """

    def __init__(self, host: str, model: str, *, context: int = 8192) -> None:
        self._host = normalise_host(host)
        self._model = model
        self._context = context
        self._info = ModelInfo(
            spec=f"ollama:{model}",
            name=model,
            context=context,
            capabilities=Capabilities(seed=True, prefix_cache=True, counts_tokens=True),
        )
        self._server = _describe(self._host, model)
        self._client: ollama.AsyncClient | None = None

    @property
    def info(self) -> ModelInfo:
        return self._info

    async def start(self) -> None:
        """Have Ollama load the model. Raises ModelError."""
        client = self._connected()
        try:
            await client.generate(self._model, options={"num_ctx": self._context})
        except _package_errors() as error:
            raise _translate(error, self._server) from error

    async def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.close()  # type: ignore[no-untyped-call]

    async def chat(self, request: ChatRequest) -> AsyncGenerator[Delta, None]:
        """Stream the answer; raises ModelError. Closing the generator ends the request."""
        try:
            stream = await self._ask(request)
            text: list[str] = []
            async with aclosing(stream):
                async for part in stream:
                    if piece := part.message.content:
                        text.append(piece)
                        yield Delta(piece)
                    if part.done:
                        usage = _usage(part, request, "".join(text))
                        yield Delta(
                            usage=usage, finish="length" if part.done_reason == "length" else "stop"
                        )
                        return
        except _package_errors() as error:
            raise _translate(error, self._server) from error
        raise http_errors.cut_off(self._server)

    async def _ask(self, request: ChatRequest) -> AsyncGenerator[ollama.ChatResponse, None]:
        options: dict[str, Any] = {
            "num_ctx": self._context,
            "num_predict": request.max_tokens,
            "temperature": request.temperature,
        }
        if request.stop:
            options["stop"] = list(request.stop)
        if request.seed is not None:
            options["seed"] = request.seed
        stream: AsyncIterator[ollama.ChatResponse] = await self._connected().chat(
            self._model,
            [{"role": message.role, "content": message.content} for message in request.messages],
            stream=True,
            options=options,
        )
        # The package promises an iterator; what it returns is a generator, which can be closed.
        return cast("AsyncGenerator[ollama.ChatResponse, None]", stream)

    def _connected(self) -> ollama.AsyncClient:
        if self._client is None:
            self._client = _client(self._host, _READ_SECONDS)
        return self._client


def _client(host: str, seconds: float) -> ollama.AsyncClient:
    import httpx
    import ollama

    return ollama.AsyncClient(
        host=host,
        timeout=httpx.Timeout(seconds, connect=min(_CONNECT_SECONDS, seconds)),
        trust_env=urlsplit(host).hostname not in _LOOPBACK,
    )


def _usage(part: ollama.ChatResponse, request: ChatRequest, text: str) -> TokenUsage:
    # A prompt that was wholly cached is not counted by some versions.
    prompt, completion = part.prompt_eval_count, part.eval_count
    if prompt is not None and completion is not None:
        return TokenUsage(prompt, completion)
    estimate = sum(estimate_tokens(message.content) for message in request.messages)
    return TokenUsage(prompt or estimate, completion or estimate_tokens(text), estimated=True)


def _describe(host: str, model: str) -> http_errors.Server:
    return http_errors.Server(
        title="Ollama" if urlsplit(host).hostname in _LOOPBACK else f"Ollama at {host}",
        model=model or "this model",
        absent=Remedy("Start Ollama", shell="ollama serve"),
        model_missing=Remedy("Fetch it with Ollama", shell=f"ollama pull {model}".strip()),
    )


def _package_errors() -> tuple[type[Exception], ...]:
    """What the package raises: its own, httpx's where a stream begins, and those of bad JSON."""
    import httpx
    import ollama

    return (ollama.ResponseError, httpx.HTTPError, httpx.InvalidURL, ConnectionError, ValueError)


def _translate(error: Exception, server: http_errors.Server) -> ModelError:
    import httpx
    import ollama

    match error:
        case ollama.ResponseError() if error.status_code < 0:
            return http_errors.from_status(server, 500, error.error)
        case ollama.ResponseError():
            return http_errors.from_status(server, error.status_code, error.error)
        case httpx.HTTPError():
            return http_errors.from_transport(server, error)
        case ConnectionError():
            sentence = f"{server.title} is not running."
            return ModelError("model.unreachable", sentence, (server.absent,), str(error))
        case json.JSONDecodeError() if http_errors.looks_like_html("", error.doc):
            return http_errors.not_an_api(server, error.doc, 200)
        case json.JSONDecodeError():
            return http_errors.bad_stream(server, error.doc)
        case _:  # pydantic's ValidationError: JSON of another shape
            return http_errors.bad_stream(server, str(error))
