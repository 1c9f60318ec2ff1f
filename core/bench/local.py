"""The executor of this machine: a few processes that end when they are told to, or when we are gone.

A job is an event loop with sandboxes and a model below it, which want to be closed and not killed.
So each process waits, on a thread, for the other end of a pipe to close, which happens on Stop and
also with the death of our own process, and then sends itself SIGTERM, which the job takes as
*cancel*; without a job it ends the process.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Final

_AGAIN_SECONDS: Final = 0.5
"""After the job that was cancelled, another may have been waiting already."""


@contextmanager
def local_pool(workers: int, prepare: Callable[[], None]) -> Iterator[Executor]:
    """Processes that call ``prepare`` (which can be pickled) once and do jobs then, one at a time.

    Leaving it gives up what is not done, and waits until that is cleared away.
    """
    # Spawned: this process has threads, and a fork would take over their locks as they are.
    context = multiprocessing.get_context("spawn")
    reader, writer = context.Pipe(duplex=False)
    pool = ProcessPoolExecutor(workers, context, _begin, (reader, prepare))
    try:
        yield pool
    finally:
        writer.close()
        pool.shutdown(wait=True, cancel_futures=True)
        reader.close()


def _begin(reader: Connection, prepare: Callable[[], None]) -> None:
    # Ctrl+C reaches the whole group: only the parent answers it. A handler, and not SIG_IGN, which
    # the programs below would inherit.
    signal.signal(signal.SIGINT, lambda *_: None)
    threading.Thread(target=_watch, args=(reader,), daemon=True).start()
    prepare()


def _watch(reader: Connection) -> None:
    reader.poll(None)
    while True:
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(_AGAIN_SECONDS)
