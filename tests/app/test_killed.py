"""Greenbar is killed in the middle: nothing runs on, and the next start leaves nothing behind."""

from __future__ import annotations

import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.processes import named
from tests.repositories import commit_repository

KINDS = [
    pytest.param("docker", marks=pytest.mark.docker),
    pytest.param("bubblewrap", marks=pytest.mark.bubblewrap),
    "host",
]
START_SECONDS = 180.0
SLEEPS = """
import time


def test_sleeps():
    with open("/proc/self/comm", "w") as file:
        file.write({name!r})
    time.sleep(9)
    assert False
"""


@pytest.fixture
def start(
    environment: dict[str, str], tmp_path: Path
) -> Iterator[Callable[[str], tuple[subprocess.Popen[bytes], str]]]:
    """Start a fix whose only test sleeps; returns it once the test runs, and the test's process name."""
    (tmp_path / "tmp").mkdir()
    with ExitStack() as running:

        def begin(kind: str) -> tuple[subprocess.Popen[bytes], str]:
            name = f"gb{secrets.token_hex(5)}"
            root = commit_repository(tmp_path / name, {"test_s.py": SLEEPS.format(name=name)})
            options = ["--sandbox", kind, "--no-model", "--budget-seconds", "60", "--yes"]
            process = subprocess.Popen(
                [sys.executable, "-m", "app.main", "fix", str(root), *options],
                env={**environment, "TMPDIR": str(tmp_path / "tmp")},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            running.enter_context(process)
            running.callback(process.kill)
            wait_for(lambda: bool(named(name)) or process.poll() is not None)
            assert process.poll() is None
            return process, name

        yield begin


def wait_for(happens: Callable[[], bool], seconds: float = START_SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def containers(pid: int) -> list[str]:
    command = ["docker", "ps", "-aq", "--filter", f"label=greenbar.pid={pid}"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_the_next_start_leaves_nothing_of_a_killed_one_and_all_of_a_living_one(
    kind: str, start: Callable[[str], tuple[subprocess.Popen[bytes], str]], tmp_path: Path
) -> None:
    living, living_name = start(kind)
    killed, killed_name = start(kind)
    copies = tmp_path / "home" / "cache" / "copies"
    assert len(list(copies.glob("copy-*/tree"))) == 2
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    if kind != "host":
        wait_for(lambda: not named(killed_name), 10)
    third, third_name = start(kind)
    assert named(living_name)
    assert named(third_name)
    assert len(list(copies.glob("copy-*/tree"))) == 2
    if kind == "docker":
        assert containers(killed.pid) == []
        assert len(containers(living.pid)) == len(containers(third.pid)) == 1
    if kind == "host":
        assert len(list((tmp_path / "tmp").glob("greenbar-work-*/work"))) == 2
    for process in (living, third):
        process.send_signal(signal.SIGTERM)
        process.wait(15)
        if kind == "docker":
            assert containers(process.pid) == []
    assert named(living_name) + named(third_name) + named(killed_name) == []
    assert list(copies.iterdir()) == []
    assert [path.name for path in (tmp_path / "tmp").iterdir() if "greenbar" in path.name] == []
