"""Anthropic's models through the ``anthropic`` package, the extra of that name.

The file is not called ``anthropic.py``: run as a script or with this folder on the path, it would hide
the package.
"""

from __future__ import annotations

import importlib.util
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, Final

from core.errors import ModelError
from core.models import capable, http_errors
from core.models.anthropic_wire import STATUS_OF, Answer, parameters
from core.models.base import (
    Capabilities,
    ChatRequest,
    CompletionRequest,
    Delta,
    ModelInfo,
    Vector,
)
from core.models.endpoint import DIRECT, READ_SECONDS, Endpoint, without_password
from core.models.retry import Retries, asked_pause
from core.types import Remedy

if TYPE_CHECKING:
    import anthropic

ANTHROPIC: Final = "https://api.anthropic.com"
_INSTALL: Final = Remedy(
    "Install the Anthropic client", shell='pip install "greenbar-desktop[anthropic]"'
)
_CAN: Final = Capabilities(
    json_schema=True, thinking=True, prefix_cache=True, counts_tokens=True, counts_cached=True
)
_DEFAULT_RETRIES: Final = Retries()
_CONTEXT: Final = 200_000


class AnthropicModel:
    """A :class:`core.models.base.ModelClient` over one of Anthropic's models.

    ``endpoint.base_url`` has no version at its end. Retries are the package's own: they keep to
    ``Retry-After`` and add jitter; of ``retries`` only the count is used.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        model: str,
        *,
        info: ModelInfo | None = None,
        retries: Retries = _DEFAULT_RETRIES,
        read_seconds: float = READ_SECONDS,
    ) -> None:
        if importlib.util.find_spec("anthropic") is None:
            sentence = "Anthropic's models need a package that is not installed."
            remedies = (_INSTALL, http_errors.WITHOUT_MODEL)
            raise ModelError("model.not_installed", sentence, remedies, "anthropic is not importable")
        self._endpoint = endpoint
        self._model = model
        self._info = info or ModelInfo(f"anthropic:{model}", model, _CONTEXT, _CAN)
        title = "Anthropic"
        if endpoint.base_url != ANTHROPIC:
            title = f"The server at {without_password(endpoint.base_url)}"
        self._server = http_errors.Server(title, model, key_missing=http_errors.SET_ANTHROPIC_KEY)
        self._retries = retries
        self._read_seconds = read_seconds
        self._refused: set[str] = set()
        self._client: anthropic.AsyncAnthropic | None = None

    @property
    def info(self) -> ModelInfo:
        return self._info

    async def start(self) -> None:
        """Nothing to load; importing the package here keeps it out of the first answer's time."""
        self._connected()

    async def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    async def chat(self, request: ChatRequest) -> AsyncGenerator[Delta, None]:
        """Stream the answer; raises ModelError. Closing the generator ends the request."""
        capable.check(self._info, request)
        import anthropic
        import httpx2

        client, answer = self._connected(), Answer(request)
        try:
            stream = await self._open(client, parameters(request, self._model))
            async with stream:
                await self._check(stream)
                # Over the stream's own generator: only that one closes what it holds when we leave early.
                async with aclosing(aiter(stream)) as events:
                    async for event in events:
                        if delta := answer.take(event):
                            yield delta
        except anthropic.APIStatusError as error:
            raise self._from_status(error) from error
        except anthropic.APITimeoutError as error:
            raise http_errors.from_transport(self._server, error.__cause__ or error) from error
        except anthropic.APIConnectionError as error:
            raise http_errors.from_transport(self._server, error.__cause__ or error) from error
        except httpx2.HTTPError as error:
            raise http_errors.from_transport(self._server, error) from error
        except (AttributeError, TypeError, ValueError) as error:
            raise http_errors.bad_stream(self._server, str(error)) from error
        if not answer.is_finished:
            raise http_errors.cut_off(self._server)
        yield answer.last()

    async def complete(self, request: CompletionRequest) -> AsyncGenerator[Delta, None]:
        """Anthropic completes no raw text: always ModelError."""
        capable.check(self._info, request)
        nothing: tuple[Delta, ...] = ()
        for delta in nothing:
            yield delta

    async def embed(self, texts: Sequence[str]) -> tuple[Vector, ...]:
        """Anthropic has no vectors: always ModelError."""
        capable.check_embeddings(self._info)
        return ()

    async def _open(self, client: anthropic.AsyncAnthropic, call: dict[str, Any]) -> Any:
        """Send it; a parameter that this model refuses is left out from then on."""
        import anthropic

        while True:
            for name in self._refused:
                call.pop(name, None)
                call["extra_body"].pop(name, None)
            try:
                return await client.messages.create(**call)
            except anthropic.BadRequestError as error:
                text = str(error).lower()
                new = [n for n in ("temperature", "thinking") if n in text and n not in self._refused]
                if not new:
                    raise
                self._refused.add(new[0])

    async def _check(self, stream: Any) -> None:
        """A page of a proxy's comes with status 200 and would look like an answer without events."""
        content_type = stream.response.headers.get("content-type", "")
        if "text/event-stream" in content_type:
            return
        body = (await stream.response.aread()).decode(errors="replace")
        if http_errors.looks_like_html(content_type, body):
            raise http_errors.not_an_api(self._server, body, stream.response.status_code)
        raise http_errors.bad_stream(self._server, body)

    def _connected(self) -> anthropic.AsyncAnthropic:
        import anthropic
        import httpx2

        if self._client is None:
            self._client = anthropic.AsyncAnthropic(
                api_key=self._endpoint.key,
                base_url=self._endpoint.base_url,
                max_retries=self._retries.count,
                timeout=httpx2.Timeout(self._read_seconds, connect=10.0),
                http_client=anthropic.DefaultAsyncHttpxClient(mounts=DIRECT),
            )
        return self._client

    def _from_status(self, error: anthropic.APIStatusError) -> ModelError:
        body = error.body if isinstance(error.body, dict) else {}
        inner = body.get("error")
        kind = str(inner.get("type", "")) if isinstance(inner, dict) else ""
        status = error.status_code if error.status_code >= 400 else STATUS_OF.get(kind, 500)
        words = str(inner.get("message", "")) if isinstance(inner, dict) else ""
        text = words or (error.body if isinstance(error.body, str) else "") or error.message
        headers = error.response.headers
        return http_errors.from_status(
            self._server, status, text, headers.get("content-type", ""), asked_pause(headers)
        )
