"""The model that comes with Greenbar: llama.cpp in a child process, started on first need.

The child is a cache and nothing more: it may crash, be killed or be stopped for idleness at any
moment, and the next request starts it anew. A request that a crash caught before its first piece is
repeated once.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import Final, Literal

from core.errors import ModelError
from core.models import embedded_errors, http_errors
from core.models.base import ChatRequest, CompletionRequest, Delta, ModelInfo, Request, Vector
from core.models.dialect import LLAMA_CPP, LLAMA_CPP_VECTORS
from core.models.gguf import read_facts, reads_only
from core.models.machine import available_memory, inference_threads
from core.models.memory import choose_context, memory_needed
from core.models.openai_compatible import OpenAICompatibleModel
from core.models.retry import NEVER
from core.models.server_process import ModelServer, ServerSettings, default_argv

_LOG = logging.getLogger("greenbar.models.embedded")
_DEATH_SECONDS: Final = 0.5
"""How long a broken connection may precede the news that the process is dead."""


class EmbeddedModel:
    """A :class:`core.models.base.ModelClient` over a GGUF file.

    ``context`` is the most that is wanted, in tokens; what memory and the model allow is in ``info``
    after the start. ``embeddings``: started for vectors, and for nothing else.
    ``check`` is awaited before each start and raises ModelError where the file is not to be trusted.
    ``threads`` 0 leaves the choice to :func:`core.models.machine.inference_threads`.
    ``child_argv`` starts the server process; a frozen build passes itself with its own switch.
    ``idle_seconds`` without a request end the child, which frees its memory; 0 keeps it.
    """

    def __init__(
        self,
        file: Path,
        name: str,
        *,
        spec: str = "embedded",
        context: int = 8192,
        embeddings: bool = False,
        threads: int = 0,
        child_argv: Sequence[str] = (),
        idle_seconds: float = 900.0,
        check: Callable[[Path], Awaitable[None]] | None = None,
    ) -> None:
        self._wanted = context
        self._embeddings = embeddings
        self._kind = LLAMA_CPP_VECTORS if embeddings else LLAMA_CPP
        self._settings = ServerSettings(file, name, context, threads or inference_threads())
        self._info = ModelInfo(
            spec=spec,
            name=name,
            context=context,
            capabilities=self._kind.capabilities,
        )
        self._argv = tuple(child_argv) or default_argv()
        self._idle_seconds = idle_seconds
        self._check = check
        self._lock = asyncio.Lock()
        self._server: ModelServer | None = None
        self._client: OpenAICompatibleModel | None = None
        self._requests = 0
        self._idle_timer: asyncio.TimerHandle | None = None
        self._stopping: asyncio.Task[None] | None = None

    @property
    def info(self) -> ModelInfo:
        return self._info

    @property
    def server(self) -> ModelServer | None:
        """The child, where one runs."""
        return self._server if self._server is not None and self._server.is_alive else None

    async def start(self) -> None:
        """Load the file. Raises ModelError. Idempotent."""
        await self._running()
        self._idle_from_now()

    async def close(self) -> None:
        self._disturb()
        async with self._lock:
            await self._end()

    async def chat(self, request: ChatRequest) -> AsyncGenerator[Delta, None]:
        """Stream the answer; raises ModelError. Closing the generator ends the request."""
        async with aclosing(self._ask(request)) as deltas:
            async for delta in deltas:
                yield delta

    async def complete(self, request: CompletionRequest) -> AsyncGenerator[Delta, None]:
        """Stream what comes next, or between; raises ModelError."""
        async with aclosing(self._ask(request)) as deltas:
            async for delta in deltas:
                yield delta

    async def embed(self, texts: Sequence[str]) -> tuple[Vector, ...]:
        """One vector for each text; raises ModelError where this model was not started for that."""
        self._requests += 1
        self._disturb()
        try:
            _, client = await self._running()
            return await client.embed(texts)
        finally:
            self._requests -= 1
            self._idle_from_now()

    async def _ask(self, request: Request) -> AsyncGenerator[Delta, None]:
        self._requests += 1
        self._disturb()
        try:
            for last_try in (False, True):
                server, client = await self._running()
                streamed = False
                try:
                    async with aclosing(_put(client, request)) as deltas:
                        async for delta in deltas:
                            streamed = True
                            yield delta
                    return
                except ModelError as error:
                    if not await server.dies_within(_DEATH_SECONDS):
                        raise
                    if streamed or last_try:
                        raise self._died(server) from error
                    _LOG.warning("the model server died; it is started again")
        finally:
            self._requests -= 1
            self._idle_from_now()

    async def _running(self) -> tuple[ModelServer, OpenAICompatibleModel]:
        async with self._lock:
            if self._server is not None and self._client is not None and self._server.is_alive:
                return self._server, self._client
            await self._end()
            await self._admit()
            self._server = server = await ModelServer.launch(self._settings, self._argv)
            _LOG.info("the model server runs as process %d", server.pid)
            self._client = client = OpenAICompatibleModel(
                server.endpoint,
                self._settings.alias,
                info=self._info,
                server=http_errors.Server("The embedded model", self._info.name),
                # Progress reports make llama.cpp write while it reads the prompt, and so notice there
                # too that we have hung up.
                extra={"return_progress": True},
                kind=self._kind,
                retries=NEVER,
            )
            await client.start()
            self._info = client.info
            return server, client

    async def _admit(self) -> None:
        """Refuse what cannot work before a process is started for it."""
        file = self._settings.model
        if not await asyncio.to_thread(file.is_file):
            sentence = f"The model file {file.name} is not there."
            remedies = (embedded_errors.DOWNLOAD, http_errors.WITHOUT_MODEL)
            raise ModelError("model.file_missing", sentence, remedies, str(file))
        if self._check is not None:
            await self._check(file)
        facts = await asyncio.to_thread(read_facts, file, for_vectors=self._embeddings)
        weights = (await asyncio.to_thread(file.stat)).st_size
        free = available_memory()
        context = choose_context(weights, facts.cache_bytes, self._wanted, facts.context, free)
        needed = memory_needed(weights, context, facts.cache_bytes)
        pooling: Literal["own", "mean"] = "own" if reads_only(facts.architecture) else "mean"
        self._settings = replace(
            self._settings,
            context=context,
            embeddings=pooling if self._embeddings else "",
            needed=needed,
        )
        self._info = replace(self._info, context=context)
        if free is not None and free < needed:
            raise embedded_errors.out_of_memory(self._info.name, needed, free)

    async def _end(self) -> None:
        server, self._server = self._server, None
        client, self._client = self._client, None
        if client is not None:
            await client.close()
        if server is not None:
            await server.stop()

    def _died(self, server: ModelServer) -> ModelError:
        sentence = f"The process that runs {self._info.name} has died; the next request starts it again."
        remedies = (replace(http_errors.LOOK_AGAIN, label="Try again"), http_errors.WITHOUT_MODEL)
        return ModelError("model.died", sentence, remedies, server.log_tail)

    def _disturb(self) -> None:
        if self._idle_timer is not None:
            self._idle_timer.cancel()
            self._idle_timer = None

    def _idle_from_now(self) -> None:
        self._disturb()
        if self._idle_seconds > 0 and self._requests == 0 and self._server is not None:
            loop = asyncio.get_running_loop()
            self._idle_timer = loop.call_later(self._idle_seconds, self._stop_idle)

    def _stop_idle(self) -> None:
        self._idle_timer = None
        self._stopping = asyncio.get_running_loop().create_task(self._end_if_idle())

    async def _end_if_idle(self) -> None:
        async with self._lock:
            if self._requests == 0:
                await self._end()


def _put(client: OpenAICompatibleModel, request: Request) -> AsyncGenerator[Delta, None]:
    return client.chat(request) if isinstance(request, ChatRequest) else client.complete(request)
