"""The program as a user runs it: a real process, its own home, repositories of the test's own."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import platformdirs
import pytest

from tests.conftest import NO_CASES
from tests.repositories import commit_repository

CASES = Path(__file__).resolve().parents[3] / "shared" / "cases" / "quixbugs-dev.jsonl"
KEYRING_PASSWORD = b"the password of the keyring"
READY_SECONDS = 20.0
MODEL_FILE = "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf"


@dataclass(frozen=True, slots=True)
class Ran:
    """How a command ended."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """The one JSON object on standard output."""
        return json.loads(self.out)


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Of the program: its own home, the machine's model file."""
    model = Path(platformdirs.user_data_dir("greenbar")) / "models" / MODEL_FILE
    named = {} if "GREENBAR_MODEL" in os.environ else {"GREENBAR_MODEL": str(model)}
    return {**os.environ, **named, "GREENBAR_HOME": str(tmp_path / "home"), "NO_COLOR": "1"}


@pytest.fixture
def greenbar(environment: dict[str, str]) -> Callable[..., Ran]:
    """``greenbar("fix", path, ...)`` as a process of its own."""

    def run(*arguments: str | Path, timeout: float = 180.0, **extra: str) -> Ran:
        done = subprocess.run(
            [sys.executable, "-m", "app.main", *map(str, arguments)],
            env={**environment, **extra},
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture
def commit(tmp_path: Path) -> Callable[..., Path]:
    """Make a git repository with one commit, at a path with a space and letters beyond ASCII."""

    def make(files: Mapping[str, str], name: str = "ein Projekt ü") -> Path:
        return commit_repository(tmp_path / name, files)

    return make


@pytest.fixture
def case(commit: Callable[..., Path]) -> Callable[[str], Path]:
    """A task of the shared cases, laid out as a git repository."""

    def lay_out(name: str) -> Path:
        if not CASES.is_file():
            pytest.skip(NO_CASES)
        for line in CASES.read_text().splitlines():
            task = json.loads(line)
            if task["id"].endswith(f"/{name}"):
                return commit(task["files"], name)
        raise AssertionError(f"there is no case {name}")

    return lay_out


@dataclass(frozen=True, slots=True)
class Desk:
    """A session bus with a gnome-keyring of its own, and no display to ask for a password on."""

    environment: dict[str, str]
    daemon: subprocess.Popen[bytes]

    def unlock(self) -> None:
        command = ["gnome-keyring-daemon", "--unlock"]
        subprocess.run(
            command, input=KEYRING_PASSWORD, env=self.environment, capture_output=True, check=True
        )

    def lock(self) -> None:
        from secretstorage import dbus_init, get_default_collection

        before = os.environ.get("DBUS_SESSION_BUS_ADDRESS")
        os.environ["DBUS_SESSION_BUS_ADDRESS"] = self.environment["DBUS_SESSION_BUS_ADDRESS"]
        try:
            with dbus_init() as bus:
                get_default_collection(bus).lock()
        finally:
            if before is None:
                del os.environ["DBUS_SESSION_BUS_ADDRESS"]
            else:
                os.environ["DBUS_SESSION_BUS_ADDRESS"] = before


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Skips where gnome-keyring is not installed (packaging/setup.sh test installs it)."""
    if shutil.which("gnome-keyring-daemon") is None or shutil.which("dbus-daemon") is None:
        pytest.skip("gnome-keyring or dbus-daemon is not installed")
    home = tmp_path_factory.mktemp("keyring")
    (home / "run").mkdir(mode=0o700)
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "XDG_RUNTIME_DIR": str(home / "run"),
        "XDG_DATA_HOME": str(home / "data"),
    }
    bus = subprocess.Popen(
        ["dbus-daemon", "--session", "--nofork", "--print-address=1"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert bus.stdout is not None
    environment["DBUS_SESSION_BUS_ADDRESS"] = bus.stdout.readline().decode().strip()
    daemon = subprocess.Popen(
        ["gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets"],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    assert daemon.stdin is not None
    daemon.stdin.write(KEYRING_PASSWORD)
    daemon.stdin.close()
    try:
        deadline = time.monotonic() + READY_SECONDS
        while not (home / "run" / "keyring" / "control").exists():
            assert time.monotonic() < deadline, "gnome-keyring did not start"
            time.sleep(0.05)
        yield Desk(environment, daemon)
    finally:
        for process in (daemon, bus):
            process.send_signal(signal.SIGCONT)
            process.terminate()
            process.wait(10)
        bus.stdout.close()
