"""Who does the work of a bench: processes of this machine, or a Dask cluster."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from app.bench_work import prepare
from core.bench.local import local_pool
from core.errors import UsageError
from core.types import Remedy

_CONNECT_SECONDS = 5.0


def executor_of(dask: str, workers: int) -> AbstractContextManager[Executor]:
    """The cluster whose scheduler is at ``dask``; empty: ``workers`` processes. Raises UsageError."""
    return dask_cluster(dask) if dask else local_pool(workers, prepare)


@contextmanager
def dask_cluster(address: str) -> Iterator[Executor]:
    """Its workers need Greenbar, a sandbox and the models that are named. What they have begun when we
    leave goes on to its end there, at most for its budget."""
    try:
        from distributed import Client
    except ImportError as error:
        raise UsageError(
            "bench.no_dask",
            "The package distributed is not installed.",
            (Remedy("Install it", shell="pip install 'greenbar-desktop[bench]'"),),
        ) from error
    try:
        client: Any = Client(address, timeout=_CONNECT_SECONDS, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        raise UsageError(
            "bench.no_scheduler", f"There is no Dask scheduler at {address}.", details=str(error)
        ) from error
    try:
        # Each attempt is one of its own, be it the same task again; one that fails is not repeated.
        yield client.get_executor(pure=False, retries=0)
    finally:
        client.close(_CONNECT_SECONDS)
