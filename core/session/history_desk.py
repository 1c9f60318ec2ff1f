"""Carries out what concerns past tasks, beside the work on the repository."""

from __future__ import annotations

import asyncio
from functools import partial

from core.commands import Command, DeleteTasks, ListHistory, ShowTask, ShowTestPast
from core.events import HistoryListed, TaskCutOff, TaskShown, TestPastRead
from core.history.replay import best_patch
from core.history.runs import RunBook
from core.history.store import HistoryStore
from core.session.emitter import Emitter
from core.session.side_work import SideWork
from core.types import NodeId, TaskEnd


class HistoryDesk:
    """For the loop's thread only."""

    def __init__(self, store: HistoryStore, runs: RunBook, emit: Emitter) -> None:
        self._store = store
        self._runs = runs
        self._emit = emit
        self._side = SideWork(emit, "a look at the history")

    @property
    def tasks(self) -> tuple[asyncio.Task[None], ...]:
        """What is under way; the engine cancels it when it closes."""
        return self._side.tasks

    def take(self, command: Command) -> bool:
        """Begin ``command``, if it is one for this desk; returns at once."""
        match command:
            case ListHistory(search, limit):
                self._side.begin(partial(self._list, search, limit))
            case DeleteTasks(ids, search):
                self._side.begin(partial(self._delete, ids, search))
            case ShowTestPast(repository, node):
                self._side.begin(partial(self._show_past, repository, node))
            case ShowTask(number):
                self._side.begin(partial(self._show, number))
            case _:
                return False
        return True

    async def look_back(self, repository: str) -> None:
        """Announce the newest task of a repository where it did not come to its end."""
        rows, _ = await asyncio.to_thread(self._store.search, "", 1, repository)
        if rows and rows[0].end is TaskEnd.CUT_OFF:
            self._emit(TaskCutOff(rows[0]))

    async def _list(self, search: str, limit: int) -> None:
        rows, total = await asyncio.to_thread(self._store.search, search, limit)
        self._emit(HistoryListed(rows, total, search))

    async def _delete(self, ids: tuple[int, ...], search: str) -> None:
        await asyncio.to_thread(self._store.delete, ids)
        await self._list(search, ListHistory().limit)

    async def _show_past(self, repository: str, node: NodeId) -> None:
        marks = await asyncio.to_thread(self._runs.past, repository, node)
        self._emit(TestPastRead(node, marks))

    async def _show(self, number: int) -> None:
        task = await asyncio.to_thread(self._store.get, number)
        files = await asyncio.to_thread(best_patch, task, self._store.journal(task.session))
        self._emit(TaskShown(task, files))
