"""Hands attempts to an executor, and takes their results as they come. Knows no kind of executor."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from concurrent.futures import Executor

from core.bench.values import Job, TaskResult
from core.errors import GreenbarError
from core.types import Remedy

Work = Callable[[Job], TaskResult]
"""A function that can be pickled, and raises nothing but for a worker that is gone."""


async def conduct(
    executor: Executor, work: Work, jobs: Iterable[Job], on_result: Callable[[TaskResult], None]
) -> None:
    """Have all jobs done, in no order. Cancelling gives up those that have not begun.

    Raises GreenbarError where a worker is gone; what came before has been handed over.
    """
    waiting = {asyncio.wrap_future(executor.submit(work, job)) for job in jobs}
    try:
        while waiting:
            done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            # What is done is kept, also where a worker has gone at the same time.
            for future in sorted(done, key=_is_lost):
                on_result(_result(future))
    finally:
        for future in waiting:
            future.cancel()


def _is_lost(future: asyncio.Future[TaskResult]) -> bool:
    return future.cancelled() or future.exception() is not None


def _result(future: asyncio.Future[TaskResult]) -> TaskResult:
    if not _is_lost(future):
        return future.result()
    # Of those that are waited for, we cancel none: it was the executor.
    error = None if future.cancelled() else future.exception()
    raise GreenbarError(
        "bench.worker",
        "A worker of the bench ended unexpectedly. What is done is kept.",
        (Remedy("Go on", shell="the same command with the same --out"),),
        details=repr(error) if error else "The attempt was cancelled.",
    ) from error
