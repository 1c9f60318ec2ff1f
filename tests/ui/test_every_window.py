"""Every page and dialog: named for screen readers, whole at 200 % text, visible where the focus is."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication, QWidget

from core import events as ev
from tests.ui import replay, replay_pages
from tests.ui.replay import Stage
from tests.ui.test_accessibility import cut_off, described

RED = (*replay.opened(), *replay.suite_run(), ev.WorkEnded())
PAGES = ("welcome", "doctor", "models", "show_set_up", "history", "settings", "keys", "show_sandbox")


def show_page(stage: Stage, page: str) -> list[QWidget]:
    """Bring a page into sight; every window that is then on show."""
    stage.play(*replay_pages.doctor(), *RED, replay_pages.set_up())
    stage.window.handlers.trigger(page)
    stage.play(*replay_pages.models())
    stage.settle()
    return [w for w in QApplication.topLevelWidgets() if w.isVisible()]


def close_dialogs(stage: Stage) -> None:
    for widget in QApplication.topLevelWidgets():
        if widget is not stage.window and widget.isVisible():
            widget.close()


@pytest.mark.parametrize("page", PAGES)
def test_everything_that_takes_the_focus_has_a_name_and_a_role(stage: Stage, page: str) -> None:
    stage.show()
    nameless: set[str] = set()
    for window in show_page(stage, page):
        for widget in window.findChildren(QWidget):
            if not (widget.isVisible() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus):
                continue
            interface = QAccessible.queryAccessibleInterface(widget)
            role = interface.role()
            if not interface.text(QAccessible.Text.Name) or role is QAccessible.Role.NoRole:
                nameless.add(described(widget))
    close_dialogs(stage)
    assert nameless == set()


@pytest.mark.parametrize("percent", [100, 200])
@pytest.mark.parametrize("page", PAGES)
def test_no_page_cuts_its_text_off(stage: Stage, page: str, percent: int) -> None:
    stage.window.change("look.text", percent)
    stage.show(1440, 900)
    cut: set[str] = set()
    for window in show_page(stage, page):
        cut |= cut_off(window)
    close_dialogs(stage)
    assert cut == set()
