"""A runner over the real worker, as a plain child process."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from core.sandbox.base import Environment, Limits
from core.sandbox.host import HostSandbox
from core.sandbox.installer import NetworkSettings
from core.testing.base import RunOutcome, RunRequest
from core.testing.runner import WorkerPool

Run = Callable[..., list[RunOutcome]]


@pytest.fixture(scope="session")
def tools_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def write(tmp_path: Path) -> Callable[[Mapping[str, str]], Path]:
    """Lay out a private copy."""

    def lay_out(files: Mapping[str, str]) -> Path:
        root = tmp_path / "copy"
        for path, text in files.items():
            target = root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
        return root

    return lay_out


@pytest.fixture
def run(tools_cache: Path) -> Run:
    """Carry out requests one after the other on one worker, and leave nothing behind."""

    def carry_out(copy: Path, *requests: RunRequest) -> list[RunOutcome]:
        async def main() -> list[RunOutcome]:
            sandbox = HostSandbox(tools_cache, NetworkSettings())
            await sandbox.prepare(lambda text, fraction: None)
            pool = WorkerPool(sandbox, copy, Environment(), Limits(), 1)
            try:
                return [await pool.run(request) for request in requests]
            finally:
                await pool.close()
                await sandbox.close()

        return asyncio.run(main())

    return carry_out
