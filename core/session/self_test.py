"""The doctor's self-test: really start the sandbox, try what it promises not to allow, run a test.

The repository for it is made here (``resources/self_test``); nothing of the user's is in it.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Final

from core.errors import GreenbarError
from core.sandbox.base import Environment, Limits, ReportProgress, Sandbox
from core.testing.base import RunLimits, RunRequest
from core.testing.runner import WorkerPool
from core.types import Outcome, RunEnd, SandboxKind, SelfTestCheck, SelfTestReport, TestReport

MEMORY: Final = 256 * 1024**2
"""The memory limit is tried at this size: to fill the real one would press on the machine."""
_SECONDS: Final = 30.0
_PROMISES: Final = {
    "running": "tests run",
    "network": "no network",
    "files": "no files but the copy",
    "writing": "nothing but the work folder can be written",
    "memory": "the memory limit holds",
    "processes": "the limit on processes holds",
}
"""What each test of ``resources/self_test/test_sandbox.py`` shows."""
_KILLED: Final = ("memory", "processes")
"""Where the sandbox may as well end the whole run."""


async def self_test(
    sandbox: Sandbox, limits: Limits, cache: Path, progress: ReportProgress
) -> SelfTestReport:
    """Prepare ``sandbox`` and try it. It is closed in the end. Raises SandboxError where it does not
    even start."""
    try:
        if sandbox.kind is SandboxKind.HOST:
            return SelfTestReport(sandbox.kind, sandbox.sentence, isolated=False)
        await sandbox.prepare(progress)
        progress("Trying what the sandbox does not allow", None)
        return await _tried(sandbox, limits, cache)
    finally:
        await asyncio.shield(sandbox.close())


async def _tried(sandbox: Sandbox, limits: Limits, cache: Path) -> SelfTestReport:
    started = time.monotonic()
    small = replace(limits, memory_bytes=min(limits.memory_bytes, MEMORY))
    folder = await asyncio.to_thread(_make_folder, cache)
    try:
        with _listener() as port:
            copy = await asyncio.to_thread(_make_copy, folder, port, small)
            pool = WorkerPool(sandbox, copy, Environment(), small, 1)
            checks = []
            try:
                for name, promise in _PROMISES.items():
                    checks.append(await _check(pool, name, promise))
                came_through = await asyncio.to_thread(_came_through, folder)
                if came_through:
                    checks.append(SelfTestCheck(_PROMISES["writing"], False, came_through))
            finally:
                await pool.close()
        # Launching with small limits has worded the sentence by them.
        sentence = sandbox.sentence_for(limits)
        return SelfTestReport(sandbox.kind, sentence, tuple(checks), time.monotonic() - started)
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


async def _check(pool: WorkerPool, name: str, promise: str) -> SelfTestCheck:
    """Each in a run of its own: one that is killed takes nothing else with it."""
    node = f"test_sandbox.py::test_{name}"
    request = RunRequest(node_ids=(node,), limits=RunLimits(_SECONDS, _SECONDS))
    try:
        outcome = await pool.run(request)
    except GreenbarError as error:
        return SelfTestCheck(promise, False, f"{error.sentence} {error.details}".strip())
    return _judged(outcome.report, name, promise, lost=outcome.lost)


def _judged(report: TestReport, name: str, promise: str, *, lost: bool) -> SelfTestCheck:
    passed = report.count(Outcome.PASSED) == 1 and not report.failing
    if passed:
        return SelfTestCheck(promise, True)
    if name in _KILLED and (lost or report.end is RunEnd.OUT_OF_MEMORY):
        return SelfTestCheck(promise, True, "The sandbox was ended as a whole.")
    message = next((result.message for result in report.results if result.message), report.detail)
    first = message.strip().partition("\n")[0]
    return SelfTestCheck(promise, False, first.removeprefix("AssertionError: "))


def _make_folder(cache: Path) -> Path:
    cache.mkdir(parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(prefix="self-test-", dir=cache))


def _make_copy(folder: Path, port: int, limits: Limits) -> Path:
    """A tiny project, and beside it a file that no test may see."""
    secret, copy = folder / "secret.txt", folder / "copy"
    secret.write_text("hush")
    copy.mkdir()
    source = files("resources") / "self_test" / "test_sandbox.py"
    (copy / "test_sandbox.py").write_text(source.read_text("utf-8"), "utf-8")
    secrets = [secret, Path.home() / ".ssh", Path.home() / ".config", "/var/run/docker.sock"]
    promises = {
        "port": port,
        "secrets": [str(place) for place in secrets],
        "outside": [str(place) for place in _outside(folder)],
        "mark": f".{folder.name}",
        "closed": ["/", "/etc", "/usr/bin", "/base"],
        "memory": limits.memory_bytes,
        "processes": limits.processes,
    }
    (copy / "promises.json").write_text(json.dumps(promises), "utf-8")
    return copy


def _outside(folder: Path) -> tuple[Path, ...]:
    return folder, Path.home()


def _came_through(folder: Path) -> str:
    """Where a test has written a file of this computer, as a clause; empty where none could."""
    written = [place for place in _outside(folder) if (place / f".{folder.name}").exists()]
    for place in written:
        (place / f".{folder.name}").unlink()
    return f"{written[0]} can be written" if written else ""


@contextmanager
def _listener() -> Iterator[int]:
    """A server of this computer that no test may reach; gives its port."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield int(listening.getsockname()[1])
