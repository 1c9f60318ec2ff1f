"""Every entry of the palette opens or does something, chosen in the palette itself."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from core import events as ev
from core.types import StrategyRow
from tests.ui import replay
from tests.ui.replay import Stage
from ui.actions import ACTIONS, BY_ID
from ui.window.palette import Palette

RED = (*replay.opened(), *replay.suite_run(), ev.WorkEnded())
ROWS = ev.StrategiesListed((StrategyRow("auto", "Auto", "Everybody."),), "auto")
STATES: tuple[tuple[ev.Body, ...], ...] = (
    (*RED, ROWS),
    (*RED, *replay.fixing(11)),
    (*RED, ROWS, *replay.fixing(), *replay.fixed(), ev.WorkEnded()),
    (*RED, *replay.fixing(), *replay.fixed(), ev.Accepted(1, ("a.py",)), ev.WorkEnded()),
    (*RED, ev.AcceptsFound(1, 1)),
    (),
)
"""Ways to a state; an action is tried in the first that allows it."""
BEFORE = {
    "theme_light": "theme_dark",
    "theme_system": "theme_contrast",
    "text_usual": "text_larger",
    "back": "welcome",
    "back_from_doctor": "doctor",
    "previous_hunk": "next_hunk",
    "undo_choice": "reject_hunk",
    "accept_hunk": "reject_hunk",
    "accept_selected": "reject_hunk",
    "tab_review": "tab_conversation",
    "tab_conversation": "tab_candidates",
    "show_log": "show_sandbox",
    "toggle_split": "tab_review",
    "run_again": "run_tests",
}
"""What makes the difference visible: nobody sees a switch to what is there already."""
ELSEWHERE = {
    "edit_last": "tests/e2e/test_conversation.py: needs a message of the user's",
    "stop_answer": "tests/ui/test_conversation.py: only while an answer streams",
    "export_conversation": "tests/ui/test_conversation.py: needs a message",
    "refine": "tests/ui/test_remarks.py: only after a remark",
    "question": "tests/ui/test_questions.py: only while a question is open",
    "open_in_editor": "tests/ui/test_editor.py: starts a program",
    "accept_anyway": "tests/ui/test_main_way.py: only after an accept was refused",
    "go_on": "tests/ui/test_history.py: only after a fix was cut off by a crash",
    "new_window": "tests/e2e/test_windows.py: the program opens it",
    "quit": "the window is gone",
    "palette": "it is what all of this goes through",
}


def seen(stage: Stage) -> tuple[object, ...]:
    """What a user or core could tell apart."""
    windows = [w for w in QApplication.topLevelWidgets() if w.isVisible()]
    return (
        list(stage.posted),
        sorted(type(window).__name__ for window in windows),
        QApplication.clipboard().text(),
        stage.window.grab().toImage(),
    )


def choose(stage: Stage, action: str) -> None:
    """Choose in the palette, as a user does."""
    stage.window.handlers.trigger("palette")
    palette = stage.window.findChild(Palette)
    assert palette is not None
    palette.field.setText(BY_ID[action].title)
    QTest.keyClick(palette.field, Qt.Key.Key_Return)
    stage.settle()


@pytest.mark.parametrize("action", [a.id for a in ACTIONS if a.id not in ELSEWHERE])
def test_every_entry_of_the_palette_opens_or_does_something(stage: Stage, action: str) -> None:
    spec = BY_ID[action]
    stage.show(1200, 700)
    for bodies in STATES:
        stage.play(*bodies)
        if before := BEFORE.get(action):
            stage.window.handlers.trigger(before)
            if before == "run_tests":
                stage.play(ev.WorkEnded())
            stage.settle()
        if spec.enabled(stage.window.session):
            break
    assert spec.enabled(stage.window.session), "no state allows it"
    QApplication.clipboard().setText("nothing")
    was = seen(stage)
    choose(stage, action)
    assert seen(stage) != was
    for dialog in QApplication.topLevelWidgets():
        if dialog is not stage.window and dialog.isVisible():
            dialog.close()
