"""Keys planted everywhere; then every file that the program wrote is searched for them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.app.conftest import Desk, Ran

ENV_KEY = "env-planted-7f3a91c2d4"
URL_PASSWORD = "url-planted-5b8e20a6f1"
KEYRING_KEY = "ring-planted-0c9d47e3b5"
BUDGET = ("--budget-seconds", "5")
PLANTED = (ENV_KEY, URL_PASSWORD, KEYRING_KEY)

SEEN = f"""
import glob, os

def everything():
    yield repr(dict(os.environ)).encode()
    for path in glob.glob("/proc/[0-9]*/environ") + glob.glob("/proc/[0-9]*/cmdline"):
        try:
            yield open(path, "rb").read()
        except OSError:
            pass

def test_the_sandbox_knows_no_key():
    # Written backwards: this file itself must not give them away.
    keys = [word[::-1].encode() for word in {[key[::-1] for key in PLANTED]!r}]
    seen = b"".join(everything())
    assert not [key for key in keys if key in seen]
"""
FILES = {
    # What a careless user has written into their code goes into the prompt.
    # And no proposer but a model could mend it, so a model is asked.
    "calc.py": f'KEY = "{ENV_KEY}"\n\n\ndef spell(n):\n    raise NotImplementedError\n',
    "test_calc.py": "from calc import spell\n\n\ndef test_spell():\n    assert spell(4) == 'four'\n",
    "test_seen.py": SEEN,
}


class Echo(BaseHTTPRequestHandler):
    """An OpenAI-compatible server whose refusals repeat the key and the whole prompt."""

    def do_GET(self) -> None:
        self._answer(200, {"data": [{"id": "m"}]})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        said = f"Incorrect API key provided: {self.headers['Authorization']}. You sent: {body}"
        self.server.said.append(said)  # type: ignore[attr-defined]
        self._answer(401, {"error": {"message": said}})

    def _answer(self, status: int, value: object) -> None:
        data = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        return


@pytest.fixture
def echo() -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    server.said = []  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def leaks(home: Path, *outputs: str) -> list[str]:
    """Where a planted key stands."""
    found = [f"output: {key}" for text in outputs for key in PLANTED if key in text]
    for path in home.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            found += [f"{path.relative_to(home)}: {key}" for key in PLANTED if key.encode() in data]
    return found


def journalled(home: Path) -> str:
    return "".join(path.read_text() for path in home.rglob("journal.jsonl"))


@pytest.mark.bubblewrap
def test_a_server_that_echoes_the_key_finds_it_in_no_file_of_ours(
    greenbar: Callable[..., Ran],
    commit: Callable[..., Path],
    environment: dict[str, str],
    echo: ThreadingHTTPServer,
) -> None:
    ran = greenbar(
        "fix", commit(FILES), "--sandbox", "bubblewrap", "--model", "openai:m", "--json", *BUDGET,
        "--tests", "test_calc.py::test_spell",
        OPENAI_API_KEY=ENV_KEY,
        OPENAI_BASE_URL=f"http://ada:{URL_PASSWORD}@127.0.0.1:{echo.server_port}/v1",
    )  # fmt: skip
    home = Path(environment["GREENBAR_HOME"])
    said = "".join(echo.said)  # type: ignore[attr-defined]
    assert ENV_KEY in said, "the server was asked, with the key and the prompt"
    assert "def spell(n)" in said
    journal = journalled(home)
    assert "Incorrect API key provided" in journal, "the refusal is told"
    assert "ModelAsked" in journal
    assert leaks(home, ran.err, ran.out) == []
    outcomes = [
        event["body"]["result"]["outcome"]
        for event in map(json.loads, journal.splitlines())
        if event["body"]["event"] == "TestFinished"
        and event["body"]["result"]["node_id"].endswith("knows_no_key")
    ]
    assert set(outcomes) == {"passed"}, "nothing in the sandbox knows a key"


@pytest.mark.keyring
@pytest.mark.bubblewrap
def test_a_key_of_the_keyring_leaves_no_trace_either(
    greenbar: Callable[..., Ran],
    commit: Callable[..., Path],
    environment: dict[str, str],
    desk: Desk,
    echo: ThreadingHTTPServer,
) -> None:
    on_the_bus = {**desk.environment, "HOME": environment["HOME"]}
    command = [sys.executable, "-m", "app.main"]
    run = {"env": {**environment, **on_the_bus}, "capture_output": True, "text": True, "check": True}
    subprocess.run([*command, "keys", "set", "lab"], input=f"{KEYRING_KEY}\n", **run)
    address = f"http://127.0.0.1:{echo.server_port}/v1"
    add = [*command, "models", "add", address, "--name", "lab", "--key"]
    subprocess.run(add, input=KEYRING_KEY, **run)
    root = commit(FILES)
    ran = greenbar(
        "fix", root, "--sandbox", "bubblewrap", "--model", "endpoint:lab", "--json", *BUDGET, **on_the_bus
    )
    assert KEYRING_KEY in "".join(echo.said), ran.err  # type: ignore[attr-defined]
    home = Path(environment["GREENBAR_HOME"])
    assert "Incorrect API key provided" in journalled(home)
    assert 'key = "lab"' in (home / "config" / "models.toml").read_text()
    assert [leak for leak in leaks(home, ran.err) if KEYRING_KEY in leak] == []


@pytest.mark.parametrize("where", ["main", "thread"])
def test_a_crash_report_holds_no_key(tmp_path: Path, where: str) -> None:
    program = f"""
import os, sys, threading
from pathlib import Path
from app.logs import hook_crashes, set_up_logging
from core.redact import Redactor
redact = Redactor(os.environ)
folder = Path(sys.argv[1])
ring = set_up_logging(folder, redact)
hook_crashes(folder, ring, redact)
import logging
logging.getLogger("greenbar").warning("before it is known: {KEYRING_KEY}")
redact.learn("{KEYRING_KEY}")
def crash():
    secret = os.environ["OPENAI_API_KEY"]
    raise RuntimeError(f"{{secret}} and {KEYRING_KEY} at http://ada:{URL_PASSWORD}@host/")
if "{where}" == "main":
    crash()
thread = threading.Thread(target=crash)
thread.start()
thread.join()
"""
    ran = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)],
        env={**os.environ, "OPENAI_API_KEY": ENV_KEY},
        capture_output=True,
        text=True,
        check=False,
    )
    report = (tmp_path / "crash.txt").read_text()
    assert "RuntimeError: *** and *** at http://***@host/" in report
    assert [leak for leak in leaks(tmp_path, ran.stderr) if "greenbar.log" not in leak] == []
    log = (tmp_path / "greenbar.log").read_text()
    assert log.count(KEYRING_KEY) == 1, "only the line that was written before anybody knew of the key"
