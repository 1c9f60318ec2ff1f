"""The composition root of a session: which sandbox, which model, which proposers."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from app.paths import Paths
from core.sandbox.base import Limits, Sandbox
from core.search.base import Proposer
from core.session.services import SessionSettings
from core.testing.base import RunLimits
from core.types import ReadinessRow

if TYPE_CHECKING:
    from core.models.base import ModelClient

MOST_WORKERS = 4
MEMORY_SHARE = 0.5


def settings_from(
    sandbox: str = "auto", model: str = "auto", *, set_up: bool = True, test_seconds: float = 10.0
) -> SessionSettings:
    """Settings for this machine: as many verifiers as cores, at most half of the memory each."""
    cores = os.cpu_count() or 1
    limits = Limits(memory_bytes=min(4 * 1024**3, _half_of_memory()), cpus=float(cores))
    return SessionSettings(
        sandbox=sandbox,
        model=model,
        set_up=set_up,
        workers=min(cores, MOST_WORKERS),
        limits=limits,
        run_limits=RunLimits(test_seconds=test_seconds),
    )


def _half_of_memory() -> int:
    try:
        total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError):
        return 4 * 1024**3
    return int(total * MEMORY_SHARE)


class AppServices:
    """:class:`core.session.services.Services` for this machine and user."""

    def __init__(self, paths: Paths) -> None:
        self._paths = paths

    @property
    def data(self) -> Path:
        return self._paths.data

    @property
    def cache(self) -> Path:
        return self._paths.cache

    async def choose_sandbox(self, spec: str) -> Sandbox:
        from core.sandbox.choose import choose

        return await choose(spec, self._paths.cache)

    async def resolve_model(self, spec: str) -> ModelClient | None:
        if spec == "none":
            return None
        from core.models.select import resolve

        return await resolve(spec, self._paths.models)

    async def readiness(self) -> tuple[ReadinessRow, ...]:
        from core.sandbox.doctor import readiness as sandbox_rows

        return await sandbox_rows()

    def proposers(self) -> Sequence[Proposer]:
        from core.search.mutation import MutationProposer

        return (MutationProposer(),)

    async def start_docker(self) -> None:
        from core.sandbox.doctor import start_docker

        await start_docker()

    async def make_sample(self) -> Path:
        from app.sample import make_sample

        folder = self._paths.data / "samples"
        folder.mkdir(parents=True, exist_ok=True)
        return await asyncio.to_thread(make_sample, folder)
