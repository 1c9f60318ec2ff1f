"""Watching: a change that git would see runs the tests again, and nothing else does."""

from __future__ import annotations

import asyncio

from core.commands import OpenRepository, RunTests, WatchTree
from core.events import TestRunFinished, WatchingChanged
from tests.repositories import commit_repository

FILES = {
    ".gitignore": "*.log\n",
    "m.py": "def f():\n    return 1\n",
    "test_m.py": "from m import f\n\n\ndef test_f():\n    assert f() == 2\n",
}
QUIET = 2.5
"""Seconds after which a change would have been told."""


def test_a_change_runs_the_tests_again_until_watching_ends(with_engine, repository):
    root = repository(FILES)

    async def work(running):
        await running.do(OpenRepository(str(root)))
        running.engine.handle(WatchTree(True))
        assert (await running.until(WatchingChanged)).on
        await asyncio.sleep(1.0)  # the system's notifications are being set up
        (root / "m.py").write_text("def f():\n    return 2\n")
        again = await running.until(TestRunFinished, 2)
        assert again.report.failing == ()
        running.engine.handle(WatchTree(False))
        assert not (await running.until(WatchingChanged, 2)).on
        (root / "m.py").write_text("def f():\n    return 3\n")
        await asyncio.sleep(QUIET)
        assert len(running.of(TestRunFinished)) == 2

    with_engine(work)


def test_what_git_ignores_and_git_itself_are_no_change(with_engine, repository):
    root = repository(FILES)

    async def work(running):
        await running.do(OpenRepository(str(root)))
        running.engine.handle(WatchTree(True))
        await asyncio.sleep(1.0)
        (root / "run.log").write_text("a line")
        (root / ".git" / "description").write_text("another")
        (root / "__pycache__").mkdir()
        (root / "__pycache__" / "m.pyc").write_bytes(b"compiled")
        await asyncio.sleep(QUIET)
        assert len(running.of(TestRunFinished)) == 1

    with_engine(work)


def test_another_repository_ends_watching(with_engine, repository, tmp_path):
    root = repository(FILES)
    other = commit_repository(tmp_path / "other", FILES)

    async def work(running):
        await running.do(OpenRepository(str(root)))
        running.engine.handle(WatchTree(True))
        await running.until(WatchingChanged)
        await running.do(OpenRepository(str(other), run_tests=False), RunTests())
        assert [said.on for said in running.of(WatchingChanged)] == [True, False]

    with_engine(work)
