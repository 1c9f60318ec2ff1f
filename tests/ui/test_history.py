"""The page of past tasks: searched as one types, shown, compared, tried again, deleted; and going on."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QItemSelectionModel
from PySide6.QtWidgets import QLabel

from core import events as ev
from core.commands import DeleteTasks, Fix, ListHistory, OpenRepository, ShowTask, ShowTestPast
from core.types import TaskEnd, TaskRow
from tests.ui import replay
from tests.ui.replay import Stage
from tests.ui.test_accessibility import cut_off
from ui.history.model import HistoryModel
from ui.history.page import HistoryPage

ROWS = (
    TaskRow(
        3, "s2", "/home/me/bank", "bank", "Fix tests/test_pay.py::test_fee", 1_763_000_000.0,
        ("tests/test_pay.py::test_fee",), TaskEnd.CUT_OFF, "qwen2.5-coder 1.5B", "auto",
    ),
    TaskRow(
        2, "s1", "/home/me/shop", "shop", "Fix 2 failing tests", 1_762_900_000.0,
        ("t.py::a", "t.py::b"), TaskEnd.FIXED, "", "auto", "m.py:2 use >= for >", 12.5, 0, 0.0, 31, True,
    ),
    TaskRow(
        1, "s1", "/home/me/shop", "shop", "Fix t.py::a", 1_762_800_000.0,
        ("t.py::a",), TaskEnd.UNSOLVED, "gpt", "best-of-n", "", 120.0, 5210, 0.02, 12,
    ),
)  # fmt: skip


def page(stage: Stage) -> HistoryPage:
    assert stage.window.history is not None
    return stage.window.history


def words(stage: Stage) -> str:
    return "\n".join(part.text() for part in page(stage).findChildren(QLabel) if part.isVisible())


def choose(stage: Stage, *rows: int) -> None:
    selection = page(stage).table.selectionModel()
    selection.clearSelection()
    how = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
    for row in rows:
        selection.select(page(stage).model.index(row, 0), how)
    stage.settle()


def diff_of_a_task() -> tuple[Any, ...]:
    return next(body.files for body in replay.fixed() if isinstance(body, ev.ReviewReady))


@pytest.fixture
def shown(stage: Stage) -> Stage:
    stage.show()
    stage.window.handlers.trigger("history")
    stage.play(ev.HistoryListed(ROWS, 3))
    stage.posted.clear()
    return stage


def test_it_asks_core_for_everything_when_it_is_opened(stage: Stage) -> None:
    stage.show()
    stage.window.handlers.trigger("history")
    assert stage.posted == [ListHistory("")]
    assert "Looking…" in words(stage)
    stage.play(ev.HistoryListed((), 0))
    assert "Each fix that you start appears here." in words(stage)


def test_a_task_says_how_it_ended_and_what_it_cost(shown: Stage) -> None:
    model = page(shown).model
    assert model.rowCount() == 3
    said = [str(model.index(row, column).data()) for row in range(3) for column in range(6)]
    for text in ("bank", "–  cut off", "✓  fixed and accepted", "✗  no confident fix", "$0.02"):
        assert any(text in cell for cell in said), text
    assert cut_off(shown.window) == set()


def test_typing_asks_once_for_what_was_typed(shown: Stage) -> None:
    for text in ("s", "sh", "shop"):
        page(shown).field.setText(text)
    shown.settle(0.5)
    assert shown.posted == [ListHistory("shop")]
    shown.play(ev.HistoryListed((), 0, "shop"))
    assert "No task holds these words." in words(shown)


def test_a_chosen_task_shows_its_diff_and_two_are_compared(shown: Stage) -> None:
    choose(shown, 1)
    assert shown.posted == [ShowTask(2)]
    shown.play(ev.TaskShown(ROWS[1], diff_of_a_task()))
    assert page(shown).chosen() == [ROWS[1]]
    choose(shown, 1, 2)
    shown.play(ev.TaskShown(ROWS[2], ()))
    assert "No candidate of this task was kept." in words(shown)
    assert "no confident fix" in words(shown)
    assert "fixed and accepted" in words(shown)
    assert cut_off(shown.window) == set()


def test_a_task_is_tried_again_in_its_own_repository(shown: Stage) -> None:
    choose(shown, 0)
    shown.posted.clear()
    assert page(shown).again.text() == "Go on with it"
    page(shown).again.click()
    assert shown.posted == [OpenRepository("/home/me/bank"), Fix(ROWS[0].targets)]


def test_deleting_names_what_is_deleted_and_keeps_the_search(shown: Stage) -> None:
    page(shown).field.setText("shop")
    page(shown).delete(list(ROWS[1:]))
    assert DeleteTasks((2, 1), "shop") in shown.posted


def test_what_was_cut_off_is_said_and_gone_on_with(stage: Stage) -> None:
    stage.show()
    stage.play(*replay.opened(), ev.TaskCutOff(ROWS[0]), *replay.suite_run(), ev.WorkEnded())
    said = "\n".join(part.text() for part in stage.window.notices.findChildren(QLabel))
    assert "The program ended while it worked on this: Fix tests/test_pay.py::test_fee." in said
    stage.posted.clear()
    stage.window.handlers.trigger("go_on")
    assert [command for command in stage.posted if isinstance(command, Fix)] == [Fix(ROWS[0].targets)]


def test_the_model_keeps_the_rules_of_qt(qtmodeltester: Any) -> None:
    model = HistoryModel()
    qtmodeltester.check(model)
    model.load(ROWS)
    qtmodeltester.check(model)


def test_the_inspector_says_how_a_test_fared_before(stage: Stage) -> None:
    stage.show()
    stage.play(*replay.opened(), *replay.suite_run(), ev.WorkEnded())
    node = replay.targets()[0]
    stage.window.handlers.show_test(node)
    asked = [command.node_id for command in stage.posted if isinstance(command, ShowTestPast)]
    assert asked.count(node) == 1
    stage.play(ev.TestPastRead(node, ((1.0, "p"), (2.0, "p"), (3.0, "f"))))
    assert stage.window.workspace is not None
    texts = [part.text() for part in stage.window.workspace.inspector.findChildren(QLabel)]
    assert "✓✓✗  in the last 3 runs" in texts
