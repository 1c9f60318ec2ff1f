"""The table of a running fix: it follows the newest, unless the user looks elsewhere."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtWidgets import QAbstractSlider, QLabel

from core import events as ev
from core.types import Budget, TokenUsage
from tests.ui import replay
from tests.ui.replay import Stage
from ui.fix.pane import FixPane

TO_RED = (*replay.opened(), *replay.suite_run())


def more(first: int, last: int) -> Iterator[ev.Body]:
    for number in range(first, last + 1):
        yield ev.CandidateProposed(number, "mutation", f"a.py:{number} add 1", ("a.py",), 1, 1)


def pane(stage: Stage) -> FixPane:
    assert stage.window.workspace is not None
    return stage.window.workspace.fix


def in_sight(fix: FixPane) -> set[int]:
    table = fix.table
    area = table.viewport().rect()
    rows = range(table.model().rowCount())
    return {
        row + 1 for row in rows if area.contains(table.visualRect(table.model().index(row, 0)).center())
    }


def test_the_table_uses_the_room_and_leaves_the_folds_in_sight(stage: Stage) -> None:
    stage.show()
    stage.play(*TO_RED, *replay.fixing(11), *more(12, 60))
    fix = pane(stage)
    assert fix.table.height() > stage.window.height() * 2 // 5
    assert stage.window.workspace is not None
    rows = stage.window.workspace.conversation.rows
    assert rows.verticalScrollBar().maximum() == 0, "one scroll bar is enough"
    assert fix._stream_fold.geometry().bottom() < rows.viewport().height()


def test_the_newest_candidate_stays_in_sight(stage: Stage) -> None:
    stage.show()
    stage.play(*TO_RED, *replay.fixing(11), *more(12, 60))
    assert 60 in in_sight(pane(stage))
    stage.play(*more(61, 90))
    assert 90 in in_sight(pane(stage))


def test_who_has_scrolled_away_is_left_where_they_are_until_they_return(stage: Stage) -> None:
    stage.show()
    stage.play(*TO_RED, *replay.fixing(11), *more(12, 60))
    bar = pane(stage).table.verticalScrollBar()
    bar.triggerAction(QAbstractSlider.SliderAction.SliderToMinimum)
    stage.play(*more(61, 90))
    assert 1 in in_sight(pane(stage))
    bar.triggerAction(QAbstractSlider.SliderAction.SliderToMaximum)
    stage.play(*more(91, 120))
    assert 120 in in_sight(pane(stage))


def test_when_a_fix_has_ended_the_best_one_is_in_sight(stage: Stage) -> None:
    stage.show(1440, 700)
    stage.play(*TO_RED, *replay.fixing(), *more(15, 90), *replay.fixed())
    stage.window.handlers.trigger("tab_conversation")
    stage.settle()
    assert 14 in in_sight(pane(stage))


def test_a_running_fix_says_its_time_tokens_and_speed(stage: Stage) -> None:
    stage.show()
    stage.play(*TO_RED, *replay.fixing(10))
    spent = ev.BudgetSpent(20.0, TokenUsage(1200, 300, estimated=True), Budget(120.0), 10)
    stage.play(spent)
    lines = [label.text() for label in pane(stage).findChildren(QLabel) if label.isVisible()]
    assert "0:20 of 2:00  ·  ~1.5k tokens  ·  0.5 candidates a second" in lines
