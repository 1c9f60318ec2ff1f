"""Real git repositories, made anew for each test."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

RunGit = Callable[..., str]


@pytest.fixture(autouse=True)
def _plain_git(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """No git configuration of the machine's plays a part, and HOME is a folder of the test's."""
    home = tmp_path_factory.mktemp("home")
    (home / ".gitconfig").write_text(
        "[user]\n\tname = Test\n\temail = test@example.org\n[init]\n\tdefaultBranch = main\n"
        '[protocol "file"]\n\tallow = always\n'
    )
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)


@pytest.fixture
def git() -> RunGit:
    """``git(folder, *arguments)``: run real git there and return its output."""

    def run(folder: Path, *arguments: str) -> str:
        command = ["git", "-C", str(folder), *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    return run


@pytest.fixture
def root(tmp_path: Path, git: RunGit) -> Path:
    """A repository with one commit, in a folder with a space and letters beyond ASCII."""
    folder = tmp_path / "mein Projekt ünï"
    (folder / "pkg").mkdir(parents=True)
    (folder / "pkg" / "parser.py").write_bytes(b"def parse(text):\n    return text\n")
    (folder / "run.sh").write_bytes(b"#!/bin/sh\r\necho hi")
    (folder / "run.sh").chmod(0o755)
    (folder / ".gitignore").write_bytes(b"*.log\nbuild/\n")
    git(tmp_path, "init", "-q", str(folder))
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "start")
    return folder
