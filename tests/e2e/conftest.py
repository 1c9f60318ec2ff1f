"""The real window on the real core: thread, engine, sandbox, journal, in folders of the test's own."""

from __future__ import annotations

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import gc
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.core_thread import CoreThread
from app.paths import Paths, find_paths
from app.services import AppServices, settings_from
from core.events import Body, Event
from core.session.emitter import Emitter
from core.session.engine import Engine
from tests.repositories import commit_repository
from ui.app import build_window
from ui.inbox import Inbox
from ui.state import UiState
from ui.window.main_window import MainWindow

WAIT_SECONDS = 125.0


class Desktop:
    """The program as a user has it, with a record of every event that reached the window."""

    def __init__(self, paths: Paths, sandbox: str, model: str) -> None:
        self.events: list[Event] = []
        self.inbox = Inbox()

        def make_engine() -> Engine:
            emit = Emitter((self._record, self.inbox.push))
            return Engine(AppServices(paths), settings_from(sandbox, model), emit)

        self.core = CoreThread(make_engine)
        self.window: MainWindow = build_window(self.core.post, self.inbox, UiState())
        self.window.show()
        self.core.start()

    def _record(self, event: Event) -> None:
        self.events.append(event)

    def bodies(self, kind: type[Body]) -> list[Any]:
        return [event.body for event in list(self.events) if isinstance(event.body, kind)]

    def wait(self, condition: Callable[[], bool], what: str) -> None:
        """Run the GUI until ``condition`` holds; fails with ``what`` after WAIT_SECONDS."""
        deadline = time.monotonic() + WAIT_SECONDS
        while not condition():
            if time.monotonic() > deadline:
                kinds = [event.kind for event in self.events[-12:]]
                pytest.fail(f"waited for {what}; the last events were {kinds}")
            QTest.qWait(20)

    def idle(self) -> bool:
        return not self.window.session.is_busy() and not self.inbox.pending()

    def do(self, action: str) -> None:
        self.window.handlers.trigger(action)

    def close(self) -> None:
        self.window.close()
        assert self.core.stop(), "core did not end in time"
        self.inbox.close()
        self.window.deleteLater()
        QTest.qWait(20)


@pytest.fixture
def open_desktop(qapp: QApplication, tmp_path: Path) -> Iterator[Callable[..., Desktop]]:
    made: list[Desktop] = []

    def start(sandbox: str = "auto", model: str = "none") -> Desktop:
        desktop = Desktop(find_paths(str(tmp_path / "home")), sandbox, model)
        made.append(desktop)
        return desktop

    yield start
    for desktop in made:
        desktop.close()
    made.clear()
    gc.collect()


@pytest.fixture
def repository(tmp_path: Path) -> Callable[[Mapping[str, str]], Path]:
    """Make a git repository with one commit."""

    def make(files: Mapping[str, str]) -> Path:
        return commit_repository(tmp_path / "ein Projekt ü", files)

    return make
