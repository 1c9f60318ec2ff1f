"""The settings dialog: made from the schema, searched, and told at once; keys without two meanings."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QKeySequenceEdit, QLabel, QLineEdit, QSpinBox, QWidget

from core import events as ev
from core.commands import (
    ChangeSettings,
    ConfirmTests,
    Fix,
    ReadSettings,
    Refine,
    ResetSettings,
)
from core.types import Budget, SettingOverride, Settings
from core.types.settings import SPECS
from tests.ui import replay
from tests.ui.replay import Stage
from ui.actions import ACTIONS, BY_ID
from ui.keys import conflict, shortcuts
from ui.settings.dialog import GROUPS, SettingsDialog


@pytest.fixture
def dialog(stage: Stage) -> SettingsDialog:
    stage.show()
    stage.window.handlers.trigger("settings")
    stage.settle()
    assert stage.window.settings is not None
    return stage.window.settings


def control(dialog: QWidget, name: str) -> QWidget:
    named = [w for w in dialog.findChildren(QWidget) if w.accessibleName() == name]
    assert named, name
    return named[0]


def visible_words(dialog: SettingsDialog) -> set[str]:
    return {found.text() for found in dialog.findChildren(QLabel) if found.isVisibleTo(dialog)}


def test_every_setting_of_the_schema_and_every_action_has_a_row(dialog: SettingsDialog) -> None:
    words = visible_words(dialog)
    assert {spec.title for key, spec in SPECS.items() if key != "keys.bound"} <= words
    assert {action.title for action in ACTIONS if action.id != "stop"} <= words
    assert {key.partition(".")[0] for key in SPECS} == set(GROUPS)


def test_opening_asks_core_for_the_file_as_it_is(dialog: SettingsDialog, stage: Stage) -> None:
    assert ReadSettings() in stage.posted
    stage.play(ev.SettingsChanged(Settings(look_theme="light", search_workers=3)))
    assert cast(QSpinBox, control(dialog, "Verified at once")).value() == 3


def test_a_change_counts_at_once_and_is_written_by_core(dialog: SettingsDialog, stage: Stage) -> None:
    themes = cast(QComboBox, control(dialog, "Theme"))
    themes.activated.emit(themes.findData("contrast"))
    assert stage.look.theme.name == "contrast"
    assert stage.posted[-1] == ChangeSettings((("look.theme", "contrast"),))
    cast(QSpinBox, control(dialog, "Text size")).setValue(150)
    assert stage.look.percent == 150
    assert stage.posted[-1] == ChangeSettings((("look.text", 150),))


def test_the_way_back_is_offered(dialog: SettingsDialog, stage: Stage) -> None:
    back = control(dialog, "Default of Text size")
    assert not back.isVisibleTo(dialog)
    stage.window.change("look.text", 150)
    assert back.isVisibleTo(dialog)
    QTest.mouseClick(back, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(4, 4))
    assert stage.look.percent == 100
    assert stage.posted[-1] == ChangeSettings((("look.text", None),))
    assert not back.isVisibleTo(dialog)


def test_what_the_repository_says_is_shown_as_such(dialog: SettingsDialog, stage: Stage) -> None:
    own = SettingOverride("search.seconds", "30", "greenbar.toml")
    stage.play(ev.SettingsChanged(Settings(look_theme="light"), (own,)))
    assert "In this repository: 30, by greenbar.toml." in visible_words(dialog)


def test_a_search_leaves_what_was_meant(dialog: SettingsDialog) -> None:
    dialog.search.setText("text size")
    titles = visible_words(dialog)
    assert "Text size" in titles
    assert "Sandbox" not in titles
    assert "TESTS AND SANDBOX" not in titles
    dialog.search.setText("zebra")
    assert "Nothing here has that in its name." in visible_words(dialog)


def test_reset_is_one_command(dialog: SettingsDialog, stage: Stage) -> None:
    control(dialog, "Reset all").click()  # type: ignore[attr-defined]
    assert stage.posted[-1] == ResetSettings()


def test_keys_are_changed_where_they_are_pressed(dialog: SettingsDialog, stage: Stage) -> None:
    edit = dialog.findChild(QKeySequenceEdit, "run_tests")
    edit.setKeySequence(QKeySequence("F5"))
    edit.editingFinished.emit()
    assert stage.posted[-1] == ChangeSettings((("keys.bound", {"run_tests": "F5"}),))
    assert stage.window.ensure_menus().menu is not None
    assert stage.window.keys["run_tests"] == "F5"


def test_keys_that_are_taken_are_told_and_stay(dialog: SettingsDialog, stage: Stage) -> None:
    stage.posted.clear()
    edit = dialog.findChild(QKeySequenceEdit, "run_tests")
    edit.setKeySequence(QKeySequence("Ctrl+O"))
    edit.editingFinished.emit()
    assert "Ctrl+O is “Open repository…” already." in visible_words(dialog)
    assert stage.posted == []
    assert edit.keySequence().toString() == "Ctrl+R"


def test_a_fix_has_the_budget_that_was_set(stage: Stage) -> None:
    chosen = Settings(look_theme="light", search_seconds=30, search_tokens=500, search_dollars=2)
    stage.play(*replay.opened(), *replay.suite_run(), ev.SettingsChanged(chosen))
    stage.window.handlers.trigger("fix")
    assert stage.posted[-1] == Fix((), Budget(30, 500, 2))
    for begun in (ConfirmTests(("a.py::test_a",)), Refine(1)):
        stage.window.send(begun)
        assert stage.posted[-1] == replace(begun, budget=Budget(30, 500, 2))


def test_own_keys_show_in_menu_palette_cheat_sheet_and_tool_tip(stage: Stage) -> None:
    stage.play(*replay.opened(), *replay.suite_run())
    stage.play(ev.SettingsChanged(Settings(look_theme="light", keys_bound={"run_tests": "F5"})))
    entry = next(e for e in stage.window.ensure_menus().entries() if e.title == "Run tests")
    assert entry.detail == "F5"
    stage.window.handlers.trigger("keys")
    assert "F5" in {found.text() for found in stage.window.findChildren(QLabel)}
    workspace = stage.window.workspace
    assert workspace is not None
    assert "Run tests  F5" in {w.toolTip() for w in workspace.header.findChildren(QWidget)}


def test_two_actions_never_have_the_same_keys() -> None:
    bound = shortcuts({"run_tests": "Ctrl+O", "fix": "F9", "redo": "F9", "no such action": "F1"})
    assert bound["open"] == "Ctrl+O"
    assert bound["run_tests"] == ""
    taken = [keys for action, keys in bound.items() if keys and not BY_ID[action].in_review]
    assert len(taken) == len(set(taken))


def test_no_key_is_given_to_what_stops() -> None:
    assert shortcuts({"stop": "F2"})["stop"] == BY_ID["stop"].shortcut


def test_a_letter_of_the_review_is_no_conflict_with_keys_of_the_window() -> None:
    assert conflict("next_hunk", "Ctrl+O", {}) is None
    assert conflict("next_hunk", "A", {}) is BY_ID["accept_hunk"]
    assert conflict("fix", "Ctrl+O", {}) is BY_ID["open"]
    assert conflict("fix", "Ctrl+Enter", {}) is None


def test_what_is_typed_is_kept_when_the_field_is_left(dialog: SettingsDialog, stage: Stage) -> None:
    field = cast(QLineEdit, control(dialog, "Editor"))
    field.setText("code --goto {file}:{line}")
    field.editingFinished.emit()
    assert stage.posted[-1] == ChangeSettings((("editor.command", "code --goto {file}:{line}"),))
