"""Which lines changed lately, in real repositories."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from core.repo.recent import COMMITS, recent_lines

IDENTITY = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
FIRST = "one\ntwo\nthree\nfour\n"


def git(root: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", str(root), *IDENTITY, *arguments], check=True, capture_output=True)


def commit(root: Path, name: str, text: str) -> None:
    (root / name).write_bytes(text.encode())
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "a change")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q")
    commit(tmp_path, "a.py", FIRST)
    return tmp_path


def recent(root: Path, text: str, name: str = "a.py") -> dict[int, int]:
    (root / name).write_bytes(text.encode())
    return recent_lines(root, {name: text.replace("\r\n", "\n")}, 10.0).get(name, {})


def test_the_first_commit_changed_nothing(root: Path) -> None:
    assert recent(root, FIRST) == {}


def test_lines_are_as_old_as_the_last_commit_that_changed_them(root: Path) -> None:
    commit(root, "a.py", "one\nTWO\nthree\nfour\n")
    commit(root, "b.py", "other\n")
    commit(root, "a.py", "one\nTWO\nthree\nFOUR\n")
    assert recent(root, "one\nTWO\nthree\nFOUR\n") == {2: 3, 4: 1}


def test_what_is_not_committed_is_youngest_and_moves_the_others(root: Path) -> None:
    commit(root, "a.py", "one\ntwo\nTHREE\nfour\n")
    assert recent(root, "new\none\ntwo\nTHREE\nfour\n") == {1: 0, 4: 1}


def test_windows_newlines_are_no_change(root: Path) -> None:
    commit(root, "a.py", FIRST.replace("\n", "\r\n"))
    assert recent(root, FIRST.replace("\n", "\r\n").replace("two", "2")).get(2) == 0


def test_old_commits_are_not_recent(root: Path) -> None:
    commit(root, "a.py", FIRST.replace("one", "1"))
    for number in range(COMMITS):
        commit(root, "b.py", f"{number}\n")
    assert recent(root, FIRST.replace("one", "1")) == {}


def test_a_new_file_is_recent_as_a_whole(root: Path) -> None:
    commit(root, "c.py", "x\ny\n")
    assert recent(root, "x\ny\n", "c.py") == {1: 1, 2: 1}


def test_without_a_commit_or_without_time_nothing_is_known(
    root: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    empty = tmp_path_factory.mktemp("empty")
    git(empty, "init", "-q")
    assert recent_lines(empty, {"a.py": "x\n"}, 10.0) == {}
    commit(root, "a.py", "1\n")
    assert recent_lines(root, {"a.py": "1\n"}, 0.0) == {}
