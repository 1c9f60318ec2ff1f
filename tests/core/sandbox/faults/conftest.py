"""Real sandboxes with the real worker, and what is left on the machine after them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest

from core.sandbox.base import Sandbox
from core.sandbox.choose import choose
from core.types import SandboxKind

Open = Callable[[SandboxKind], AbstractAsyncContextManager[Sandbox]]


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Open:
    """``async with prepared(kind) as sandbox``, chosen and made as Greenbar does."""
    cache = tmp_path_factory.mktemp("cache")

    @asynccontextmanager
    async def open_sandbox(kind: SandboxKind) -> AsyncIterator[Sandbox]:
        sandbox = await choose(kind, cache)
        try:
            await sandbox.prepare(lambda text, fraction: None)
            yield sandbox
        finally:
            await sandbox.close()

    return open_sandbox
