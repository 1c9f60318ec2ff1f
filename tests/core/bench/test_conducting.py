"""Attempts handed to executors of any kind."""

from __future__ import annotations

import asyncio
import threading
import time
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor

import pytest

from core.bench.conducting import conduct
from core.bench.values import BenchTask, Ending, Job, Setting, TaskResult
from core.errors import GreenbarError

JOBS = [Job(BenchTask(str(number), files={"m.py": ""}), Setting()) for number in range(6)]


def solve(job: Job) -> TaskResult:
    return TaskResult(job.task.id, job.setting, job.attempt, Ending.SOLVED)


def test_every_result_is_taken_once_by_an_executor_that_bench_does_not_know() -> None:
    results: list[TaskResult] = []
    with ThreadPoolExecutor(3) as executor:
        asyncio.run(conduct(executor, solve, JOBS, results.append))
    assert sorted(result.task for result in results) == [job.task.id for job in JOBS]


def test_what_was_done_is_kept_when_a_worker_is_gone() -> None:
    def work(job: Job) -> TaskResult:
        if job.task.id == "3":
            time.sleep(0.2)
            raise BrokenExecutor("killed")
        return solve(job)

    results: list[TaskResult] = []
    with (
        ThreadPoolExecutor(1) as executor,
        pytest.raises(GreenbarError, match="A worker of the bench ended unexpectedly"),
    ):
        asyncio.run(conduct(executor, work, JOBS[:4], results.append))
    assert sorted(result.task for result in results) == ["0", "1", "2"]


def test_an_attempt_that_the_executor_cancels_is_no_stop() -> None:
    class Cancelling(Executor):
        def submit(self, fn, /, *args, **kwargs):
            future: Future[TaskResult] = Future()
            future.cancel()
            return future

    with pytest.raises(GreenbarError, match="A worker of the bench ended unexpectedly"):
        asyncio.run(conduct(Cancelling(), solve, JOBS, lambda result: None))


def test_stopping_gives_up_what_has_not_begun() -> None:
    begun: list[str] = []
    first, go_on = threading.Event(), threading.Event()

    def work(job: Job) -> TaskResult:
        begun.append(job.task.id)
        first.set()
        go_on.wait(10)
        return solve(job)

    async def stop(executor: Executor) -> bool:
        running = asyncio.create_task(conduct(executor, work, JOBS, lambda result: None))
        await asyncio.to_thread(first.wait, 10)
        running.cancel()
        await asyncio.wait([running])
        go_on.set()
        return running.cancelled()

    with ThreadPoolExecutor(1) as executor:
        assert asyncio.run(stop(executor))
    assert begun == ["0"]
