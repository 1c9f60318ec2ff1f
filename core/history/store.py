"""The history on disk: one SQLite file with a row for each task, and the journals beside it.

Blocking; any thread, one at a time. Several programs may have it open. What happened in a task is in the
journal of its session; a row holds what a list shows and a search looks through.
"""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from core.errors import HistoryError
from core.rooms import remove_tree, take_lock
from core.types import Remedy, TaskEnd, TaskRow

VERSION: Final = 1
LOCK: Final = "alive"
"""Locked by the program that writes a session's journal, for as long as it lives."""
_WAIT_SECONDS: Final = 2.0
_SCHEMA: Final = """
    CREATE TABLE tasks (id INTEGER PRIMARY KEY, session TEXT, repository TEXT, name TEXT, request TEXT,
        began REAL, targets TEXT, "end" TEXT, model TEXT, strategy TEXT, title TEXT, seconds REAL,
        tokens INTEGER, dollars REAL, candidates INTEGER, accepted INTEGER);
    CREATE INDEX tasks_began ON tasks (began);
    CREATE INDEX tasks_session ON tasks (session);
    CREATE INDEX tasks_repository ON tasks (repository, began);
"""
_COLUMNS: Final = (
    'id, session, repository, name, request, began, targets, "end", model, strategy, title, seconds, '
    "tokens, dollars, candidates, accepted"
)
_SEARCHED: Final = "name || ' ' || repository || ' ' || request || ' ' || title || ' ' || targets || ' ' \
|| model || ' ' || \"end\""


