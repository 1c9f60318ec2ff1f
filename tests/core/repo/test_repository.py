"""Opening a repository: what is shown of it, and one clear sentence where it cannot be had."""

from __future__ import annotations

import asyncio
import hashlib
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from core.errors import RepositoryError
from core.repo.offloop import open_in_thread
from core.repo.repository import open_repository

RunGit = Callable[..., str]
PROJECT = Path(__file__).resolve().parents[3]


def _refusal(path: Path | str) -> RepositoryError:
    with pytest.raises(RepositoryError) as caught:
        open_repository(path)
    assert caught.value.sentence.endswith(".")
    assert caught.value.remedies
    return caught.value


def _snapshot(folder: Path) -> dict[str, tuple[str, int]]:
    return {
        str(path): (hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns)
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_an_opened_repository_tells_its_name_branch_files_and_uncommitted_changes(root: Path) -> None:
    (root / "new ß.py").write_bytes(b"")
    (root / "run.sh").write_bytes(b"changed")
    (root / "noise.log").write_bytes(b"ignored")
    info = open_repository(root).info
    assert (info.path, info.name, info.branch) == (str(root), "mein Projekt ünï", "main")
    assert (info.dirty, info.files) == (2, 4)


def test_a_folder_or_file_inside_opens_the_enclosing_repository(root: Path) -> None:
    for inside in (root / "pkg", root / "pkg/parser.py", root / ".git", root / ".git/refs"):
        assert open_repository(inside).root == root


def test_a_relative_path_counts_from_the_working_folder(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(root / "pkg")
    assert open_repository(".").root == root


def test_the_loop_can_open_without_blocking(root: Path) -> None:
    assert asyncio.run(open_in_thread(root)).root == root


def test_a_repository_without_commits_opens(tmp_path: Path, git: RunGit) -> None:
    git(tmp_path, "init", "-q", "empty")
    assert open_repository(tmp_path / "empty").info.branch == "main"


def test_a_detached_head_shows_its_short_hash(root: Path, git: RunGit) -> None:
    git(root, "checkout", "-q", "--detach")
    assert open_repository(root).info.branch == git(root, "rev-parse", "--short=7", "HEAD").strip()


def test_a_linked_worktree_opens(tmp_path: Path, root: Path, git: RunGit) -> None:
    git(root, "worktree", "add", "-q", "-b", "side", str(tmp_path / "side"))
    opened = open_repository(tmp_path / "side")
    assert (opened.root, opened.info.branch) == (tmp_path / "side", "side")


def test_opening_writes_nothing_into_the_repository(root: Path) -> None:
    (root / "run.sh").touch()  # makes git want to refresh its index
    before = _snapshot(root)
    open_repository(root).inspect()
    assert _snapshot(root) == before


def test_a_program_named_in_the_repositorys_configuration_is_not_started(root: Path, git: RunGit) -> None:
    spy = root.parent / "spy"
    spy.write_text(f"#!/bin/sh\ntouch '{root.parent}/started'\n")
    spy.chmod(0o755)
    git(root, "config", "core.fsmonitor", str(spy))
    open_repository(root)
    assert not (root.parent / "started").exists()


def test_variables_of_a_git_hook_do_not_lead_astray(
    root: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "index"))
    assert open_repository(root).info.files == 3


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    error = _refusal(tmp_path / "nowhere")
    assert error.code == "repository.missing"
    assert "nowhere" in error.sentence


def test_a_plain_folder_offers_git_init(tmp_path: Path) -> None:
    folder = tmp_path / "plain folder"
    folder.mkdir()
    error = _refusal(folder)
    assert error.code == "repository.not_git"
    assert error.remedies[0].shell == f"git init '{folder}'"
    subprocess.run(error.remedies[0].shell, shell=True, check=True, capture_output=True)
    assert open_repository(folder).root == folder


def test_a_bare_repository_is_refused(tmp_path: Path, git: RunGit) -> None:
    git(tmp_path, "init", "-q", "--bare", "bare.git")
    assert _refusal(tmp_path / "bare.git").code == "repository.bare"


@pytest.mark.parametrize("folder", ["/", "~"])
def test_the_home_folder_and_the_root_are_refused_even_as_repositories(folder: str, git: RunGit) -> None:
    if folder == "~":
        git(Path.home(), "init", "-q")
    assert _refusal(folder).code == "repository.refused"


def test_a_folder_in_a_home_that_is_itself_a_repository_is_refused(git: RunGit) -> None:
    git(Path.home(), "init", "-q")
    (Path.home() / "notes").mkdir()
    assert _refusal(Path.home() / "notes").code == "repository.refused"


def test_a_repository_of_another_user_comes_with_the_exact_command(root: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give a folder away")
    for path in (root, root / ".git"):
        os.chown(path, 12345, 12345)
    error = _refusal(root)
    assert error.code == "repository.ownership"
    subprocess.run(error.remedies[0].shell, shell=True, check=True)
    assert open_repository(root).root == root


def test_git_missing_from_the_path_is_said(
    root: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert _refusal(root).code == "git.missing"


_IN_CHILD = """
import os, sys
from core.errors import RepositoryError
from core.repo.repository import open_repository
if os.geteuid() == 0:
    os.setresuid(65534, 65534, 65534)
try:
    open_repository(sys.argv[1])
except RepositoryError as error:
    print(error.code)
"""


def test_a_folder_without_read_permission_is_said(root: Path) -> None:
    root.chmod(0o000)
    for folder in (root.parent, root.parent.parent, root.parent.parent.parent):
        folder.chmod(folder.stat().st_mode | 0o011)
    command = [sys.executable, "-B", "-c", _IN_CHILD, str(root)]
    ran = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    root.chmod(0o755)
    assert ran.stdout.strip() == "repository.unreadable", ran.stderr
