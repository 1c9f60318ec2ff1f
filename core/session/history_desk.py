"""Carries out what concerns past tasks, beside the work on the repository."""

from __future__ import annotations

import asyncio

from core.commands import Command, DeleteTasks, ListHistory
from core.errors import GreenbarError
from core.events import HistoryListed, TaskCutOff
from core.history.store import HistoryStore
from core.session.emitter import Emitter
from core.types import TaskEnd


class HistoryDesk:
    """For the loop's thread only."""

    def __init__(self, store: HistoryStore, emit: Emitter) -> None:
        self._store = store
        self._emit = emit
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def tasks(self) -> tuple[asyncio.Task[None], ...]:
        """What is under way; the engine cancels it when it closes."""
        return tuple(self._tasks)

    def take(self, command: Command) -> bool:
        """Begin ``command``, if it is one for this desk; returns at once."""
        match command:
            case ListHistory(search, limit):
                self._begin((), search, limit)
            case DeleteTasks(ids, search):
                self._begin(ids, search, ListHistory().limit)
            case _:
                return False
        return True

    async def look_back(self, repository: str) -> None:
        """Announce the newest task of a repository where it did not come to its end."""
        rows, _ = await asyncio.to_thread(self._store.search, "", 1, repository)
        if rows and rows[0].end is TaskEnd.CUT_OFF:
            self._emit(TaskCutOff(rows[0]))

    def _begin(self, delete: tuple[int, ...], search: str, limit: int) -> None:
        task = asyncio.create_task(self._show(delete, search, limit))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _show(self, delete: tuple[int, ...], search: str, limit: int) -> None:
        try:
            if delete:
                await asyncio.to_thread(self._store.delete, delete)
            rows, total = await asyncio.to_thread(self._store.search, search, limit)
        except GreenbarError as error:
            self._emit.trouble(error)
            return
        self._emit(HistoryListed(rows, total, search))
