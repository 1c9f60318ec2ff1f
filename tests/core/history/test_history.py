"""The history: a row for each task, found by words, true after a crash, gone when it is deleted."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import HistoryError
from core.events import Accepted, Body, Event, FixFinished, FixStarted, RepositoryOpened, Undone
from core.history.keeper import HistoryKeeper
from core.history.runs import RunBook
from core.history.store import HistoryStore
from core.types import (
    Budget,
    Candidate,
    FixResult,
    Patch,
    RepositoryInfo,
    Role,
    RoleUsage,
    TaskEnd,
    TaskRow,
    TokenUsage,
    Verdict,
)

TARGETS = ("tests/test_m.py::test_a",)
OPENED = RepositoryOpened(RepositoryInfo("/home/me/shop", "shop", "main", 0, 3))
STARTED = FixStarted(TARGETS, Budget(), ("mutation",), "qwen", "auto")


def result(verdict: Verdict = Verdict.GREEN, *, stopped: bool = False) -> FixResult:
    best = Candidate(4, "mutation", "m.py:2 use >= for >", Patch(()))
    roles = (RoleUsage(Role.PROPOSE, "m", dollars=0.25), RoleUsage(Role.JUDGE, "m", dollars=0.5))
    return FixResult(
        verdict, best, None, TARGETS, 2.5, TokenUsage(100, 20), 7, stopped=stopped, roles=roles
    )


def row(name: str = "shop", began: float = 1.0, **more: object) -> TaskRow:
    return replace(TaskRow(0, "s1", f"/home/me/{name}", name, f"Fix {name}", began), **more)  # type: ignore[arg-type]


def play(store: HistoryStore, *bodies: Body, session: str = "s1", close: bool = True) -> HistoryKeeper:
    keeper = HistoryKeeper(store, RunBook(store.journal("x").parents[1]))
    for number, body in enumerate(bodies, 1):
        keeper(Event(session, number, 100.0 + number, body))
    if close:
        keeper.close()
    return keeper


def test_a_task_is_kept_from_its_beginning_to_its_accept(tmp_path: Path) -> None:
    store = HistoryStore(tmp_path)
    play(store, OPENED, STARTED, FixFinished(result()), Accepted(1, ("m.py",)))
    rows, total = store.search()
    assert total == 1
    assert rows[0] == TaskRow(
        1, "s1", "/home/me/shop", "shop", f"Fix {TARGETS[0]}", 102.0, TARGETS, TaskEnd.FIXED, "qwen",
        "auto", "m.py:2 use >= for >", 2.5, 120, 0.75, 7, True,
    )  # fmt: skip


def test_an_undone_accept_is_no_accept(tmp_path: Path) -> None:
    store = HistoryStore(tmp_path)
    play(store, OPENED, STARTED, FixFinished(result()), Accepted(1, ()), Undone(1, ()))
    assert not store.get(1).accepted


@pytest.mark.parametrize(
    ("told", "end"),
    [
        (result(Verdict.IMPROVED), TaskEnd.PARTLY),
        (result(Verdict.UNCHANGED), TaskEnd.UNSOLVED),
        (result(Verdict.SUSPICIOUS), TaskEnd.UNSOLVED),
        (result(Verdict.IMPROVED, stopped=True), TaskEnd.STOPPED),
        (result(Verdict.GREEN, stopped=True), TaskEnd.FIXED),
    ],
)
def test_the_end_of_a_task_is_told_in_a_word(tmp_path: Path, told: FixResult, end: TaskEnd) -> None:
    store = HistoryStore(tmp_path)
    play(store, OPENED, STARTED, FixFinished(told))
    assert store.get(1).end is end


def test_the_cost_is_unknown_where_a_price_is(tmp_path: Path) -> None:
    store = HistoryStore(tmp_path)
    unknown = replace(result(), roles=(RoleUsage(Role.PROPOSE, "m", dollars=None),))
    play(store, OPENED, STARTED, FixFinished(unknown))
    assert store.get(1).dollars is None


def test_every_word_of_a_search_is_looked_for_in_any_case_and_none_is_a_pattern(tmp_path: Path) -> None:
    store = HistoryStore(tmp_path)
    store.begin(row("shop", 1.0, title="use 100% of it"))
    store.begin(row("bank", 2.0, title="a_b"))
    assert [found.name for found in store.search("SHOP use")[0]] == ["shop"]
    assert [found.name for found in store.search("100%")[0]] == ["shop"]
    assert [found.name for found in store.search("a_b")[0]] == ["bank"]
    assert store.search("_%_") == ((), 0)


def test_the_newest_come_first_and_the_rest_are_counted(tmp_path: Path) -> None:
    store = HistoryStore(tmp_path)
    for number in range(5):
        store.begin(row(f"r{number}", float(number)))
    rows, total = store.search(limit=2)
    assert [found.name for found in rows] == ["r4", "r3"]
    assert total == 5


def test_a_task_whose_program_was_killed_is_cut_off_and_one_that_runs_is_not(tmp_path: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path; from core.history.store import HistoryStore;"
        "from core.types import TaskRow; store = HistoryStore(Path(sys.argv[1]));"
        "store.hold('s9'); store.begin(TaskRow(0, 's9', '/r', 'r', 'Fix', 1.0));"
        "print('ready', flush=True); time.sleep(60)"
    )
    store = HistoryStore(tmp_path)
    with subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "ready\n"
        assert store.get(1).end is TaskEnd.RUNNING
        store.delete([1])
        assert store.get(1).end is TaskEnd.RUNNING
        other.kill()
        other.wait()
    assert store.get(1).end is TaskEnd.CUT_OFF


def test_deleting_the_last_task_of_a_session_deletes_its_journal(tmp_path: Path) -> None:
    store = HistoryStore(tmp_path)
    play(store, OPENED, STARTED, FixFinished(result()), STARTED, FixFinished(result()))
    journal = store.journal("s1")
    journal.write_text("events\n")
    store.delete([1])
    assert journal.exists()
    store.delete([2, 77])
    assert not journal.parent.exists()
    with pytest.raises(HistoryError, match="no task 2"):
        store.get(2)


def test_a_history_that_is_no_database_is_put_aside(tmp_path: Path) -> None:
    (tmp_path / "history.sqlite").write_text("not a database, and longer than a header of one")
    store = HistoryStore(tmp_path)
    store.begin(row())
    assert store.search()[1] == 1
    aside = list(tmp_path.glob("history-*.unreadable"))
    assert aside[0].read_text().startswith("not a database")


def test_a_history_of_a_newer_greenbar_is_put_aside_whole(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "history.sqlite") as base:
        base.execute("PRAGMA user_version = 99")
    assert HistoryStore(tmp_path).search() == ((), 0)
    assert list(tmp_path.glob("history-*.unreadable"))


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="the user may write everywhere")
def test_a_folder_that_cannot_be_written_is_said_in_a_sentence(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(HistoryError, match="cannot be read or written"):
        HistoryStore(tmp_path).search()


def test_a_history_that_cannot_be_written_does_not_end_the_work(tmp_path: Path) -> None:
    (tmp_path / "history.sqlite").mkdir()
    play(HistoryStore(tmp_path), OPENED, STARTED, FixFinished(result()))


def test_ten_thousand_tasks_are_searched_in_the_blink_of_an_eye(tmp_path: Path) -> None:
    store = HistoryStore(tmp_path)
    store.begin(row())
    with sqlite3.connect(tmp_path / "history.sqlite") as base:
        base.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9999) "
            "INSERT INTO tasks SELECT i + 1, session, repository, name || i, request, began + i, "
            'targets, "end", model, strategy, title, seconds, tokens, dollars, candidates, accepted '
            "FROM tasks, n"
        )
    base.close()
    began = time.process_time()
    rows, total = store.search("shop9")
    assert total == 1111
    assert len(rows) == 500
    # No timing bar, but a scan that parses every row would take seconds.
    assert time.process_time() - began < 2.0
