"""The machine fails in the middle of a run: a container is killed, a disk is full."""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from core.errors import GreenbarError, RepositoryError, SandboxError
from core.repo.copy import make_private_copy
from core.repo.repository import open_repository
from core.sandbox.base import Environment, Limits, Sandbox
from core.sandbox.tools import make_tools
from core.testing.base import RunOutcome, RunRequest
from core.testing.runner import WorkerPool
from core.types import Outcome, RunEnd, SandboxKind
from tests.repositories import commit_repository

from .conftest import Open

docker = pytest.mark.parametrize("kind", [pytest.param(SandboxKind.DOCKER, marks=pytest.mark.docker)])
isolated = pytest.mark.parametrize(
    "kind",
    [
        pytest.param(SandboxKind.DOCKER, marks=pytest.mark.docker),
        pytest.param(SandboxKind.BUBBLEWRAP, marks=pytest.mark.bubblewrap),
    ],
)
LIMITS = Limits(memory_bytes=512 * 1024**2, processes=64, work_bytes=32 * 1024**2)
SLOW = RunRequest(
    {"test_it.py": b"import time\ndef test_first(): pass\ndef test_slow(): time.sleep(8)\n"}
)
QUICK = RunRequest({"test_it.py": b"def test_quick(): pass\n"})


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    (tmp_path / "copy").mkdir()
    (tmp_path / "copy" / "m.py").write_text("ANSWER = 42\n")
    return tmp_path / "copy"


def passed(outcome: RunOutcome) -> bool:
    return [r.outcome for r in outcome.report.results] == [Outcome.PASSED]


async def broken_off(pool: WorkerPool, break_it: Callable[[], object]) -> RunOutcome:
    """What becomes of a run during whose second test ``break_it`` is called."""
    told = asyncio.Event()
    running = asyncio.create_task(pool.run(SLOW, None, lambda result: told.set()))
    await told.wait()
    await asyncio.to_thread(break_it)
    async with asyncio.timeout(5):
        return await running


def containers(*arguments: str) -> list[str]:
    filters = ["--filter", f"label=greenbar.pid={os.getpid()}"]
    command = ["docker", *arguments, "ps", "-aq", *filters]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()


@docker
@pytest.mark.parametrize("how", ["kill", "stop -t 0", "rm -f", "pause"])
def test_a_container_that_somebody_ends_costs_its_run_and_no_more(
    prepared: Open, kind: SandboxKind, copy: Path, how: str
) -> None:
    def end() -> None:
        for container in containers():
            subprocess.run(["docker", *how.split(), container], check=True, capture_output=True)

    async def work() -> None:
        async with prepared(kind) as sandbox:
            pool = WorkerPool(sandbox, copy, Environment(), LIMITS, 1)
            try:
                if how == "pause":
                    with pytest.raises(TimeoutError):
                        await broken_off(pool, end)
                else:
                    outcome = await broken_off(pool, end)
                    assert outcome.lost
                    assert outcome.report.end is RunEnd.CRASHED
                    assert "The sandbox ended in the middle of the run" in outcome.report.detail
                    assert passed(outcome)
                assert passed(await pool.run(QUICK))
            finally:
                await pool.close()
        assert containers() == []

    asyncio.run(work())


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Path]:
    """``folder`` as a disk of that size. Only root can."""
    folder.mkdir()
    options = ["-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
    if subprocess.run(["mount", *options], capture_output=True, check=False).returncode:
        pytest.skip("only root can make a small disk")
    with ExitStack() as stack:
        stack.callback(subprocess.run, ["umount", "-l", str(folder)], check=True)
        yield folder


def test_a_full_disk_while_copying_is_said_and_a_copy_fits_once_there_is_room(tmp_path: Path) -> None:
    root = commit_repository(tmp_path / "repository", {"a.py": "A = 1\n"})
    (root / "big.bin").write_bytes(bytes(3 << 20))
    with small_disk(tmp_path / "disk", 2) as disk:
        with pytest.raises(RepositoryError) as caught:
            make_private_copy(open_repository(root), disk / "copies")
        assert caught.value.code == "copy.no_space"
        assert list((disk / "copies").iterdir()) == []
        (root / "big.bin").unlink()
        make_private_copy(open_repository(root), disk / "copies").close()
        assert list((disk / "copies").iterdir()) == []


def test_a_full_disk_while_greenbar_makes_its_tools_is_said_and_leaves_nothing(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 1) as disk:
        with pytest.raises(SandboxError) as caught:
            make_tools(disk)
        assert caught.value.code == "sandbox.no_space"
        assert list((disk / "tools").iterdir()) == []


@isolated
def test_a_repository_that_does_not_fit_into_the_sandbox_is_said(
    prepared: Open, kind: SandboxKind, copy: Path
) -> None:
    async def work(sandbox: Sandbox) -> GreenbarError:
        pool = WorkerPool(sandbox, copy, Environment(), LIMITS, 1)
        try:
            with pytest.raises(SandboxError) as caught:
                await pool.run(QUICK)
            (copy / "big.bin").unlink()
            assert passed(await pool.run(QUICK))
        finally:
            await pool.close()
        return caught.value

    async def main() -> GreenbarError:
        async with prepared(kind) as sandbox:
            return await work(sandbox)

    (copy / "big.bin").write_bytes(bytes(40 << 20))
    error = asyncio.run(main())
    assert error.code == "sandbox.too_small"
    assert "does not fit" in error.sentence
