"""Any server that speaks the OpenAI chat completions protocol: streaming chat and the list of models.

Reference: https://platform.openai.com/docs/api-reference/chat/streaming. httpx alone is enough for the
two calls that we make, honours proxies and certificate authorities from the environment, and gives
the cancel that we promise: closing the stream closes the connection.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal
from urllib.parse import urlsplit

from core.errors import ModelError
from core.models import http_errors
from core.models.base import Capabilities, ChatRequest, Delta, ModelInfo
from core.types import TokenUsage

if TYPE_CHECKING:
    import httpx

_CONNECT_SECONDS: Final = 5.0
_READ_SECONDS: Final = 300.0
"""Between two pieces; a slow machine may think for minutes about a long prompt."""
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_OPTIONAL: Final = ("stream_options", "seed", "temperature", "stop")
"""Parameters that some servers refuse; dropped once a server has said so."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a server is. ``base_url`` ends in the version (``.../v1``); the key never shows in a repr."""

    base_url: str
    key: str = field(default="", repr=False)
    key_source: str = ""
    """For people, e.g. ``environment variable OPENAI_API_KEY``."""

    @property
    def is_loopback(self) -> bool:
        return urlsplit(self.base_url).hostname in _LOOPBACK


def normalise_base_url(text: str) -> str:
    """``host:1234`` -> ``http://host:1234/v1``; an address that has a path keeps it.

    Without a scheme, this machine gets ``http`` and any other ``https``.
    """
    text = text.strip().rstrip("/")
    if "://" not in text:
        host = urlsplit(f"//{text}").hostname or ""
        text = f"{'http' if host in _LOOPBACK else 'https'}://{text}"
    return text if urlsplit(text).path else f"{text}/v1"


def http_client(endpoint: Endpoint, read_seconds: float = _READ_SECONDS) -> httpx.AsyncClient:
    """A client for this endpoint; its own machine is never asked through a proxy."""
    import httpx

    headers = {"Authorization": f"Bearer {endpoint.key}"} if endpoint.key else {}
    return httpx.AsyncClient(
        base_url=endpoint.base_url.rstrip("/") + "/",
        headers=headers,
        timeout=httpx.Timeout(read_seconds, connect=min(_CONNECT_SECONDS, read_seconds)),
        trust_env=not endpoint.is_loopback,
        follow_redirects=True,
    )


def estimate_tokens(text: str) -> int:
    """Four characters a token: close enough for a budget where a server does not count."""
    return (len(text) + 3) // 4


