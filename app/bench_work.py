"""What a worker of the bench does: compose the services of its machine, and attempt one task."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from contextlib import suppress
from dataclasses import replace

from app.logs import set_up_logging
from app.paths import find_paths
from app.services import AppServices, settings_from
from core.bench.running import attempt
from core.bench.values import Ending, Job, Setting, TaskResult
from core.redact import Redactor
from core.session.services import SessionSettings
from core.types import ConsentKind

log = logging.getLogger("greenbar.bench")


def work(job: Job) -> TaskResult:
    """Attempt ``job`` from beginning to end; SIGTERM cancels it. Whatever fails becomes the result."""
    try:
        return asyncio.run(_work(job))
    except Exception as error:
        # The boundary of a task.
        log.exception("the attempt at %s failed", job.task.id)
        why = f"Something went wrong inside Greenbar: {error!r}"
        return TaskResult(job.task.id, job.setting, job.attempt, Ending.FAILED, job.task.kind, why)


def prepare() -> None:
    """Once for each process of the local pool."""
    set_up_logging(find_paths().logs, Redactor(os.environ))


async def _work(job: Job) -> TaskResult:
    task = asyncio.current_task()
    assert task is not None, "asyncio.run makes one"

    def stop() -> None:
        # Once: a second cancel would cut the clearing away short.
        if not task.cancelling():
            task.cancel()

    # Not on Windows, and not on a thread of another program, such as a worker of Dask.
    with suppress(NotImplementedError, ValueError, RuntimeError):
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop)
    services = AppServices(find_paths(), Redactor(os.environ))
    return await attempt(job, services, session_settings(job.setting), services.redact)


def session_settings(setting: Setting) -> SessionSettings:
    """For this machine; without the proof, which a figure of a search should not hold."""
    settings = settings_from(
        sandbox=setting.sandbox,
        model=setting.model,
        proposers=setting.proposers,
        strategy=setting.strategy or "auto",
        seed=setting.seed,
        set_up=setting.set_up,
        test_seconds=setting.test_seconds,
    )
    settings = replace(settings, history=False, prove=False, second_judge=setting.second_judge)
    if not setting.may_use_network:
        return settings
    network = {ConsentKind.SETUP_NETWORK, ConsentKind.REMOTE_ENGINE}
    return replace(settings, consents=settings.consents | network)
