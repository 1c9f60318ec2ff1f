"""The set of bugs in real projects is what it promises to be."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from core.bench.folder import read_folder
from tests.bench.real.__main__ import make_set
from tests.bench.real.table import RealTask, read_table
from tests.sdists import Sdist

MOST_LINES = 12
"""Of a bug, at most: more would be another program rather than a bug."""


def test_the_set_holds_enough_bugs_of_enough_kinds_in_enough_projects() -> None:
    tasks = read_table()
    assert len(tasks) >= 36
    assert len({task.sdist.project for task in tasks}) >= 8
    assert len({task.kind for task in tasks}) >= 5


@pytest.mark.parametrize("task", read_table(), ids=lambda task: task.name)
def test_a_bug_is_a_change_of_a_few_whole_lines(task: RealTask) -> None:
    assert task.right != task.wrong
    assert all(part.endswith("\n") for part in (task.right, task.wrong))
    differing = set(task.right.splitlines()) ^ set(task.wrong.splitlines())
    assert len(differing) <= MOST_LINES


def test_a_bug_whose_place_is_ambiguous_is_refused() -> None:
    task = RealTask("x-y", "name", Sdist("x", "1", ""), "x.py", "a = 1\n", "a = 2\n")
    assert task.broken("b = 0\na = 1\n") == "b = 0\na = 2\n"
    for text in ("a = 1\na = 1\n", ""):
        with pytest.raises(ValueError, match="occur"):
            task.broken(text)


@pytest.mark.slow
def test_every_bug_becomes_a_repository_that_tells_the_engine_nothing(tmp_path: Path) -> None:
    """Source distributions come from the package index, once."""
    tasks = read_table()
    make_set(tasks, tmp_path / "set")
    found = {Path(task.repository).name: task for task in read_folder(tmp_path / "set")}
    assert set(found) == {task.name for task in tasks}
    for task in tasks:
        root = Path(found[task.name].repository)
        assert found[task.name].truth[task.file], task.name
        assert task.wrong in (root / task.file).read_text("utf-8")
        assert not (root / "bench.toml").exists()
        log = subprocess.run(
            ["git", "log", "--format=%s"], cwd=root, capture_output=True, text=True, check=True
        )
        assert log.stdout.split() == ["start"]
