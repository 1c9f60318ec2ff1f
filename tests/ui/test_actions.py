"""The action table is whole: everything in it can be reached and does something."""

from __future__ import annotations

from collections import Counter

import pytest
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QLabel

from core import commands as cmd
from core.commands import ACTIONS as CORE_ACTIONS
from core.types import Remedy, StrategyRow
from tests.ui import replay
from tests.ui.replay import Stage
from ui.actions import ACTIONS, BY_ID
from ui.keys import shortcuts
from ui.session import Session
from ui.window.menus import CheatSheet
from ui.window.palette import Entry, Palette, matching


def test_ids_are_unique() -> None:
    assert len(BY_ID) == len(ACTIONS)


def test_shortcuts_are_unique_and_understood_by_qt() -> None:
    keys = [action.shortcut for action in ACTIONS if action.shortcut]
    assert [key for key, count in Counter(keys).items() if count > 1] == []
    assert [key for key in keys if QKeySequence(key).toString() in ("", "Unknown")] == []


def test_every_action_sends_a_command_or_has_a_handler(stage: Stage) -> None:
    own = stage.window.handlers.covered()
    assert {action.id for action in ACTIONS if action.command is None} == own


def test_every_command_action_of_core_can_be_reached_by_a_remedy(stage: Stage) -> None:
    stage.play(*replay.opened(), *replay.suite_run())
    for action, command in CORE_ACTIONS.items():
        if action in ("stop", "undo", "redo"):
            continue  # only while something runs, or where there is something to take back
        stage.posted.clear()
        stage.window.handlers.mend(Remedy("x", action))
        assert stage.posted == [command], action
        stage.window.session.apply(replay.ev.WorkEnded(), 1.0)


def test_what_cannot_be_done_now_sends_nothing(stage: Stage) -> None:
    for action in ("fix", "undo", "redo", "run_tests", "stop", "accept_all", "verify_selection"):
        stage.window.handlers.trigger(action)
    assert stage.posted == []


def test_nothing_but_opening_needs_no_repository() -> None:
    session = Session()
    free = {action.id for action in ACTIONS if action.enabled(session)}
    assert {"open", "open_sample", "palette", "keys", "quit"} <= free
    assert not free & {"fix", "run_tests", "accept_all", "undo", "stop"}


def test_the_menu_and_the_palette_hold_the_whole_table(stage: Stage) -> None:
    menus = stage.window.ensure_menus()
    in_menu = {
        entry.objectName()
        for submenu in menus.menu.actions()
        for entry in submenu.menu().actions()  # type: ignore[attr-defined]
    }
    assert in_menu == set(BY_ID)
    assert {entry.title for entry in menus.entries()} == {a.title for a in ACTIONS if a.id != "palette"}


def test_the_cheat_sheet_names_every_key(stage: Stage) -> None:
    sheet = CheatSheet(stage.window, shortcuts({}))
    words = {found.text() for found in sheet.findChildren(QLabel)}
    missing = {a.shortcut.replace("Return", "Enter") for a in ACTIONS if a.shortcut} - words
    assert missing == set()
    sheet.close()


@pytest.mark.parametrize(
    ("typed", "first"),
    [("run t", "Run tests"), ("theme d", "Theme: dark"), ("ctrl+o", "Open repository…")],
)
def test_the_palette_finds_an_action_by_a_few_letters(stage: Stage, typed: str, first: str) -> None:
    stage.play(*replay.opened(), *replay.suite_run())
    assert matching(stage.window.ensure_menus().entries(), typed)[0].title == first


def test_a_strategy_is_chosen_from_the_palette_and_told_while_it_runs(stage: Stage) -> None:
    rows = (StrategyRow("auto", "Auto", "Everybody."), StrategyRow("quick", "Quick", "Cheap ideas."))
    stage.play(*replay.opened(), *replay.suite_run())
    assert not BY_ID["strategy"].enabled(stage.window.session)
    stage.play(replay.ev.StrategiesListed(rows, "auto"))
    stage.window.handlers.trigger("strategy")
    (palette,) = stage.window.findChildren(Palette)
    shown = palette.list
    assert [shown.item(n).text() for n in range(shown.count())] == [
        "Auto: Everybody.",
        "Quick: Cheap ideas.",
    ]
    palette.field.setText("quick")
    shown.itemClicked.emit(shown.item(0))
    assert stage.posted[-1] == cmd.SelectStrategy("quick")


def test_what_cannot_be_done_now_stands_last_in_the_palette() -> None:
    entries = [Entry("Fix", "", lambda: None, enabled=False), Entry("Fix more", "", lambda: None)]
    assert [entry.title for entry in matching(entries, "fix")] == ["Fix more", "Fix"]


def test_choosing_in_the_palette_runs_the_action_and_closes_it(stage: Stage) -> None:
    stage.show()
    stage.play(*replay.opened(), *replay.suite_run())
    stage.window.handlers.trigger("palette")
    palette = stage.window.findChild(Palette)
    assert palette is not None
    palette.field.setText("run tests")
    palette.list.itemClicked.emit(palette.list.item(0))
    assert palette.isHidden()
    assert stage.posted[-1] == cmd.RunTests()
