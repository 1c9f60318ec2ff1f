"""``greenbar keys`` as a user runs it, on a real keyring: open, locked, stopped, absent."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.app.conftest import Ran

PASSWORD = b"the password of the keyring"
KEY = "kk-0123456789-abcdef-real"
READY_SECONDS = 20.0

pytestmark = pytest.mark.keyring


@dataclass(frozen=True, slots=True)
class Desk:
    """A session bus with a gnome-keyring of its own, and no display to ask for a password on."""

    environment: dict[str, str]
    daemon: subprocess.Popen[bytes]

    def unlock(self) -> None:
        command = ["gnome-keyring-daemon", "--unlock"]
        subprocess.run(command, input=PASSWORD, env=self.environment, capture_output=True, check=True)

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
    daemon.stdin.write(PASSWORD)
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


@pytest.fixture
def keys(desk: Desk, environment: dict[str, str]) -> Callable[..., Ran]:
    """``greenbar keys ...`` on that bus, with ``typed`` on standard input."""

    def run(*arguments: str, typed: str = "", **extra: str) -> Ran:
        done = subprocess.run(
            [sys.executable, "-m", "app.main", "keys", *arguments],
            env={**environment, **desk.environment, "HOME": environment["HOME"], **extra},
            input=typed,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    return run


def sources(ran: Ran) -> dict[str, str]:
    assert ran.status == 0, ran.err
    return {row["name"]: row["source"] for row in ran.json["keys"]}


def files_with(folder: Path, text: str) -> list[Path]:
    return [p for p in folder.rglob("*") if p.is_file() and text.encode() in p.read_bytes()]


def test_a_key_is_kept_listed_and_forgotten_and_stands_in_no_file_of_ours(
    keys: Callable[..., Ran], environment: dict[str, str]
) -> None:
    kept = keys("set", "openai", typed=f"{KEY}\n")
    assert kept.status == 0, kept.err
    assert kept.err.strip() == "✓ The key for OpenAI is in the keyring."
    assert sources(keys("list", "--json"))["openai"] == "keyring"
    from_variable = keys("list", OPENAI_API_KEY="another-key-0123456789")
    assert "OpenAI: from the environment variable OPENAI_API_KEY" in from_variable.out
    overruled = keys("set", "openai", typed=KEY, OPENAI_API_KEY="another-key-0123456789")
    assert "The environment variable OPENAI_API_KEY still wins over it." in overruled.err
    assert keys("delete", "openai").status == 0
    assert sources(keys("list", "--json"))["openai"] == ""
    said = [kept, from_variable, overruled]
    assert not any(KEY in ran.out + ran.err for ran in said)
    assert files_with(Path(environment["GREENBAR_HOME"]), KEY) == []


def test_a_locked_keyring_is_said_and_nothing_waits(keys: Callable[..., Ran], desk: Desk) -> None:
    desk.lock()
    try:
        refused = keys("set", "anthropic", typed=KEY)
        assert refused.status == 2
        assert "✗ The keyring is locked; unlock it with your password and try again." in refused.err
        assert "export ANTHROPIC_API_KEY=..." in refused.err
    finally:
        desk.unlock()
    assert sources(keys("list", "--json"))["anthropic"] == ""


def test_a_keyring_that_has_stopped_is_given_up(keys: Callable[..., Ran], desk: Desk) -> None:
    desk.daemon.send_signal(signal.SIGSTOP)
    try:
        listed = keys("list", "--json", HF_TOKEN="hf-token-of-the-environment")
    finally:
        desk.daemon.send_signal(signal.SIGCONT)
    assert sources(listed) == {"openai": "", "anthropic": "", "openrouter": "", "hf": "environment"}
    assert "does not answer" in listed.json["keyring"]


def test_without_a_keyring_the_variable_is_named(keys: Callable[..., Ran]) -> None:
    nowhere = {"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent"}
    refused = keys("set", "openrouter", typed=KEY, **nowhere)
    assert refused.status == 2
    assert "No keyring here; keys come from environment variables." in refused.err
    assert "export OPENROUTER_API_KEY=..." in refused.err
    assert "greenbar keys set" not in keys("list", **nowhere).out


@pytest.mark.parametrize("typed", ["", "two\nlines\n"])
def test_what_is_not_one_line_is_refused(keys: Callable[..., Ran], typed: str) -> None:
    refused = keys("set", "openai", typed=typed)
    assert refused.status == 2
    assert "✗ The key must be one line of text." in refused.err