class OpenAICompatibleModel:
    """A :class:`core.models.base.ModelClient` over one endpoint and one model name.

    ``extra`` is sent along with every request, for servers that know more parameters.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        model: str,
        *,
        info: ModelInfo | None = None,
        server: http_errors.Server | None = None,
        extra: Mapping[str, object] | None = None,
    ) -> None:
        self._endpoint = endpoint
        self._model = model
        self._info = info or ModelInfo(
            spec=f"openai:{model}",
            name=model,
            capabilities=Capabilities(seed=True, counts_tokens=True),
        )
        self._server = server or _describe(endpoint, model)
        self._extra = dict(extra or {})
        self._refused: set[str] = set()
        self._client: httpx.AsyncClient | None = None

    @property
    def info(self) -> ModelInfo:
        return self._info

    async def start(self) -> None:
        """Nothing to load; the first request connects."""

    async def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def chat(self, request: ChatRequest) -> AsyncGenerator[Delta, None]:
        """Stream the answer; raises ModelError. Closing the generator ends the request."""
        import httpx

        while True:
            answer = _Answer(self._server, request)
            try:
                if self._client is None:
                    self._client = http_client(self._endpoint)
                async with self._client.stream(
                    "POST", "chat/completions", json=self._body(request)
                ) as response:
                    if response.status_code >= 400:
                        await response.aread()
                        if self._learn_refusal(response.status_code, response.text):
                            continue
                        raise http_errors.from_status(
                            self._server,
                            response.status_code,
                            response.text,
                            response.headers.get("content-type", ""),
                        )
                    async with aclosing(answer.read(response)) as deltas:
                        async for delta in deltas:
                            yield delta
                    return
            except httpx.HTTPError as error:
                raise http_errors.from_transport(self._server, error) from error
            except httpx.InvalidURL as error:
                raise _bad_address(self._endpoint) from error

    def _body(self, request: ChatRequest) -> dict[str, object]:
        body: dict[str, object] = {
            "model": self._model,
            "messages": [{"role": m.role, "content": m.content} for m in request.messages],
            "stream": True,
            "stream_options": {"include_usage": True},
            "max_tokens": request.max_tokens,
            "temperature": request.temperature,
            **self._extra,
        }
        if request.stop:
            body["stop"] = list(request.stop)
        if request.seed is not None:
            body["seed"] = request.seed
        for name in self._refused:
            body.pop(name, None)
        if "max_tokens" in self._refused:
            body["max_completion_tokens"] = request.max_tokens
        return body

    def _learn_refusal(self, status: int, body: str) -> bool:
        """True where the server named a parameter of ours that it does not take, now left out."""
        if status not in (400, 422):
            return False
        text = http_errors.error_text(body)
        if "max_completion_tokens" in text:
            names = ["max_tokens"]
        else:
            names = [name for name in _OPTIONAL if f"'{name}'" in text or f"{name} " in f"{text} "]
        new = [name for name in names if name not in self._refused][:1]
        self._refused.update(new)
        return bool(new)


class _Answer:
    """Reads one response. Keeps the text's length for an estimate where the server does not count."""

    def __init__(self, server: http_errors.Server, request: ChatRequest) -> None:
        self._server = server
        self._request = request
        self._text: list[str] = []
        self._usage: TokenUsage | None = None
        self._finish: Literal["", "stop", "length"] = ""

    async def read(self, response: httpx.Response) -> AsyncGenerator[Delta, None]:
        content_type = response.headers.get("content-type", "")
        if "text/event-stream" not in content_type:
            yield self._whole((await response.aread()).decode(errors="replace"), content_type)
            yield self._last()
            return
        from httpx_sse import EventSource

        done = False
        async with aclosing(EventSource(response).aiter_sse()) as events:
            async for event in events:
                if event.data.strip() == "[DONE]":
                    done = True
                    break
                if event.data and (text := self._take(event.data)):
                    yield Delta(text)
        if not done and not self._finish:
            raise http_errors.cut_off(self._server, "".join(self._text)[-200:])
        yield self._last()

    def _take(self, data: str) -> str:
        try:
            chunk = json.loads(data)
        except ValueError as error:
            raise http_errors.bad_stream(self._server, data) from error
        if not isinstance(chunk, dict):
            raise http_errors.bad_stream(self._server, data)
        if "error" in chunk:
            raise self._error_in_stream(chunk["error"], data)
        try:
            return self._take_chunk(chunk)
        except (AttributeError, KeyError, IndexError, TypeError, ValueError) as error:
            raise http_errors.bad_stream(self._server, data) from error

    def _take_chunk(self, chunk: dict[str, Any]) -> str:
        if usage := chunk.get("usage"):
            self._usage = TokenUsage(int(usage["prompt_tokens"]), int(usage["completion_tokens"]))
        if not chunk.get("choices"):
            return ""
        choice = chunk["choices"][0]
        if reason := choice.get("finish_reason"):
            self._finish = "length" if reason == "length" else "stop"
        text = (choice.get("delta") or choice.get("message") or {}).get("content") or ""
        if text:
            self._text.append(text)
        return str(text)

    def _whole(self, body: str, content_type: str) -> Delta:
        """A server that does not stream answers with one JSON object."""
        if http_errors.looks_like_html(content_type, body):
            raise http_errors.not_an_api(self._server, body, 200)
        text = self._take(body)
        self._finish = self._finish or "stop"
        return Delta(text)

    def _error_in_stream(self, error: object, data: str) -> ModelError:
        code = error.get("code") if isinstance(error, dict) else None
        return http_errors.from_status(self._server, code if isinstance(code, int) else 500, data)

    def _last(self) -> Delta:
        usage = self._usage
        if usage is None:
            prompt = sum(estimate_tokens(m.content) for m in self._request.messages)
            usage = TokenUsage(prompt, estimate_tokens("".join(self._text)), estimated=True)
        return Delta(usage=usage, finish=self._finish or "stop")


async def list_models(endpoint: Endpoint, seconds: float = 5.0) -> tuple[str, ...]:
    """Names of the models that the server offers. Raises ModelError after ``seconds`` at most."""
    import httpx

    server = _describe(endpoint, "")
    try:
        async with http_client(endpoint, seconds) as client:
            response = await client.get("models")
    except httpx.HTTPError as error:
        raise http_errors.from_transport(server, error) from error
    except httpx.InvalidURL as error:
        raise _bad_address(endpoint) from error
    content_type = response.headers.get("content-type", "")
    if response.status_code >= 400:
        raise http_errors.from_status(server, response.status_code, response.text, content_type)
    if http_errors.looks_like_html(content_type, response.text):
        raise http_errors.not_an_api(server, response.text, response.status_code)
    try:
        return tuple(str(row["id"]) for row in response.json()["data"])
    except (ValueError, KeyError, TypeError) as error:
        raise http_errors.bad_stream(server, response.text) from error


def _describe(endpoint: Endpoint, model: str) -> http_errors.Server:
    return http_errors.Server(
        f"The server at {_without_password(endpoint.base_url)}", model or "this model"
    )


def _without_password(url: str) -> str:
    scheme, _, rest = url.rpartition("://")
    authority, slash, path = rest.partition("/")
    return f"{scheme or 'http'}://{authority.rpartition('@')[2]}{slash}{path}"


def _bad_address(endpoint: Endpoint) -> ModelError:
    sentence = f"{_without_password(endpoint.base_url)} is not the address of a server."
    return ModelError("model.bad_address", sentence, (http_errors.LOOK_AGAIN,))
