"""Themes: readable, and the only place where colours are named."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QApplication

import ui
from core.commands import ChangeSettings
from tests.ui import replay
from tests.ui.replay import Stage
from ui.theme.icons import NAMES, icon
from ui.theme.look import Look, palette_of
from ui.theme.sheet import sheet_of
from ui.theme.tokens import CONTRAST, DARK, LIGHT, THEMES, Theme, contrast

TEXTS = ("text", "muted", "link", "passed", "failed", "attention", "idle", "proposed")
SURFACES = ("window", "panel", "raised")
CODE = ("text", "code_keyword", "code_string", "code_number", "code_comment", "code_name")
CODE_SURFACES = ("panel", "added", "added_word", "proven", "proven_word", "removed", "removed_word")
PAIRS = [
    *((text, surface) for text in TEXTS for surface in SURFACES),
    *((text, surface) for text in CODE for surface in CODE_SURFACES),
    ("on_accent", "accent"),
    ("on_accent", "accent_hover"),
    ("text", "selection"),
    ("muted", "selection"),
    ("text", "failed_soft"),
    ("failed", "failed_soft"),
    ("text", "attention_soft"),
    ("attention", "attention_soft"),
    ("passed", "passed_soft"),
    ("muted", "passed_soft"),
    ("muted", "gutter"),
    ("passed", "selection"),
    ("failed", "selection"),
    ("attention", "selection"),
    ("passed", "accent_soft"),
    ("muted", "accent_soft"),
    *((text, "proposed_soft") for text in ("text", "muted", "proposed")),
]
FOCUSED = ("window", "panel", "raised", "selection", "accent_soft")


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: theme.name)
@pytest.mark.parametrize(("text", "surface"), PAIRS)
def test_text_is_readable_on_every_surface_it_stands_on(theme: Theme, text: str, surface: str) -> None:
    assert contrast(getattr(theme, text), getattr(theme, surface)) >= 4.5


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: theme.name)
@pytest.mark.parametrize("surface", FOCUSED)
def test_what_has_the_focus_can_be_told_on_every_surface(theme: Theme, surface: str) -> None:
    assert contrast(theme.focus, getattr(theme, surface)) >= 3


@pytest.mark.parametrize(("text", "surface"), PAIRS)
def test_in_high_contrast_every_text_has_the_higher_ratio(text: str, surface: str) -> None:
    assert contrast(getattr(CONTRAST, text), getattr(CONTRAST, surface)) >= 7


def test_every_theme_tells_the_outcomes_apart_by_their_fills() -> None:
    for theme in THEMES.values():
        fills = (theme.passed_fill, theme.failed_fill, theme.attention_fill, theme.idle_fill)
        assert len({*fills, theme.proposed_fill}) == 5


def test_contrast_is_the_ratio_of_the_accessibility_guidelines() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_no_colour_is_named_outside_the_tokens() -> None:
    root = Path(ui.__file__).parent
    named = re.compile(r"#[0-9a-fA-F]{6}\b|GlobalColor|QColor\(\d")
    found = {
        path.relative_to(root).as_posix()
        for path in root.rglob("*.py")
        if named.search(path.read_text(encoding="utf-8"))
    }
    assert found == {"theme/tokens.py"}


def test_no_button_is_ever_green() -> None:
    for theme in THEMES.values():
        greens = {theme.passed, theme.passed_fill, theme.passed_soft, theme.proven, theme.proven_word}
        rules = re.findall(r"(Q(?:Push|Tool)Button[^{}]*)\{([^{}]*)\}", sheet_of(theme))
        assert rules
        assert not [name for name, rule in rules if any(green in rule for green in greens)]


def test_the_theme_switches_while_the_window_is_open(stage: Stage) -> None:
    stage.show()
    stage.window.handlers.trigger("theme_dark")
    window = QPalette.ColorRole.Window
    assert stage.window.palette().color(window).name() == DARK.window
    stage.window.handlers.trigger("theme_light")
    assert stage.window.palette().color(window).name() == LIGHT.window


def test_a_chosen_theme_is_remembered(stage: Stage) -> None:
    stage.window.handlers.trigger("theme_dark")
    assert stage.posted[-1] == ChangeSettings((("look.theme", "dark"),))


def test_painted_widgets_are_told_of_a_new_theme(qapp: QApplication) -> None:
    look = Look(qapp, "light")
    told: list[str] = []
    look.changed.connect(lambda: told.append(look.theme.name))
    look.choose("dark")
    look.choose("light")
    assert told[-1] == "light"
    assert "dark" in told
    look.deleteLater()


def test_text_and_what_holds_it_grow_and_shrink_while_the_window_is_open(stage: Stage) -> None:
    stage.show()
    stage.play(*replay.opened(), *replay.suite_run())
    workspace = stage.window.workspace
    assert workspace is not None
    heights = []
    for percent in (80, 100, 200):
        stage.look.zoom(percent)
        stage.settle()
        heights.append((workspace.header.height(), workspace.tests.view.sizeHintForRow(0)))
    assert heights == [(38, 21), (48, 26), (96, 52)]


def test_the_text_size_stays_within_what_is_designed_for(qapp: QApplication) -> None:
    look = Look(qapp, "light", 1.0)
    for wanted, got in ((10, 80), (135, 135), (900, 200)):
        look.zoom(wanted)
        assert look.percent == got
        assert look.px(100) == got
    look.deleteLater()


def test_with_reduced_motion_nothing_moves(qapp: QApplication) -> None:
    look = Look(qapp, "light")
    assert 120 <= look.motion_ms <= 180
    look.calm(True)
    assert look.motion_ms == 0
    look.deleteLater()


def test_every_icon_is_drawn_in_the_colour_of_the_text(qapp: QApplication) -> None:
    look = Look(qapp, "dark")
    for name in NAMES:
        picture = icon(name, look).pixmap(32, 32).toImage()
        inked = [
            picture.pixelColor(x, y)
            for x in range(picture.width())
            for y in range(picture.height())
            if picture.pixelColor(x, y).alpha() == 255
        ]
        assert inked, name
        assert {colour.name() for colour in inked} == {DARK.text}, name
    look.deleteLater()


def test_disabled_text_differs_from_enabled_text() -> None:
    palette = palette_of(LIGHT)
    disabled = palette.color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.Text)
    assert disabled != palette.color(QPalette.ColorGroup.Active, QPalette.ColorRole.Text)
