"""The container engine dies in the middle of a run, and comes back."""

from __future__ import annotations

import asyncio
import gc
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import SandboxError
from core.sandbox.base import Environment, Limits
from core.sandbox.docker import ContainerSandbox
from core.sandbox.engine import find_engine
from core.sandbox.installer import NetworkSettings
from core.testing.base import RunRequest
from core.testing.runner import WorkerPool
from core.types import Outcome, SandboxKind

from .conftest import Open
from .daemon import Daemon

LIMITS = Limits(memory_bytes=512 * 1024**2, processes=64, work_bytes=32 * 1024**2)
SLOW = b"import time\ndef test_first(): pass\ndef test_slow(): time.sleep(20)\n"
QUICK = RunRequest({"test_it.py": b"def test_quick(): pass\n"})
STOPPED_SECONDS = 8.0


@pytest.fixture
def daemon() -> Iterator[Daemon]:
    if os.geteuid() != 0:
        pytest.skip("only root can start an engine")
    folder = Path(tempfile.mkdtemp(prefix="gbd-"))
    made = Daemon(folder)
    try:
        yield made
    finally:
        made.end()
        shutil.rmtree(folder)


# The Docker SDK does not close a socket that could not be connected (docker/transport/unixconn.py).
@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
@pytest.mark.slow
@pytest.mark.docker
def test_an_engine_that_is_killed_costs_its_run_and_is_used_again_once_it_is_back(
    prepared: Open, daemon: Daemon, tmp_path: Path
) -> None:
    (tmp_path / "copy").mkdir()

    async def image() -> tuple[str, Path]:
        async with prepared(SandboxKind.DOCKER) as sandbox:
            assert isinstance(sandbox, ContainerSandbox)
            return sandbox._image, sandbox._cache

    async def work(cache: Path) -> None:
        engine = find_engine(SandboxKind.DOCKER, {"DOCKER_HOST": daemon.host})
        sandbox = ContainerSandbox(engine, cache, NetworkSettings())
        await sandbox.prepare(lambda text, fraction: None)
        pool = WorkerPool(sandbox, tmp_path / "copy", Environment(), LIMITS, 1)
        told = asyncio.Event()
        try:
            slow = RunRequest({"test_it.py": SLOW})
            running = asyncio.create_task(pool.run(slow, None, lambda result: told.set()))
            await told.wait()
            await asyncio.to_thread(daemon.kill)
            async with asyncio.timeout(STOPPED_SECONDS):
                outcome = await running
            assert outcome.lost
            assert [r.outcome for r in outcome.report.results] == [Outcome.PASSED]
            with pytest.raises(SandboxError) as caught:
                await pool.run(QUICK)
            assert caught.value.sentence == "Docker stopped answering."
            assert caught.value.remedies
            await asyncio.to_thread(daemon.start)
            outcome = await pool.run(QUICK)
            assert [r.outcome for r in outcome.report.results] == [Outcome.PASSED]
        finally:
            await pool.close()
            await sandbox.close()

    tag, cache = asyncio.run(image())
    daemon.start()
    daemon.load(tag)
    asyncio.run(work(cache))
    gc.collect()
    assert daemon.docker("ps", "-aq").stdout == b""
