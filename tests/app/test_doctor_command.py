"""``greenbar doctor`` as it is typed: rows and the self-test, for people and as JSON."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest


def doctor(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable,
        "-c",
        "import sys; from app.main import main; sys.exit(main())",
        "doctor",
        *arguments,
    ]
    env = {"PATH": "/usr/bin:/bin", "HOME": str(home), "GREENBAR_HOME": str(home)}
    root = Path(__file__).parents[2]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=env, cwd=root)


def test_without_the_self_test_it_only_looks(tmp_path: Path) -> None:
    ended = doctor(tmp_path, "--no-self-test", "--json")
    record = json.loads(ended.stdout)
    assert ended.returncode in (0, 2)
    subjects = [row["subject"] for row in record["rows"]]
    assert subjects == ["git", "Docker", "Podman", "Bubblewrap", "Python tools", "Model", "Keyring"]
    assert record["self_test"] is None
    assert all(row["state"] != "looking" for row in record["rows"])


@pytest.mark.bubblewrap
def test_the_sandbox_is_tried_and_what_it_isolates_is_said_in_one_line(tmp_path: Path) -> None:
    ended = doctor(tmp_path, "--sandbox", "bubblewrap")
    if "Bubblewrap works." not in ended.stdout:
        pytest.skip("bubblewrap does not work here")
    assert ended.returncode == 0
    line = next(line for line in ended.stdout.splitlines() if "Self-test" in line)
    assert "Bubblewrap: no network, private copy only" in line
    assert "512 processes; tried in" in line


def test_the_host_is_said_to_be_no_sandbox(tmp_path: Path) -> None:
    ended = doctor(tmp_path, "--sandbox", "host", "--json")
    assert ended.returncode == 2
    assert json.loads(ended.stdout)["self_test"]["isolated"] is False
