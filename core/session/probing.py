"""Measures the model in use when nothing else is to be done, and knows what earlier runs have shown."""

from __future__ import annotations

import asyncio
import logging

from core.errors import GreenbarError, ModelError
from core.events import ModelProbed
from core.models.book import LimitRecord
from core.models.grading import ModelProfile
from core.models.probe import Probe
from core.models.probe_store import ProbeStore
from core.models.roles import ModelRoles
from core.models.select import Origin
from core.session.emitter import Emitter
from core.types import Grade, ProbeResult, Remedy

log = logging.getLogger("greenbar.probe")

IDLE_SECONDS = 8.0
"""How long nothing else may have been wanted before the model is measured."""


class Probing:
    """One for each session. A probe that was cut off goes on where it was."""

    def __init__(self, store: ProbeStore, emit: Emitter) -> None:
        self._store = store
        self._emit = emit
        self._models: ModelRoles | None = None
        self._origin: Origin | None = None
        self._probe: Probe | None = None
        self._known: ProbeResult | None = None

    async def use(self, models: ModelRoles, origin: Origin | None) -> None:
        """Another model is used from now on; tells what is known of it."""
        self._models, self._origin = models, origin
        self._probe = self._known = None
        if origin is None:
            return
        try:
            fingerprint = await origin.fingerprint(True)
        except GreenbarError as error:
            log.info("%s", error)  # a server that is not there says so when it is asked
            return
        if fingerprint:
            self._known = await asyncio.to_thread(self._store.get, fingerprint)
        if self._known is not None:
            self._emit(ModelProbed(self._known))

    def profile(self, limit: LimitRecord) -> ModelProfile:
        """How the model is to be asked, as far as it is known; the user's own limit counts."""
        known = self._known
        profile = ModelProfile(known.edit_format, known.prompt_tokens) if known else ModelProfile()
        if limit.prompt:
            profile = ModelProfile(profile.edit_format, min(profile.prompt_tokens, limit.prompt))
        return profile

    @property
    def is_wanted(self) -> bool:
        """Whether the model should be measured unasked: it is new, here, and costs nobody money."""
        return self._known is None and self._origin is not None and self._origin.is_here

    async def measure(self, *, again: bool = False) -> ProbeResult:
        """Raises ModelError. Cancelling keeps what was measured so far for the next time."""
        if self._models is None or self._origin is None:
            remedy = Remedy("List the models", shell="greenbar models list")
            raise ModelError("model.not_measured", "There is no model that could be measured.", (remedy,))
        if self._probe is None or again:
            self._probe = Probe(self._models.proposer)
        with self._emit.job("probe") as job:
            result = await self._probe.run(job)
            job.outcome = f"{result.name} is {result.grade} for this work."
        self._probe, self._known = None, result
        fingerprint = await self._origin.fingerprint(False)
        if fingerprint and result.grade is not Grade.UNCLEAR:
            try:
                await asyncio.to_thread(self._store.put, fingerprint, result)
            except OSError as error:
                log.warning("the probe's result cannot be kept: %s", error)
        self._emit(ModelProbed(result))
        return result


class IdleProbe:
    """Measures a new model once there is time for it. For the loop's thread only."""

    def __init__(self, probing: Probing, seconds: float = IDLE_SECONDS) -> None:
        self._probing = probing
        self._seconds = seconds
        self._task: asyncio.Task[None] | None = None

    @property
    def tasks(self) -> tuple[asyncio.Task[None], ...]:
        return (self._task,) if self._task is not None else ()

    def start(self) -> None:
        """Wait a while, then measure, unless there is nothing to be measured."""
        self.cancel()
        if self._probing.is_wanted:
            self._task = asyncio.create_task(self._measure())

    def cancel(self) -> None:
        """Something else is wanted: the request under way is given up at once."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()

    async def _measure(self) -> None:
        await asyncio.sleep(self._seconds)
        try:
            await self._probing.measure()
        except GreenbarError as error:
            # Nobody has asked for it: whoever uses the model is told.
            log.info("the model could not be measured: %s", error)
        except Exception:
            # The boundary of a task.
            log.exception("the probe failed")
