"""Each bad input gets one clear sentence, the remedy, exit status 2, and nothing is lost."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
import pytest

BWRAP = ("--sandbox", "bubblewrap", "--no-model")
OK = {"test_ok.py": "def test_ok():\n    pass\n"}


def sentence(ran) -> str:
    """The error's own line."""
    [line] = [line for line in ran.err.splitlines() if line.startswith("✗ ")]
    return line


def test_a_folder_that_does_not_exist(greenbar, tmp_path):
    ran = greenbar("fix", tmp_path / "nowhere", *BWRAP)
    assert ran.status == 2
    assert "nowhere" in sentence(ran)


def test_a_folder_that_is_not_a_repository(greenbar, tmp_path):
    ran = greenbar("fix", tmp_path, *BWRAP)
    assert ran.status == 2
    assert "is not in a git repository." in sentence(ran)
    assert "git init" in ran.err


def test_a_bare_repository(greenbar, tmp_path):
    subprocess.run(["git", "init", "-q", "--bare", str(tmp_path / "bare.git")], check=True)
    ran = greenbar("fix", tmp_path / "bare.git", *BWRAP)
    assert ran.status == 2
    assert "bare repository" in sentence(ran)


@pytest.mark.bubblewrap
def test_a_proposer_that_is_not_there(greenbar, commit):
    ran = greenbar("fix", commit(OK), *BWRAP, "--proposers", "mutation,infil")
    assert ran.status == 2
    assert "There is no proposer infil; there are syntax, rules, mutation, " in sentence(ran)


@pytest.mark.bubblewrap
def test_a_repository_without_tests(greenbar, commit):
    ran = greenbar("fix", commit({"m.py": "X = 1\n"}), *BWRAP)
    assert ran.status == 2
    assert "No tests were found in ein Projekt ü." in sentence(ran)


@pytest.mark.bubblewrap
def test_a_test_that_is_not_there(greenbar, commit):
    ran = greenbar("fix", commit(OK), *BWRAP, "--tests", "test_ok.py::test_other")
    assert ran.status == 2
    assert "There is no test test_ok.py::test_other" in sentence(ran)


def test_json_errors_are_one_object_on_standard_output(greenbar, tmp_path):
    ran = greenbar("fix", tmp_path, *BWRAP, "--json")
    assert ran.status == 2
    record = json.loads(ran.out)
    assert record["verdict"] == "error"
    assert record["error"]["code"] == "repository.not_git"
    assert record["error"]["remedies"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["fix"], "PATH"),
        (["fix", ".", "--sandbox", "vault"], "vault"),
        (["fix", ".", "--budget-seconds", "-3"], "-3"),
        (["fix", ".", "--model", "gpt"], "gpt"),
        (["mend", "."], ""),
        (["models", "polish"], "polish"),
    ],
)
def test_wrong_arguments(greenbar, arguments, said):
    ran = greenbar(*arguments, QT_QPA_PLATFORM="", DISPLAY="", WAYLAND_DISPLAY="")
    assert ran.status == 2
    assert said in ran.err
    assert "Traceback" not in ran.err


@pytest.mark.bubblewrap
def test_a_missing_model_file(greenbar, commit, tmp_path):
    missing = str(tmp_path / "no-model.gguf")
    ran = greenbar(
        "fix", commit(OK), "--sandbox", "bubblewrap", "--model", "embedded", GREENBAR_MODEL=missing
    )
    assert ran.status == 2
    assert "no-model.gguf" in sentence(ran)
    assert "greenbar models pull" in ran.err


@pytest.mark.bubblewrap
def test_a_damaged_model_file(greenbar, commit, tmp_path):
    damaged = tmp_path / "damaged.gguf"
    damaged.write_bytes(b"this is no model" * 1000)
    files = {**OK, "test_red.py": "def test_red():\n    assert False\n"}
    ran = greenbar(
        "fix", commit(files), "--sandbox", "bubblewrap", "--model", "embedded", "--budget-seconds", "5",
        GREENBAR_MODEL=str(damaged),
    )  # fmt: skip
    assert ran.status in (1, 2)
    assert "damaged" in ran.err
    assert "Traceback" not in ran.err


def test_docker_that_is_not_running(greenbar, commit, tmp_path):
    ran = greenbar(
        "fix", commit(OK), "--sandbox", "docker", "--no-model", DOCKER_HOST=f"unix://{tmp_path}/no.sock"
    )
    assert ran.status == 2
    assert "Docker" in sentence(ran)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_docker_without_permission(environment):
    """As an unprivileged user, against a socket that only root may use."""
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as listener:
        place = Path(folder)
        place.chmod(0o755)
        listener.bind(str(place / "docker.sock"))
        (place / "docker.sock").chmod(0o600)
        listener.listen()
        code = (
            "import asyncio, os, docker, core.sandbox.docker\n"
            "from core.errors import SandboxError\n"
            "from core.sandbox.choose import choose\n"
            "from pathlib import Path\n"
            # The interpreter itself may lie where that user cannot read: import first.
            "os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
            f"async def main():\n    await choose('docker', Path({folder!r}))\n"
            "try: asyncio.run(main())\n"
            "except SandboxError as error: print(error.code, error.sentence, error.remedies)\n"
        )
        ran = subprocess.run(
            [sys.executable, "-c", code],
            env={**environment, "DOCKER_HOST": f"unix://{place}/docker.sock", "HOME": folder},
            capture_output=True,
            text=True,
            check=True,
        )
    assert ran.stdout.startswith("sandbox.docker_permission ")
    assert "usermod -aG docker" in ran.stdout


@pytest.mark.bubblewrap
def test_a_large_file_and_a_test_that_never_ends(greenbar, commit):
    root = commit(
        {
            **OK,
            "test_hang.py": "def test_hang():\n    while True:\n        pass\n",
            "m.py": "X = 1\n",
        }
    )
    (root / "large.bin").write_bytes(os.urandom(1024) * 50 * 1024)
    ran = greenbar(
        "fix", root, *BWRAP, "--test-timeout", "1", "--budget-seconds", "3", "--json", timeout=60
    )
    assert ran.status == 1
    assert ran.json["still_failing"] == ["test_hang.py::test_hang"]
    assert (root / "large.bin").stat().st_size == 50 * 1024 * 1024


@pytest.mark.bubblewrap
def test_uncommitted_changes_are_part_of_the_copy_and_kept(greenbar, commit):
    root = commit({**OK, "m.py": "X = 1\n"})
    (root / "test_new.py").write_text("def test_new():\n    assert 1 == 2\n")
    (root / "m.py").write_text("X = 2\n")
    ran = greenbar("fix", root, *BWRAP, "--budget-seconds", "3", "--json")
    assert ran.json["still_failing"] == ["test_new.py::test_new"]
    assert (root / "m.py").read_text() == "X = 2\n"


@pytest.mark.bubblewrap
def test_an_interrupt_ends_everything_it_started(environment, commit, tmp_path: Path):
    root = commit({"test_hang.py": "def test_hang():\n    while True:\n        pass\n"})
    process = subprocess.Popen(
        [sys.executable, "-m", "app.main", "fix", str(root), *BWRAP],
        env=environment,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )
    me = psutil.Process(process.pid)
    deadline = time.monotonic() + 30
    while len(me.children(recursive=True)) < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(0.5)
    started = me.children(recursive=True)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "Stopped." in err
    gone, alive = psutil.wait_procs(started, timeout=5)
    assert alive == [], gone
