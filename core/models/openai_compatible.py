"""Any server that speaks the OpenAI protocol: streaming chat, completions, vectors, the list of models.

httpx alone is enough for the calls that we make, honours proxies and certificate authorities from the
environment, and gives the cancel that we promise: closing the stream closes the connection.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from core.errors import ModelError
from core.models import capable, dialect, http_errors
from core.models.base import (
    Capabilities,
    ChatRequest,
    CompletionRequest,
    Delta,
    ModelInfo,
    Request,
    Vector,
)
from core.models.dialect import Dialect
from core.models.endpoint import READ_SECONDS, Endpoint, bad_address, describe, http_client
from core.models.fim import FimTokens, find_family
from core.models.openai_wire import END, OPTIONAL, Answer, chat_body, completion_body
from core.models.retry import Retries, asked_pause

if TYPE_CHECKING:
    import httpx

_LOOK_SECONDS: Final = 10.0
_DEFAULT_RETRIES: Final = Retries()


class OpenAICompatibleModel:
    """A :class:`core.models.base.ModelClient` over one endpoint and one model name.

    ``kind`` is the server's dialect; without it, the address and the server's list of models tell.
    ``extra`` is sent along with every request, for servers that know more parameters. ``read_seconds`` is
    how long the server may be silent.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        model: str,
        *,
        info: ModelInfo | None = None,
        server: http_errors.Server | None = None,
        kind: Dialect | None = None,
        extra: Mapping[str, object] | None = None,
        retries: Retries = _DEFAULT_RETRIES,
        read_seconds: float = READ_SECONDS,
    ) -> None:
        self._endpoint = endpoint
        self._model = model
        self._kind = kind or dialect.by_host(endpoint.host) or dialect.UNKNOWN
        self._info = info or ModelInfo(f"openai:{model}", model, capabilities=self._kind.capabilities)
        self._server = server or describe(endpoint, model)
        self._extra = dict(extra or {})
        self._retries = retries
        self._read_seconds = read_seconds
        self._refused: set[str] = set()
        self._fim: FimTokens | None = None
        self._is_known = False
        self._client: httpx.AsyncClient | None = None

    @property
    def info(self) -> ModelInfo:
        return self._info

    async def start(self) -> None:
        """Find out what the server is and what it can. Raises ModelError. Idempotent."""
        if self._is_known:
            return
        context = self._info.context
        if self._kind is dialect.UNKNOWN:
            row = await self._own_row()
            self._kind = dialect.by_row(row)
            context = context or dialect.context_of(row)
        if self._kind.has_tokenizer:
            self._fim = await find_family(self._is_one_token)
        self._info = replace(self._info, context=context, capabilities=self._capabilities())
        self._is_known = True

    async def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def chat(self, request: ChatRequest) -> AsyncGenerator[Delta, None]:
        """Stream the answer; raises ModelError. Closing the generator ends the request."""
        capable.check(self._info, request)
        body = chat_body(request, self._model, self._kind)
        async with aclosing(self._stream("chat/completions", request, body)) as deltas:
            async for delta in deltas:
                yield delta

    async def complete(self, request: CompletionRequest) -> AsyncGenerator[Delta, None]:
        """Stream what comes next, or between; raises ModelError."""
        capable.check(self._info, request)
        body = completion_body(request, self._model, self._kind, self._fim)
        path = self._from_root(self._kind.completion_path)
        async with aclosing(self._stream(path, request, body)) as deltas:
            async for delta in deltas:
                yield delta

    async def embed(self, texts: Sequence[str]) -> tuple[Vector, ...]:
        """One vector for each text; raises ModelError."""
        capable.check_embeddings(self._info)
        if not texts:
            return ()
        body = {"model": self._model, "input": list(texts), "encoding_format": "float"}
        answer = await self._json("POST", "embeddings", body, self._read_seconds)
        try:
            rows = sorted(answer["data"], key=lambda row: int(row["index"]))
            return tuple(tuple(float(number) for number in row["embedding"]) for row in rows)
        except (KeyError, TypeError, ValueError) as error:
            raise http_errors.bad_stream(self._server, str(answer)) from error

    async def count_tokens(self, text: str) -> int | None:
        """By the server's own tokenizer; ``None`` where it has none that we know how to ask."""
        if not self._kind.has_tokenizer:
            return None
        try:
            body = {"content": text, "add_special": False, "parse_special": True}
            return len((await self._json("POST", self._from_root("/tokenize"), body))["tokens"])
        except (ModelError, KeyError, TypeError):
            return None

    def _capabilities(self) -> Capabilities:
        can = self._kind.capabilities
        return replace(can, infill=can.infill or self._fim is not None)

    async def _own_row(self) -> Mapping[str, object]:
        """This model's row of the list; empty where the server keeps no list."""
        try:
            answer = await self._json("GET", "models")
            rows = [row for row in answer["data"] if isinstance(row, dict)]
        except ModelError as error:
            if error.code in ("model.not_found", "model.refused"):
                return {}
            raise
        except (KeyError, TypeError):
            return {}
        own = [row for row in rows if row.get("id") == self._model]
        return (own or rows or [{}])[0]

    async def _is_one_token(self, text: str) -> bool:
        body = {"content": text, "add_special": False, "parse_special": True}
        try:
            answer = await self._json("POST", self._from_root("/tokenize"), body)
            return len(answer["tokens"]) == 1
        except (ModelError, KeyError, TypeError):
            return False

    def _from_root(self, path: str) -> str:
        return f"{self._endpoint.root}{path}" if path.startswith("/") else path

    def _connected(self) -> httpx.AsyncClient:
        if self._client is None:
            self._client = http_client(self._endpoint, self._read_seconds)
        return self._client

    async def _json(
        self,
        method: str,
        path: str,
        body: Mapping[str, object] | None = None,
        seconds: float = _LOOK_SECONDS,
    ) -> Any:
        """One exchange that does not stream. Raises ModelError."""
        import httpx

        try:
            response = await self._connected().request(method, path, json=body, timeout=seconds)
        except httpx.HTTPError as error:
            raise http_errors.from_transport(self._server, error) from error
        except httpx.InvalidURL as error:
            raise bad_address(self._endpoint) from error
        return http_errors.read_json(self._server, response)

    async def _stream(
        self, path: str, request: Request, body: dict[str, object]
    ) -> AsyncGenerator[Delta, None]:
        import httpx

        tried = 0
        while True:
            tried += 1
            answer = Answer(self._server, request)
            streamed = False
            try:
                async with self._connected().stream(
                    "POST", path, json=self._without_refused({**body, **self._extra})
                ) as response:
                    if response.status_code >= 400:
                        await response.aread()
                        if self._learn_refusal(response.status_code, response.text):
                            tried -= 1
                            continue
                        await self._pause_or_raise(tried, response)
                        continue
                    async with aclosing(_read(answer, self._server, response)) as deltas:
                        async for delta in deltas:
                            streamed = True
                            yield delta
                    return
            except httpx.HTTPError as error:
                failure = http_errors.from_transport(self._server, error)
                if streamed or failure.code != "model.cut_off":
                    raise failure from error
                pause = self._retries.pause(tried, 0, "", None, random.random)
                if pause is None:
                    raise failure from error
            except httpx.InvalidURL as error:
                raise bad_address(self._endpoint) from error
            await asyncio.sleep(pause)

    async def _pause_or_raise(self, tried: int, response: httpx.Response) -> None:
        status, asked = response.status_code, asked_pause(response.headers)
        pause = self._retries.pause(tried, status, response.text, asked, random.random)
        if pause is None:
            content_type = response.headers.get("content-type", "")
            raise http_errors.from_status(self._server, status, response.text, content_type, asked)
        await asyncio.sleep(pause)

    def _without_refused(self, body: dict[str, object]) -> dict[str, object]:
        if "max_tokens" in self._refused:
            body["max_completion_tokens"] = body["max_tokens"]
        return {name: value for name, value in body.items() if name not in self._refused}

    def _learn_refusal(self, status: int, body: str) -> bool:
        """True where the server named a parameter of ours that it does not take, now left out."""
        if status not in (400, 422):
            return False
        text = http_errors.error_text(body)
        if "max_completion_tokens" in text:
            names = ["max_tokens"]
        else:
            names = [name for name in OPTIONAL if f"'{name}'" in text or f"{name} " in f"{text} "]
        new = [name for name in names if name not in self._refused][:1]
        self._refused.update(new)
        return bool(new)


