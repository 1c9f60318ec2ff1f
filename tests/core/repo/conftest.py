"""Real git repositories, made anew for each test, and patches and journals for them."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from core.repo.accept import AcceptJournal
from core.repo.patch import build_patch
from core.types import FileChange, Patch

RunGit = Callable[..., str]
Tree = dict[str, tuple[int, bytes]]


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


@pytest.fixture(scope="session")
def tree() -> Callable[[Path], Tree]:
    """``tree(folder)``: everything in it but ``.git``, to compare before and after."""
    return _tree


@pytest.fixture
def journal(tmp_path: Path, root: Path) -> AcceptJournal:
    return AcceptJournal(tmp_path / "journal", root)


@pytest.fixture
def everything(root: Path) -> Patch:
    """A changed, a new, a deleted and an executable CRLF file without a final newline."""
    (root / "old.txt").write_bytes(b"old\n")
    (root / "old.txt").chmod(0o640)
    return build_patch(
        [
            FileChange(
                "pkg/parser.py",
                b"def parse(text):\n    return text\n",
                b"def parse(text):\n    return 1\n",
            ),
            FileChange("new/deep/größe.py", None, b"x = 1\n"),
            FileChange("old.txt", b"old\n", None),
            FileChange("run.sh", b"#!/bin/sh\r\necho hi", b"#!/bin/sh\r\necho ho"),
        ]
    )


def _tree(root: Path) -> Tree:
    """Everything outside ``.git``: mode and content (a link's target, nothing for a folder)."""
    seen: Tree = {}
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if name.split("/")[0] == ".git":
            continue
        if path.is_symlink():
            seen[name] = (0, os.fsencode(path.readlink()))
        else:
            seen[name] = (path.stat().st_mode, b"" if path.is_dir() else path.read_bytes())
    return seen
