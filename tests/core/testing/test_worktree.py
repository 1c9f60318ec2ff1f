"""The tree that a run sees: the private copy, what the set-up built, and back to both afterwards."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from core.sandbox.tools import INSIDE


@pytest.fixture
def work_tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], Any]]:
    """Populate ``work`` from ``base`` and ``built``, all below the test's folder."""
    monkeypatch.syspath_prepend(str(INSIDE))
    import greenbar_worktree

    def populate() -> Any:
        (tmp_path / "work").mkdir()
        places = (str(tmp_path / name) for name in ("base", "work", "built"))
        tree = greenbar_worktree.WorkTree(*places)
        tree.populate()
        return tree

    yield populate
    del sys.modules["greenbar_worktree"]


def lay(root: Path, **files: str) -> None:
    for name, text in files.items():
        path = root / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_built_files_are_laid_in_where_the_copy_has_none(
    work_tree: Callable[[], Any], tmp_path: Path
) -> None:
    lay(tmp_path / "base", package__given="ours", module="ours")
    lay(tmp_path / "built", package__given="stale", package__made="made", module__inner="a folder")
    tree = work_tree()
    work = tmp_path / "work"
    assert (work / "package/given").read_text() == "ours"
    assert (work / "package/made").read_text() == "made"
    assert (work / "module").read_text() == "ours"
    assert tree.is_original("package/made")


def test_a_large_folder_is_linked(work_tree: Callable[[], Any], tmp_path: Path) -> None:
    lay(tmp_path / "base", module="")
    lay(tmp_path / "built", **{f"node_modules__{n}": "" for n in range(501)})
    work_tree()
    assert (tmp_path / "work/node_modules").is_symlink()
    assert (tmp_path / "work/node_modules/500").is_file()


def test_built_files_that_a_run_or_a_candidate_changes_come_back(
    work_tree: Callable[[], Any], tmp_path: Path
) -> None:
    lay(tmp_path / "base", package__given="ours")
    lay(tmp_path / "built", package__made="made", package__other="other", info__names="names")
    tree = work_tree()
    work = tmp_path / "work"
    tree.lay_over({"package/other": b"a candidate's", "package/given": None})
    (work / "package/made").write_text("a run's")
    (work / "info/names").unlink()
    (work / "info").rmdir()
    (work / "litter").write_text("")
    touched = tree.restore({"package/other": b"a candidate's", "package/given": None})
    assert touched == ["info/names", "litter", "package/made"]
    found = {str(p.relative_to(work)): p.read_text() for p in work.rglob("*") if p.is_file()}
    assert found == {
        "package/given": "ours",
        "package/made": "made",
        "package/other": "other",
        "info/names": "names",
    }
    assert tree.restore({}) == []
