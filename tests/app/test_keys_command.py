"""``greenbar keys`` as a user runs it, on a real keyring: open, locked, stopped, absent."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.app.conftest import Desk, Ran

KEY = "kk-0123456789-abcdef-real"
pytestmark = pytest.mark.keyring


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