class HistoryStore:
    """``folder`` is Greenbar's data; it is made where it is missing.

    Every method raises HistoryError where the file cannot be read or written. A file that is no
    database, or of a newer version, is put aside under another name, never overwritten.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / "history.sqlite"
        self._sessions = folder / "sessions"

    def journal(self, session: str) -> Path:
        """Where the events of a session are."""
        return self._sessions / session / "journal.jsonl"

    def begin(self, row: TaskRow) -> int:
        """Add a task; returns its number. ``row.id`` does not count."""
        with self._base() as base:
            values = _values(row)[1:]
            places = ", ".join("?" * len(values))
            made = base.execute(f"INSERT INTO tasks ({_COLUMNS[4:]}) VALUES ({places})", values)
            return int(made.lastrowid or 0)

    def update(self, row: TaskRow) -> None:
        """Write a task anew; one that was deleted stays so."""
        with self._base() as base:
            sets = ", ".join(f"{name} = ?" for name in _COLUMNS.split(", ")[1:])
            base.execute(f"UPDATE tasks SET {sets} WHERE id = ?", (*_values(row)[1:], row.id))

    def search(
        self, words: str = "", limit: int = 500, repository: str = ""
    ) -> tuple[tuple[TaskRow, ...], int]:
        """The newest tasks that hold every word, in any case, newest first, and how many there are."""
        where, values = _condition(words, repository)
        with self._base() as base:
            (total,) = base.execute(f"SELECT count(*) FROM tasks {where}", values).fetchone()
            rows = base.execute(
                f"SELECT {_COLUMNS} FROM tasks {where} ORDER BY began DESC, id DESC LIMIT ?",
                (*values, limit),
            ).fetchall()
        return tuple(self._settled(map(_row, rows))), total

    def get(self, task: int) -> TaskRow:
        """Raises HistoryError, too, for a number that there is not."""
        with self._base() as base:
            found = base.execute(f"SELECT {_COLUMNS} FROM tasks WHERE id = ?", (task,)).fetchone()
        if found is None:
            raise HistoryError(
                "history.unknown",
                f"There is no task {task} in the history.",
                (Remedy("Show the history", shell="greenbar history"),),
            )
        return next(self._settled([_row(found)]))

    def delete(self, tasks: Sequence[int]) -> None:
        """Forget tasks, and the journals of sessions that have no other. One that runs stays."""
        with self._base() as base:
            for task in tasks:
                row = base.execute("SELECT session FROM tasks WHERE id = ?", (task,)).fetchone()
                if row is None or self._is_alive(row[0]):
                    continue
                base.execute("DELETE FROM tasks WHERE id = ?", (task,))
                others = base.execute("SELECT 1 FROM tasks WHERE session = ?", row).fetchone()
                if others is None:
                    remove_tree(self._sessions / row[0])

    def hold(self, session: str) -> int:
        """Say that this program writes a session, until the descriptor is closed; -1 where it cannot."""
        folder = self._sessions / session
        try:
            folder.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError:
            return -1
        try:
            take_lock(descriptor)
        except OSError:
            os.close(descriptor)
            return -1
        return descriptor

    # --- inner -----------------------------------------------------------------------------------

    def _settled(self, rows: Iterable[TaskRow]) -> Iterator[TaskRow]:
        """A task that seems to run was cut off where the program that ran it is dead."""
        alive: dict[str, bool] = {}
        for row in rows:
            if row.end is not TaskEnd.RUNNING:
                yield row
                continue
            if row.session not in alive:
                alive[row.session] = self._is_alive(row.session)
            yield row if alive[row.session] else _with_end(row, TaskEnd.CUT_OFF)

    def _is_alive(self, session: str) -> bool:
        try:
            descriptor = os.open(self._sessions / session / LOCK, os.O_RDWR)
        except OSError:
            return False
        try:
            take_lock(descriptor)
        except OSError:
            return True
        finally:
            os.close(descriptor)
        return False

    @contextmanager
    def _base(self) -> Iterator[sqlite3.Connection]:
        """A connection for one piece of work, which is written whole or not at all."""
        try:
            with closing(self._open()) as base, base:
                yield base
        except (sqlite3.Error, OSError) as error:
            raise HistoryError(
                "history.unusable",
                "The history cannot be read or written.",
                (Remedy("Look at the file", shell=f"ls -l {self._path}"),),
                details=str(error),
            ) from error

    def _open(self) -> sqlite3.Connection:
        try:
            return _opened(self._path)
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise  # locked, or a full disk: the file is what it should be
        aside = self._path.with_name(f"history-{time.strftime('%Y%m%d-%H%M%S')}.unreadable")
        self._path.rename(aside)
        return _opened(self._path)


def _opened(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    base = sqlite3.connect(path, timeout=_WAIT_SECONDS)
    try:
        (version,) = base.execute("PRAGMA user_version").fetchone()
        if version not in (0, VERSION):
            raise sqlite3.DatabaseError(f"version {version} of the history is not known")
        if version == 0:
            base.executescript(f"BEGIN; {_SCHEMA} PRAGMA user_version = {VERSION}; COMMIT;")
            with suppress(OSError):
                path.chmod(0o600)
    except sqlite3.Error:
        base.close()
        raise
    return base


def _condition(words: str, repository: str) -> tuple[str, list[object]]:
    parts, values = [], list[object]()
    for word in words.split():
        parts.append(f"instr(lower({_SEARCHED}), ?) > 0")
        values.append(word.lower())
    if repository:
        parts.append("repository = ?")
        values.append(repository)
    return (f"WHERE {' AND '.join(parts)}" if parts else ""), values


def _values(row: TaskRow) -> tuple[Any, ...]:
    return (
        row.id,
        row.session,
        row.repository,
        row.name,
        row.request,
        row.began,
        json.dumps(row.targets),
        row.end.value,
        row.model,
        row.strategy,
        row.title,
        row.seconds,
        row.tokens,
        row.dollars,
        row.candidates,
        int(row.accepted),
    )


def _row(values: Sequence[Any]) -> TaskRow:
    fields = list(values)
    fields[6:8] = tuple(json.loads(values[6])), TaskEnd(values[7])
    fields[15] = bool(values[15])
    return TaskRow(*fields)


def _with_end(row: TaskRow, end: TaskEnd) -> TaskRow:
    return replace(row, end=end)