async def _read(
    answer: Answer, server: http_errors.Server, response: httpx.Response
) -> AsyncGenerator[Delta, None]:
    content_type = response.headers.get("content-type", "")
    if "text/event-stream" not in content_type:
        for delta in answer.whole((await response.aread()).decode(errors="replace"), content_type):
            yield delta
    else:
        from httpx_sse import EventSource

        done = False
        async with aclosing(EventSource(response).aiter_sse()) as events:
            async for event in events:
                if event.data.strip() == END:
                    done = True
                    break
                for delta in answer.take(event.data) if event.data else ():
                    yield delta
        if not done and not answer.is_finished:
            raise http_errors.cut_off(server, answer.tail)
    for delta in answer.held_back():
        yield delta
    yield answer.last()


async def list_models(endpoint: Endpoint, seconds: float = 5.0) -> tuple[str, ...]:
    """Names of the models that the server offers. Raises ModelError after ``seconds`` at most."""
    import httpx

    server = describe(endpoint, "")
    try:
        async with http_client(endpoint, seconds) as client:
            response = await client.get("models")
    except httpx.HTTPError as error:
        raise http_errors.from_transport(server, error) from error
    except httpx.InvalidURL as error:
        raise bad_address(endpoint) from error
    answer = http_errors.read_json(server, response)
    try:
        return tuple(str(row["id"]) for row in answer["data"])
    except (KeyError, TypeError) as error:
        raise http_errors.bad_stream(server, response.text) from error
