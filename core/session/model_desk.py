"""Carries out what concerns models and keys, beside the work on the repository.

Nothing here touches the session: a download may go on through a fix. What it leads to, using the model,
is a command of its own that waits its turn.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from pathlib import Path
from typing import Any

from core.commands import (
    AddEndpoint,
    AddModelFile,
    CancelDownload,
    Command,
    DeleteKey,
    DeleteModel,
    DownloadModel,
    ListKeys,
    ListModels,
    RunDoctor,
    SelectModel,
    SetKey,
    VerifyModel,
)
from core.events import KeysChanged, ModelsChanged, Progress
from core.models.book import EndpointRecord
from core.models.progress import DownloadProgress, OnProgress
from core.session.emitter import Emitter, Job
from core.session.services import Services
from core.session.side_work import SideWork


class ModelDesk:
    """For the loop's thread only. ``post`` takes the commands that follow from the work here."""

    def __init__(self, services: Services, emit: Emitter, post: Callable[[Command], None]) -> None:
        self._services = services
        self._emit = emit
        self._post = post
        self._fetching: dict[str, asyncio.Task[None]] = {}
        self._side = SideWork(emit, "a command for models")

    @property
    def tasks(self) -> tuple[asyncio.Task[None], ...]:
        """What is under way; the engine cancels it when it closes."""
        return self._side.tasks

    def take(self, command: Command) -> bool:
        """Begin ``command``, if it is one for this desk; returns at once."""
        services = self._services
        match command:
            case ListModels():
                self._begin(self._show_models)
            case DownloadModel(spec, use):
                self._fetch(spec, use)
            case CancelDownload(spec):
                if (task := self._fetching.get(spec)) is not None:
                    task.cancel()
            case VerifyModel(spec):
                self._begin(lambda: self._job(spec, partial(services.models.verify, spec)), ListModels())
            case DeleteModel(spec):
                self._begin(lambda: self._told(spec, services.models.delete(spec)), ListModels())
            case AddModelFile(path):
                self._begin(lambda: self._told(path, services.models.add_file(Path(path))), ListModels())
            case AddEndpoint(name, base_url, model, key):
                record = EndpointRecord(name, base_url, model, key)
                self._begin(lambda: self._told(name, services.models.add_endpoint(record)), ListModels())
            case ListKeys():
                self._begin(self._show_keys)
            case SetKey(name, value, this_run_only):
                self._begin(
                    lambda: services.keys.set(name, value, this_run_only=this_run_only), ListKeys()
                )
            case DeleteKey(name):
                self._begin(lambda: services.keys.delete(name), ListKeys())
            case _:
                return False
        return True

    def _fetch(self, spec: str, use: bool) -> None:
        """Once at a time for each model: asking again is no second download."""
        if spec in self._fetching:
            return
        task = self._begin(lambda: self._fetched(spec, use), ListModels())
        self._fetching[spec] = task
        task.add_done_callback(lambda _: self._fetching.pop(spec, None))

    async def _fetched(self, spec: str, use: bool) -> None:
        await self._job(spec, partial(self._services.models.pull, spec))
        if use:
            self._post(SelectModel(spec))
        self._post(RunDoctor())

    async def _job(self, spec: str, work: Callable[[OnProgress], Coroutine[Any, Any, str]]) -> None:
        with self._emit.job(f"model:{spec}") as job:
            job.outcome = await work(_reporting(job))

    async def _told(self, name: str, work: Coroutine[Any, Any, str]) -> None:
        """Quick work that says in a sentence what came of it."""
        self._emit(Progress(f"model:{name}", await work, 1.0, done=True))

    async def _show_models(self) -> None:
        self._emit(ModelsChanged(await self._services.list_models()))

    async def _show_keys(self) -> None:
        self._emit(KeysChanged(*await self._services.list_keys()))

    # --- tasks -----------------------------------------------------------------------------------

    def _begin(
        self, work: Callable[[], Coroutine[Any, Any, None]], then: Command | None = None
    ) -> asyncio.Task[None]:
        """``then`` follows however it ends: what is shown must be what is there."""
        task = self._side.begin(work)
        if then is not None:
            task.add_done_callback(lambda _: self._post(then))
        return task


def _reporting(job: Job) -> OnProgress:
    def report(progress: DownloadProgress) -> None:
        job(progress.sentence, progress.fraction)

    return report
