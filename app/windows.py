"""Every window of the program: one repository and one core each; look, settings and state are shared."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from app.core_thread import CoreThread
from app.later import load_now
from app.paths import Paths
from core.commands import ReadSettings, RunDoctor
from core.redact import Redactor
from core.settings.store import FILE_NAME, SettingsStore
from ui.app import build_window
from ui.inbox import Inbox
from ui.state import UiState

if TYPE_CHECKING:
    from core.session.engine import Engine
    from ui.window.main_window import MainWindow

STEP: Final = 32
"""Pixels by which a further window stands lower and further right than the one that opened it."""


@dataclass(frozen=True, slots=True, eq=False)
class _Open:
    window: MainWindow
    core: CoreThread
    inbox: Inbox


class Windows:
    """Belongs to the GUI thread. Windows that have been closed end their core beside the others."""

    def __init__(self, paths: Paths, redact: Redactor) -> None:
        self._paths = paths
        self._redact = redact
        self._state = UiState.load(paths.state / "window.json")
        self._open: list[_Open] = []
        self._ending: list[_Open] = []

    def open(self) -> MainWindow:
        """A further window, on show."""
        inbox = Inbox()
        core = CoreThread(lambda: _make_engine(self._paths, inbox, self._redact))
        before = self._open[-1].window if self._open else None
        chosen = SettingsStore(self._paths.config / FILE_NAME).read().settings
        look = before.look if before is not None else None
        window = build_window(core.post, inbox, self._state, chosen, look)
        made = _Open(window, core, inbox)
        self._open.append(made)
        # Core's imports would delay the first paint; commands posted before it starts are kept.
        window.first_painted.connect(partial(load_now, "core.events"))
        window.first_painted.connect(core.start)
        window.first_painted.connect(partial(_let_it_call, window))
        window.another_wanted.connect(self.open)
        window.settings_changed.connect(lambda: self._share_settings(made))
        window.closing.connect(lambda: self._closed(made))
        if before is not None:
            window.resize(before.size())
            window.move(before.pos().x() + STEP, before.pos().y() + STEP)
        window.show()
        core.post(ReadSettings())
        core.post(RunDoctor())
        return window

    def stop(self) -> None:
        """End every core, waiting for them; at the end of the program."""
        for each in (*self._open, *self._ending):
            each.core.begin_stop()
        for each in (*self._open, *self._ending):
            each.core.stop()
            each.inbox.close()
        self._open.clear()
        self._ending.clear()

    def _closed(self, made: _Open) -> None:
        if made in self._open:
            self._open.remove(made)
            made.core.begin_stop()
            self._ending.append(made)

    def _share_settings(self, changed: _Open) -> None:
        """What one window has set counts in the others as well."""
        for other in self._open:
            if other is not changed and other.window.session.settings != changed.window.session.settings:
                other.core.post(ReadSettings())


def _let_it_call(window: MainWindow) -> None:
    """Give the window the system's ways to call the user back."""
    from ui.attention.center import system_ways

    window.attention.ways = system_ways(window.windowIcon())


def _make_engine(paths: Paths, inbox: Inbox, redact: Redactor) -> Engine:
    from app.services import AppServices, settings_of
    from core.session.emitter import Emitter
    from core.session.engine import Engine

    emit = Emitter((inbox.push,), redact)
    services = AppServices(paths, redact)
    return Engine(services, settings_of(services.settings.read().settings), emit)
