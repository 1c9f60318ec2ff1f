"""Several windows: one core each, one look and one set of settings for all, and a clean end."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.paths import find_paths
from app.windows import Windows
from core.redact import Redactor
from ui.window.main_window import MainWindow

WAIT_SECONDS = 60.0


def wait(holds: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not holds():
        assert time.monotonic() < deadline, f"waited for {what}"
        QTest.qWait(20)


@pytest.fixture
def windows(qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Windows]:
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    made = Windows(find_paths(str(tmp_path)), Redactor({}))
    yield made
    for widget in qapp.topLevelWidgets():
        if isinstance(widget, MainWindow):
            widget.close()
            widget.deleteLater()
    made.stop()
    QTest.qWait(20)


def shown(qapp: QApplication) -> list[MainWindow]:
    return [w for w in qapp.topLevelWidgets() if isinstance(w, MainWindow) and w.isVisible()]


def test_a_new_window_has_its_own_core_and_shares_what_is_set(
    windows: Windows, qapp: QApplication, tmp_path: Path
) -> None:
    first = windows.open()
    first.handlers.trigger("new_window")
    wait(lambda: len(shown(qapp)) == 2, "the second window")
    (second,) = [window for window in shown(qapp) if window is not first]
    assert second.look is first.look
    assert second.session is not first.session
    wait(lambda: bool(first.session.readiness) and bool(second.session.readiness), "both cores")
    first.change("look.text", 130)
    wait(lambda: second.session.settings.look_text == 130, "the second to follow")
    assert "text = 130" in (tmp_path / "config" / "settings.toml").read_text()
    second.close()
    wait(lambda: shown(qapp) == [first], "the second to close")
    first.change("look.text", None)
    wait(lambda: "130" not in (tmp_path / "config" / "settings.toml").read_text(), "the first to work on")
