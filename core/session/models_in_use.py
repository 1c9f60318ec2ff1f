"""The models of a session: chosen when they are first wanted, announced once, changed, closed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from core.errors import ModelError
from core.events import Event, ModelReady, Noticed, PromptDropped
from core.models.base import ModelClient
from core.models.grading import ModelProfile
from core.models.roles import ModelRoles
from core.models.truncation import limit_after
from core.session.emitter import Emitter
from core.session.probing import Probing
from core.session.services import Services, SessionSettings


class ModelsInUse:
    """``settings`` gives those that hold now. For the loop's thread only."""

    def __init__(
        self,
        services: Services,
        settings: Callable[[], SessionSettings],
        probing: Probing,
        emit: Emitter,
    ) -> None:
        self._services = services
        self._settings = settings
        self._probing = probing
        self._emit = emit
        self._models: ModelRoles | None = None
        self._readying = asyncio.Lock()
        self._dropped: PromptDropped | None = None
        emit.add_sink(self._notice_dropped)

    @property
    def name(self) -> str:
        """The spec of the one that proposes; empty before one was wanted."""
        return self._models.proposer.info.spec if self._models else ""

    async def ready(self) -> ModelRoles | None:
        """The chosen models, announced once; ``None`` where no model takes part. Raises ModelError."""
        async with self._readying:  # a question may want them while a repository opens
            return await self._ready()

    async def if_any(self) -> ModelRoles | None:
        """As :meth:`ready`; but where nobody insisted on a model, one that fails is told and left out."""
        try:
            return await self.ready()
        except ModelError as error:
            if self._settings().model != "auto":
                raise
            self._emit.trouble(error)
            return None

    async def profile(self) -> ModelProfile:
        """How the model in use is to be asked."""
        return self._probing.profile(await self._services.limit(self.name))

    async def change(self) -> None:
        """Take the model that the settings name now."""
        await self.close()
        await self.ready()

    async def mend_truncation(self) -> None:
        """Set the limit that the last dropped prompt asks for; does nothing where none was dropped."""
        dropped, self._dropped = self._dropped, None
        if dropped is None:
            return
        limit = limit_after(dropped.model, dropped.sent, dropped.counted)
        self._emit(Noticed(await self._services.models.limit(limit)))
        await self.change()

    async def close(self) -> None:
        """End what was started. Idempotent; :meth:`ready` starts anew."""
        models, self._models = self._models, None
        if models is not None:
            await models.close()

    # --- inner -----------------------------------------------------------------------------------

    async def _ready(self) -> ModelRoles | None:
        if self._models is not None:
            return self._models
        settings = self._settings()
        resolution = await self._services.resolve_model(settings.model)
        if resolution.notice:
            self._emit(Noticed(resolution.notice))
        if resolution.client is None:
            if resolution.reasons:
                self._emit(Noticed(f"No model takes part. {resolution.reasons[-1]}"))
            return None
        judge = await self._own(settings.judge_model)
        embedder = await self._own(settings.embedding_model, embeddings=True)
        self._models = ModelRoles(resolution.client, judge, embedder)
        await self._probing.use(self._models, resolution.origin)
        info = resolution.client.info
        self._emit(ModelReady(info.spec, info.name, info.context))
        return self._models

    async def _own(self, spec: str, *, embeddings: bool = False) -> ModelClient | None:
        """The model of a role that has one of its own."""
        if not spec or (spec == self._settings().model and not embeddings):
            return None
        return (await self._services.resolve_model(spec, embeddings=embeddings)).client

    def _notice_dropped(self, event: Event) -> None:
        if isinstance(event.body, PromptDropped):
            self._dropped = event.body
