"""Ctrl+C and SIGTERM: one JSON object, no wait for a line or a thread, nothing left."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

LOOPS = {
    "m.py": "def f(x):\n    a = x + 1\n    b = a * 2\n    return b\n",
    "test_m.py": "import time\nfrom m import f\n\n\ndef test_f():\n    time.sleep(0.05)\n"
    "    assert f(3) == 'never'\n",
}
NEEDS = {
    "requirements.txt": "iniconfig\n",
    "test_i.py": "import iniconfig_that_is_missing\n\n\ndef test_i():\n    pass\n",
}


def start(environment, root: Path, *arguments: str, **pipes) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "app.main", "fix", str(root), "--sandbox", "host", "--no-model"]
    return subprocess.Popen([*command, *arguments], env=environment, text=True, **pipes)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_search_prints_one_object_with_the_best_so_far(environment, commit, number):
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "stdin": subprocess.DEVNULL}
    process = start(environment, commit(LOOPS), "--json", **pipes)
    assert process.stderr is not None
    for line in process.stderr:
        if "candidates," in line and not line.strip().startswith("0 "):
            break
    process.send_signal(number)
    began = time.monotonic()
    out, err = process.communicate(timeout=20)
    assert time.monotonic() - began < 5.0
    assert process.returncode == 130
    assert "Stopped." in err
    record = json.loads(out)
    assert record["verdict"] in ("unchanged", "worse")
    assert record["still_failing"] == ["test_m.py::test_f"]
    assert record["candidates"] >= 1


def test_an_interrupt_before_the_search_is_one_object_as_well(environment, commit):
    slow = {"test_s.py": "import time\n\n\ndef test_s():\n    time.sleep(9)\n"}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "stdin": subprocess.DEVNULL}
    process = start(environment, commit(slow), "--json", **pipes)
    assert process.stderr is not None
    process.stderr.readline()  # the sandbox
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=20)
    assert process.returncode == 130
    assert json.loads(out)["error"]["code"] == "stopped"


@pytest.mark.parametrize(("typed", "status"), [(b"\x03", 130), (b"n\n", 2), (b"perhaps\nno\n", 2)])
def test_a_question_on_the_terminal_takes_an_answer_or_an_interrupt(environment, commit, typed, status):
    master, slave = pty.openpty()
    root = commit(NEEDS)

    def lead() -> None:
        os.setsid()
        os.close(os.open(os.ttyname(0), os.O_RDWR))  # the controlling terminal, for Ctrl+C

    process = start(
        environment, root, stdin=slave, stderr=slave, stdout=subprocess.DEVNULL, preexec_fn=lead
    )
    os.close(slave)
    seen = b""
    try:
        while b"[y/N]" not in seen:
            seen += os.read(master, 4096)
        os.write(master, typed)
        began = time.monotonic()
        while process.poll() is None and time.monotonic() - began < 10:
            try:
                seen += os.read(master, 4096)
            except OSError:  # the terminal's other side has closed
                process.wait(5)
        assert process.returncode == status, seen.decode()
        assert time.monotonic() - began < 5.0
        if b"perhaps" in typed:
            assert seen.count(b"[y/N]") == 2
    finally:
        os.close(master)
        if process.poll() is None:
            process.kill()
            process.wait()


def test_a_thread_deep_in_a_library_does_not_hold_the_process(environment):
    code = (
        "import sys, threading, time\n"
        "import app.cli.main, app.main\n"
        "def run(arguments):\n"
        "    threading.Thread(target=time.sleep, args=(30,)).start()\n"
        "    sys.stdout.write('answer')\n"
        "    return 7\n"
        "app.cli.main.run = run\n"
        "sys.exit(app.main.main(['doctor']))\n"
    )
    began = time.monotonic()
    ran = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )
    assert time.monotonic() - began < 10.0
    assert (ran.returncode, ran.stdout) == (7, "answer")
