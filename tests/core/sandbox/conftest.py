"""Sandboxes as tests want them: prepared, with a worker that runs what it is sent."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.errors import SandboxError
from core.sandbox.base import Environment, Limits, Sandbox, WorkerProcess
from core.sandbox.bubblewrap import BubblewrapSandbox
from core.sandbox.docker import ContainerSandbox
from core.sandbox.engine import find_engine
from core.sandbox.host import HostSandbox
from core.sandbox.installer import network_settings
from core.sandbox.plan import Hints, find_plan
from core.sandbox.tools import Tools, make_tools
from core.types import SandboxKind, TestReport

from .trying import Try, set_up_and_run

PROBE = Path(__file__).parent / "probe"
SMALL = Limits(memory_bytes=256 * 1024**2, processes=64, cpus=1.0, work_bytes=64 * 1024**2)


def request(source: str) -> bytes:
    return json.dumps({"run": source}).encode() + b"\n"


class Probe:
    """A launched probe worker."""

    def __init__(self, process: WorkerProcess) -> None:
        self.process = process

    async def run(self, source: str) -> Any:
        """Run ``source`` inside; what it leaves as ``result``, or ``Kind: words`` of its exception."""
        await self.process.send(request(source))
        async with asyncio.timeout(20):
            line = await self.process.receive()
        assert line is not None, (await self.process.wait()).stderr
        answer = json.loads(line)
        return answer["error"] if "error" in answer else answer["result"]


Opened = Callable[..., AbstractAsyncContextManager[Sandbox]]


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="session")
def probe_tools(cache: Path) -> Tools:
    return make_tools(cache, PROBE)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A private copy, at a path that has a space and letters beyond ASCII."""
    folder = tmp_path / "private: copy ü"
    folder.mkdir()
    (folder / "module.py").write_text("ANSWER = 42\n")
    return folder


def _usable(kind: SandboxKind) -> None:
    async def check() -> None:
        if kind is SandboxKind.BUBBLEWRAP:
            await BubblewrapSandbox.check()
        elif kind is not SandboxKind.HOST:
            engine = find_engine(kind)
            try:
                await engine.check()
            finally:
                await engine.close()

    try:
        asyncio.run(check())
    except SandboxError as error:
        pytest.skip(error.sentence)


@pytest.fixture
def opened(kind: SandboxKind, cache: Path, probe_tools: Tools) -> Opened:
    """A context manager that prepares a sandbox of ``kind`` and closes it."""
    _usable(kind)

    @asynccontextmanager
    async def open_sandbox() -> AsyncIterator[Sandbox]:
        network = network_settings()
        sandbox: Sandbox
        match kind:
            case SandboxKind.HOST:
                sandbox = HostSandbox(cache, network, probe_tools)
            case SandboxKind.BUBBLEWRAP:
                sandbox = BubblewrapSandbox(cache, network, tools=probe_tools)
            case _:
                sandbox = ContainerSandbox(find_engine(kind), cache, network, tools=probe_tools)
        try:
            await sandbox.prepare(lambda _text, _fraction: None)
            yield sandbox
        finally:
            await sandbox.close()

    return open_sandbox


@pytest.fixture
def in_probe(opened: Opened, copy: Path) -> Callable[..., Any]:
    """Run an async function on a launched probe and return what it returns."""

    def run(body: Callable[[Probe], Any], limits: Limits = SMALL) -> Any:
        async def main() -> Any:
            async with opened() as sandbox:
                probe = Probe(await sandbox.launch(copy, Environment(), limits))
                return await body(probe)

        return asyncio.run(main())

    return run


@pytest.fixture
def try_out(cache: Path, copy: Path) -> Try:
    """Lay out a project, set it up in a sandbox of ``kind`` with the real worker, run its tests twice;
    the set-up's sentence and the second report."""

    def run(
        files: Mapping[str, str], kind: SandboxKind = SandboxKind.HOST, version: str = ""
    ) -> tuple[str, TestReport]:
        (copy / "module.py").unlink()
        for name, text in files.items():
            path = copy / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        plan = find_plan(copy, hints=Hints(version=version))
        return asyncio.run(set_up_and_run(kind, cache, copy, replace(plan, digest=secrets.token_hex(8))))

    return run
