"""Keeps the user's settings, beside the work on the repository, and lets what runs know of a change."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from core.commands import (
    ChangeSettings,
    Command,
    ExportSettings,
    ImportSettings,
    ReadSettings,
    ResetSettings,
    SelectModel,
    SelectSandbox,
    SelectStrategy,
)
from core.errors import GreenbarError
from core.events import Noticed, SettingsChanged
from core.session.emitter import Emitter
from core.settings.check import Reading
from core.settings.overrides import overrides_of
from core.settings.store import SettingsStore
from core.types import SettingOverride, Settings


class SettingsDesk:
    """For the loop's thread only. ``adopt`` is told of every change; ``post`` takes the commands that
    follow from one. Changes are carried out in the order in which they were asked for."""

    def __init__(
        self,
        store: SettingsStore,
        emit: Emitter,
        post: Callable[[Command], None],
        adopt: Callable[[Settings], None],
    ) -> None:
        self._store = store
        self._emit = emit
        self._post = post
        self._adopt = adopt
        self._known: Settings | None = None
        """As they were when last looked at; ``None`` before that."""
        self._told: frozenset[str] = frozenset()
        self._overrides: tuple[SettingOverride, ...] = ()
        self._turn = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def tasks(self) -> tuple[asyncio.Task[None], ...]:
        """What is under way; the engine cancels it when it closes."""
        return tuple(self._tasks)

    def take(self, command: Command) -> bool:
        """Begin ``command``, if it is one for this desk; returns at once."""
        store = self._store
        match command:
            case ChangeSettings(values):
                self._begin(lambda: _read_after(store, lambda: store.change(dict(values))))
            case ResetSettings():
                self._begin(lambda: _read_after(store, store.reset))
            case ImportSettings(path):
                self._begin(lambda: store.take_in(Path(path)))
            case ExportSettings(path):
                self._begin(lambda: _read_after(store, lambda: store.give_out(Path(path))))
            case ReadSettings():
                self._begin(store.read)
            case _:
                return False
        return True

    async def look_at(self, root: Path) -> None:
        """Another repository is open: what does it say itself? Its own reader tells of what is wrong."""
        try:
            self._overrides = await asyncio.to_thread(overrides_of, root)
        except GreenbarError:
            self._overrides = ()
        async with self._turn:
            self._show(await asyncio.to_thread(self._store.read))

    def _begin(self, work: Callable[[], Reading]) -> None:
        task = asyncio.create_task(self._carry_out(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _carry_out(self, work: Callable[[], Reading]) -> None:
        async with self._turn:
            try:
                self._show(await asyncio.to_thread(work))
            except GreenbarError as error:
                self._emit.trouble(error)
                self._show(await asyncio.to_thread(self._store.read))

    def _show(self, reading: Reading) -> None:
        for sentence in sorted({*reading.notices} - self._told):
            self._emit(Noticed(sentence))
        self._told = frozenset(reading.notices)
        before, now = self._known, reading.settings
        self._known = now
        self._emit(SettingsChanged(now, self._overrides))
        if before is None or before == now:
            return
        self._adopt(now)
        for command in following(before, now):
            self._post(command)


def following(before: Settings, now: Settings) -> list[Command]:
    """The commands that bring what runs in line with a change. Pure."""
    commands: list[Command] = []
    if now.tests_sandbox != before.tests_sandbox:
        commands.append(SelectSandbox(now.tests_sandbox))
    if now.model_use != before.model_use:
        commands.append(SelectModel(now.model_use))
    if now.search_strategy != before.search_strategy:
        commands.append(SelectStrategy(now.search_strategy))
    return commands


def _read_after(store: SettingsStore, work: Callable[[], object]) -> Reading:
    work()
    return store.read()
