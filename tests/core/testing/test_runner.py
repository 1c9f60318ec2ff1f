"""The pool: cancelling, dead workers, several runs at once."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from core.sandbox.base import Environment, Limits
from core.sandbox.host import HostSandbox
from core.sandbox.installer import NetworkSettings
from core.testing.base import RunLimits, RunRequest
from core.testing.runner import WorkerPool
from core.types import Outcome, RunEnd


def with_pool(cache: Path, copy: Path, size: int, work):
    async def main():
        sandbox = HostSandbox(cache, NetworkSettings())
        await sandbox.prepare(lambda text, fraction: None)
        pool = WorkerPool(sandbox, copy, Environment(), Limits(), size)
        try:
            return await work(pool)
        finally:
            await pool.close()
            await sandbox.close()

    return asyncio.run(main())


def test_cancelling_ends_a_looping_run_within_a_second_and_the_worker_serves_again(write, tools_cache):
    copy = write({"test_l.py": "def test_l():\n    while True: pass\ndef test_p(): pass\n"})

    async def work(pool):
        running = asyncio.create_task(
            pool.run(RunRequest(limits=RunLimits(test_seconds=60, run_seconds=60)))
        )
        await asyncio.sleep(1.0)
        began = time.monotonic()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        took = time.monotonic() - began
        after = await pool.run(RunRequest(node_ids=("test_l.py::test_p",)))
        return took, after

    took, after = with_pool(tools_cache, copy, 1, work)
    assert took < 1.0
    assert [r.outcome for r in after.report.results] == [Outcome.PASSED]


def test_a_test_that_kills_the_worker_ends_its_run_and_the_next_run_works(write, tools_cache):
    copy = write(
        {
            "test_k.py": "import os, signal\n"
            "def test_k():\n    os.kill(os.getppid(), signal.SIGKILL)\n    import time; time.sleep(30)\n"
            "def test_p(): pass\n"
        }
    )

    async def work(pool):
        killed = await pool.run(RunRequest())
        after = await pool.run(RunRequest(node_ids=("test_k.py::test_p",)))
        return killed, after

    killed, after = with_pool(tools_cache, copy, 1, work)
    assert killed.report.end in (RunEnd.CRASHED, RunEnd.OUT_OF_MEMORY)
    assert [r.outcome for r in after.report.results] == [Outcome.PASSED]


def test_two_workers_run_side_by_side_and_keep_their_overlays_apart(write, tools_cache):
    copy = write({"m.py": "X = 0\n", "test_m.py": "import m\ndef test_x(): assert m.X == 1\n"})

    async def work(pool):
        runs = [pool.run(RunRequest(overlay={"m.py": f"X = {n}\n".encode()})) for n in (0, 1, 1, 0)]
        return await asyncio.gather(*runs)

    results = with_pool(tools_cache, copy, 2, work)
    assert [len(o.report.failing) for o in results] == [1, 0, 0, 1]


def test_the_run_limit_ends_a_suite_that_never_ends(write, tools_cache):
    copy = write(
        {
            "test_s.py": "import pytest, time\n@pytest.mark.parametrize('n', range(1000))\n"
            "def test_s(n): time.sleep(0.2)\n"
        }
    )

    async def work(pool):
        return await pool.run(RunRequest(limits=RunLimits(test_seconds=5, run_seconds=1.5)))

    outcome = with_pool(tools_cache, copy, 1, work)
    assert outcome.report.end is RunEnd.TIME_LIMIT
    assert 0 < len(outcome.report.results) < 1000
