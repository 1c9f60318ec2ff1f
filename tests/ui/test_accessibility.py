"""Everything that can be focused has a name, and nothing is cut off in a small window."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QTabBar, QWidget

from core import events as ev
from core.types import ConsentKind, ConsentRequest, Remedy, Verdict
from tests.ui import replay
from tests.ui.replay import Stage
from ui.inspector.section import Section
from ui.widgets import Elided, label

CARDS: tuple[ev.Body, ...] = (
    ev.TroubleRaised("a.b", "It is broken.", (Remedy("Mend it", "run_doctor"),), "details"),
    ev.ConsentNeeded(ConsentRequest(ConsentKind.HOST, "Run it?", "Plain words.", "Run")),
    ev.Progress("model", "Downloading", 0.5),
)
RED = (*replay.opened(), *replay.suite_run())
STATES: dict[str, tuple[ev.Body, ...]] = {
    "welcome": (replay.readiness(),),
    "cards": CARDS,
    "running": (*replay.opened(),),
    "red": RED,
    "fixing": (*RED, *replay.fixing(11)),
    "question": (*RED, *replay.fixing(12), *replay.asked()),
    "review": (*RED, *replay.fixing(), *replay.fixed()),
    "no fix": (*RED, *replay.fixing(12), *replay.fixed(Verdict.IMPROVED), *CARDS),
    "accepted": (*RED, *replay.fixing(), *replay.fixed(), ev.Accepted(1, ("a.py",)), ev.WorkEnded()),
}


def all_tabs(stage: Stage) -> Iterable[None]:
    workspace = stage.window.workspace
    tabs = workspace.tabs.count() if workspace is not None else 1
    for number in range(tabs):
        if workspace is not None:
            workspace.tabs.setCurrentIndex(number)
        stage.settle()
        yield


def described(widget: QWidget) -> str:
    return f"{type(widget).__name__} in {type(widget.parent()).__name__}"


@pytest.mark.parametrize("state", STATES)
def test_every_widget_that_takes_the_focus_has_a_name(stage: Stage, state: str) -> None:
    stage.show()
    stage.play(*STATES[state])
    nameless: set[str] = set()
    for _ in all_tabs(stage):
        for widget in stage.window.findChildren(QWidget):
            focusable = widget.focusPolicy() & Qt.FocusPolicy.TabFocus
            if widget.isVisible() and focusable and not widget.accessibleName():
                nameless.add(described(widget))
    assert nameless == set()


def cut_off(window: QWidget) -> set[str]:
    """What cannot be read whole."""
    cut: set[str] = set()
    for widget in window.findChildren(QWidget):
        if not widget.isVisible() or isinstance(widget, (Elided, QTabBar)):
            continue
        if isinstance(widget, QAbstractButton) and not widget.text():
            continue
        if isinstance(widget, QLabel) and widget.wordWrap():
            if widget.height() < widget.heightForWidth(widget.width()):
                cut.add(f"{described(widget)}: {widget.text()}")
        elif isinstance(widget, (QLabel, QAbstractButton)):
            wanted = widget.sizeHint()
            if widget.width() < wanted.width() or widget.height() < wanted.height():
                cut.add(f"{described(widget)}: {widget.text()}")
    return cut


@pytest.mark.parametrize("size", [(900, 560), (1024, 700), (1440, 900)])
@pytest.mark.parametrize("state", STATES)
def test_nothing_is_cut_off(stage: Stage, state: str, size: tuple[int, int]) -> None:
    stage.show(*size)
    stage.play(*STATES[state])
    assert (stage.window.width(), stage.window.height()) == size
    cut: set[str] = set()
    for _ in all_tabs(stage):
        cut |= cut_off(stage.window)
    assert cut == set()


@pytest.mark.parametrize("scale", [1.25, 1.5])
@pytest.mark.parametrize("state", STATES)
def test_nothing_is_cut_off_where_text_is_larger(qapp: QApplication, state: str, scale: float) -> None:
    stage = Stage(qapp, scale=scale)
    stage.show(1200, 800)
    stage.play(*STATES[state])
    assert (stage.window.width(), stage.window.height()) == (1200, 800)
    cut: set[str] = set()
    for _ in all_tabs(stage):
        cut |= cut_off(stage.window)
    stage.close()
    assert cut == set()


@pytest.mark.parametrize("state", ["red", "review"])
def test_nothing_reaches_beyond_its_window(stage: Stage, state: str) -> None:
    stage.show(1024, 700)
    stage.play(*STATES[state])
    workspace = stage.window.workspace
    assert workspace is not None
    for part in (workspace.header, workspace.bar, workspace.counts, workspace.tabs, stage.window.status):
        right = part.mapTo(stage.window, part.rect().bottomRight())
        assert stage.window.rect().contains(right)


def test_below_1200_pixels_the_inspector_is_a_tab_and_above_it_is_not(stage: Stage) -> None:
    stage.show(1440, 900)
    stage.play(*RED)
    workspace = stage.window.workspace
    assert workspace is not None
    assert workspace.tabs.indexOf(workspace.inspector) == -1
    stage.window.resize(1100, 700)
    stage.settle()
    assert workspace.tabs.indexOf(workspace.inspector) == workspace.tabs.count() - 1
    stage.window.resize(1440, 900)
    stage.settle()
    assert workspace.tabs.indexOf(workspace.inspector) == -1
    assert workspace.inspector.isVisible()


def test_below_1024_pixels_the_tests_are_a_drawer_and_above_it_they_are_not(stage: Stage) -> None:
    stage.show(1440, 900)
    stage.play(*RED)
    workspace = stage.window.workspace
    assert workspace is not None
    stage.window.resize(1000, 700)
    stage.settle()
    assert not workspace.tests.isVisible()
    stage.window.handlers.trigger("toggle_tests")
    stage.settle()
    assert workspace.tests.isVisible()
    assert workspace.side.height() == workspace.body.height()
    assert workspace.tabs.width() == stage.window.width()
    stage.window.handlers.escape()
    assert not workspace.tests.isVisible()
    stage.window.resize(1440, 900)
    stage.settle()
    assert workspace.tests.isVisible()
    assert workspace.tabs.x() >= workspace.side.width()


def test_what_others_put_into_the_inspector_and_the_drawer_stands_there(stage: Stage) -> None:
    stage.show()
    stage.play(*RED)
    workspace = stage.window.workspace
    assert workspace is not None
    section = Section("MINE")
    assert section.isHidden()
    section.hold(label("What I have to say"))
    assert not section.isHidden()
    workspace.inspector.requirements.hold(mine := label("1  The API is unchanged"))
    pages = workspace.drawer.tabs.count()
    workspace.drawer.add(label("Python"), "Console")
    stage.settle()
    assert mine.isVisible()
    assert workspace.drawer.tabs.count() == pages + 1


def test_the_changed_files_stand_under_the_tests_and_open_the_diff(stage: Stage) -> None:
    stage.show()
    stage.play(*RED)
    workspace = stage.window.workspace
    assert workspace is not None
    assert not workspace.changes.isVisible()
    stage.play(*replay.fixing(), *replay.fixed())
    assert workspace.changes.isVisible()
    stage.window.handlers.trigger("tab_candidates")
    workspace.changes.view.clicked.emit(workspace.changes.model.index(0))
    assert workspace.tabs.currentWidget() is workspace.review


def walk(stage: Stage) -> list[QWidget]:
    """Everything that the Tab key reaches, from the tests on."""
    workspace = stage.window.workspace
    assert workspace is not None
    stage.window.activateWindow()
    workspace.tests.view.setFocus()
    seen: list[QWidget] = [workspace.tests.view]
    for _ in range(60):
        stage.window.focusNextChild()
        focused = stage.application.focusWidget()
        if focused is None or focused is seen[0]:
            return seen
        seen.append(focused)
    raise AssertionError("the walk does not come round")


def test_the_tab_key_walks_through_the_window_and_comes_round(stage: Stage) -> None:
    stage.show()
    stage.play(*RED)
    seen = walk(stage)
    assert len(seen) >= 6
    assert len(set(map(id, seen))) == len(seen)


@pytest.mark.parametrize(
    ("state", "wanted"),
    [
        ("red", ["Tests", "Views", "Conversation", "Fix 6 tests", "6 tests: AssertionError"]),
        (
            "review",
            [
                "Tests",
                "Changed files",
                "Views",
                "Accept all",
                "Show as unified diff",
                "Diff",
                "Inspector",
            ],
        ),
        (
            "accepted",
            ["Tests", "Changed files", "Views", "Undo the last accept", "Show as unified diff", "Diff"],
        ),
        ("cards", []),
    ],
)
def test_the_tab_key_goes_as_the_eye_does(stage: Stage, state: str, wanted: list[str]) -> None:
    stage.show()
    stage.play(*(RED if state == "cards" else ()), *STATES[state])
    names = [widget.accessibleName() for widget in walk(stage)]
    if state == "cards":
        assert names.index("Menu") < names.index("Run") < names.index("Mend it") < names.index("Dismiss")
        assert names.index("Dismiss") < names.index("Filter tests")
        return
    assert [name.partition("Error")[0] for name in names[: len(wanted)]] == [
        name.partition("Error")[0] for name in wanted
    ]
