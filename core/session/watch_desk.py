"""Runs the tests again when a file of the open repository changes, for as long as the user wants that."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path

from core.commands import Command, RunTests, WatchTree
from core.errors import GreenbarError
from core.events import Noticed, WatchingChanged
from core.repo.watching import changes
from core.session.emitter import Emitter
from core.types import RelPath


class WatchDesk:
    """For the loop's thread only. ``root`` gives the open repository, ``None`` where none is;
    ``is_writing`` says whether a change is our own."""

    def __init__(
        self,
        emit: Emitter,
        post: Callable[[Command], None],
        root: Callable[[], Path | None],
        is_writing: Callable[[], bool],
    ) -> None:
        self._emit = emit
        self._post = post
        self._root = root
        self._is_writing = is_writing
        self._task: asyncio.Task[None] | None = None

    @property
    def tasks(self) -> tuple[asyncio.Task[None], ...]:
        """What is under way; the engine cancels it when it closes."""
        return () if self._task is None else (self._task,)

    def take(self, command: Command) -> bool:
        """Begin or end watching, if ``command`` says so; returns at once."""
        if not isinstance(command, WatchTree):
            return False
        self.stop()
        root = self._root()
        if command.on and root is not None:
            self._task = asyncio.create_task(self._watch(root))
            self._task.add_done_callback(self._ended)
            self._emit(WatchingChanged(True))
        return True

    def stop(self) -> None:
        """End watching, as when another repository is opened."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            self._emit(WatchingChanged(False))

    async def _watch(self, root: Path) -> None:
        try:
            async with aclosing(changes(root)) as found:
                async for paths in found:
                    if not self._is_writing():
                        self._emit(Noticed(_sentence(paths)))
                        self._post(RunTests())
        except GreenbarError as error:
            self._emit.trouble(error)

    def _ended(self, task: asyncio.Task[None]) -> None:
        if task is self._task:  # it could not go on
            self._task = None
            self._emit(WatchingChanged(False))


def _sentence(paths: tuple[RelPath, ...]) -> str:
    if len(paths) == 1:
        return f"{paths[0]} has changed; the tests are run again."
    return f"{len(paths)} files have changed; the tests are run again."
