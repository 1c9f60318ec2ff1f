"""The list of suspects, and what its user makes of it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.modeltest import ModelTester

from core import events as ev
from core.commands import FindSuspects, MarkSuspect
from core.types import CodePlace, Suspect, SuspectMark
from tests.ui import replay
from tests.ui.replay import Stage
from ui.suspects.model import SuspectModel, rows_of
from ui.suspects.pane import SuspectsList

SUSPECTS = (
    Suspect("a.py", 3, 1.0, "A.f", ("on the traceback", "not committed yet"), 4),
    Suspect("a.py", 9, 0.5, "g"),
)
LINE, FUNCTION = CodePlace("a.py", 9), CodePlace("a.py", function="A.f")
PIN, DROP = SuspectMark.PINNED, SuspectMark.DROPPED


def ranked(stage: Stage, *marks: tuple[CodePlace, SuspectMark]) -> SuspectsList:
    stage.show()
    stage.play(*replay.opened(), *replay.suite_run(), ev.SuspectsRanked(SUSPECTS, marks))
    pane = stage.window.ensure_workspace().fix.findChild(SuspectsList)
    assert isinstance(pane, SuspectsList)
    return pane


def test_the_list_keeps_qts_contract(qtmodeltester: ModelTester) -> None:
    model = SuspectModel()
    qtmodeltester.check(model)
    model.show_suspects(SUSPECTS, {FUNCTION: DROP})
    qtmodeltester.check(model)
    model.show_suspects((), {})
    qtmodeltester.check(model)


def test_a_row_says_where_how_much_and_why() -> None:
    model = SuspectModel()
    model.show_suspects(SUSPECTS, {})
    assert model.index(0).data() == "1.00  a.py:3  in A.f  ·  on the traceback; not committed yet"


def test_what_was_dropped_stands_at_the_end_so_that_it_can_be_taken_back() -> None:
    rows = rows_of(SUSPECTS[1:], {FUNCTION: DROP, LINE: PIN})
    assert [(row.place, row.mark) for row in rows] == [(LINE, PIN), (FUNCTION, DROP)]
    assert rows[0].text.startswith("▲")
    assert "left alone" in rows[1].text


def test_a_line_pinned_by_its_function_is_taken_back_with_the_function() -> None:
    (row, _) = rows_of(SUSPECTS, {FUNCTION: PIN})
    assert (row.mark, row.marked) == (PIN, FUNCTION)


def test_keys_and_buttons_ask_core_to_pin_drop_and_take_back(stage: Stage) -> None:
    pane = ranked(stage, (LINE, PIN))
    pane.view.setCurrentIndex(pane.model.index(0))
    QTest.keyClick(pane.view, Qt.Key.Key_P)
    QTest.keyClick(pane.view, Qt.Key.Key_D)
    pane.view.setCurrentIndex(pane.model.index(1))
    QTest.keyClick(pane.view, Qt.Key.Key_U)
    sent = [command for command in stage.posted if isinstance(command, MarkSuspect)]
    first = CodePlace("a.py", 3)
    assert sent == [MarkSuspect(first, PIN), MarkSuspect(first, DROP), MarkSuspect(LINE, None)]


def test_the_menu_offers_the_function_too(stage: Stage) -> None:
    pane = ranked(stage)
    pane.view.setCurrentIndex(pane.model.index(0))
    menu = pane.menu()
    entries = {action.text(): action for action in menu.actions()}
    entries["Leave A.f alone"].trigger()
    assert stage.posted[-1] == MarkSuspect(FUNCTION, DROP)
    assert not entries["Take back"].isEnabled()
    menu.deleteLater()


def test_the_selection_stays_on_its_line_when_the_list_changes(stage: Stage) -> None:
    pane = ranked(stage)
    pane.view.setCurrentIndex(pane.model.index(1))
    stage.play(ev.SuspectsRanked(SUSPECTS[::-1], ((LINE, PIN),)))
    assert pane.view.currentIndex().row() == 0


def test_suspects_can_be_found_without_a_fix(stage: Stage) -> None:
    ranked(stage)
    stage.window.handlers.trigger("find_suspects")
    assert stage.posted[-1] == FindSuspects()
