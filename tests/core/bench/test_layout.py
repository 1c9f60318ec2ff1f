"""A task laid out: what the engine gets, and what only the judge does."""

from __future__ import annotations

import subprocess

import pytest

from core.bench.layout import lay_out
from core.bench.values import BenchTask
from core.errors import GreenbarError
from tests.repositories import commit_repository


def git(root, *arguments: str) -> str:
    return subprocess.run(
        ["git", *arguments], cwd=root, capture_output=True, text=True, check=True
    ).stdout


def test_a_repository_is_laid_out_without_its_history_and_the_judges_files(tmp_path) -> None:
    source = commit_repository(
        tmp_path / "source",
        {
            "m.py": "x = 1\n",
            "tests/test_m.py": "",
            "tests/test_more.py": "more\n",
            "bench.toml": 'kind = "x"\n',
            ".gitignore": "*.log\n",
        },
    )
    git(source, "tag", "v1.2")
    (source / "m.py").write_text("x = 2\n")
    git(source, "-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "-qam", "the bug")
    (source / "m.py").write_text("uncommitted\n")
    (source / "kept.log").write_text("ignored\n")

    task = BenchTask(
        "set/task one",
        repository=str(source),
        hidden=("tests/test_more*",),
        held_out={"test_new.py": "new\n"},
    )
    laid_out = lay_out(task, tmp_path / "room")
    assert laid_out.root.name == "task-one"
    assert git(laid_out.root, "ls-files").split() == [".gitignore", "m.py", "tests/test_m.py"]
    assert (laid_out.root / "m.py").read_text() == "x = 2\n"
    assert git(laid_out.root, "log", "--format=%s").split() == ["Start"]
    assert git(laid_out.root, "describe", "--tags").strip() == "v1.2", "builds ask for the version"
    assert git(laid_out.root, "status", "--porcelain") == ""

    laid_out.put_back()
    assert (laid_out.root / "tests/test_more.py").read_text() == "more\n"
    assert (laid_out.root / "test_new.py").read_text() == "new\n"
    assert (source / "m.py").read_text() == "uncommitted\n"


def test_a_commit_counts_in_the_place_of_the_last_one(tmp_path) -> None:
    source = commit_repository(tmp_path / "source", {"m.py": "x = 1\n"})
    first = git(source, "rev-parse", "HEAD").strip()
    (source / "m.py").write_text("x = 2\n")
    git(source, "-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "-qam", "more")
    root = lay_out(BenchTask("t", repository=str(source), commit=first), tmp_path / "room").root
    assert (root / "m.py").read_text() == "x = 1\n"
    with pytest.raises(GreenbarError, match="cannot be cloned"):
        lay_out(BenchTask("u", repository=str(source), commit="f" * 40), tmp_path / "room")


def test_changes_are_laid_over_a_repository(tmp_path) -> None:
    source = commit_repository(tmp_path / "source", {"m.py": "x = 1\n", "n.py": ""})
    task = BenchTask("t", repository=str(source), changes={"m.py": "x = 3\n"})
    root = lay_out(task, tmp_path / "room").root
    assert (root / "m.py").read_text() == "x = 3\n"
    assert git(root, "diff", "HEAD") == ""


@pytest.mark.parametrize("path", ["../out.py", "/etc/out.py", ".git/hooks/post-commit"])
def test_a_set_cannot_write_outside_the_repository_it_describes(tmp_path, path) -> None:
    with pytest.raises(GreenbarError, match="cannot be changed"):
        lay_out(BenchTask("t", files={path: ""}), tmp_path / "room")


def test_a_repository_that_is_not_there_is_said_plainly(tmp_path) -> None:
    with pytest.raises(GreenbarError, match="cannot be cloned"):
        lay_out(BenchTask("t", repository=str(tmp_path / "none")), tmp_path / "room")
