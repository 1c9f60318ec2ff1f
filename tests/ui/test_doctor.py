"""The doctor's page: rows as they come, a remedy for each trouble, the self-test's result."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget

from core import events as ev
from core.commands import RunDoctor, RunSelfTest, StartDocker
from core.types import ReadinessRow, ReadinessState, SandboxKind, SelfTestReport
from tests.ui import replay, replay_pages
from tests.ui.replay import Stage
from tests.ui.test_accessibility import cut_off
from ui.welcome.page import needed


def page(stage: Stage) -> QWidget:
    assert stage.window.doctor is not None
    return stage.window.doctor


def words(stage: Stage) -> str:
    return "\n".join(part.text() for part in page(stage).findChildren(QLabel) if part.isVisible())


def named(stage: Stage, name: str) -> QPushButton:
    return next(b for b in page(stage).findChildren(QPushButton) if b.accessibleName() == name)


@pytest.fixture
def shown(stage: Stage) -> Stage:
    stage.show()
    stage.window.handlers.trigger("doctor")
    return stage


def test_opening_it_looks_around_and_tries_the_sandbox_once(shown: Stage) -> None:
    assert shown.posted == [RunDoctor(), RunSelfTest()]
    shown.play(*replay_pages.doctor())
    shown.window.handlers.escape()
    assert not shown.window.shows_doctor()
    shown.window.handlers.trigger("doctor")
    assert shown.posted[2:] == [RunDoctor()]


def test_rows_come_one_by_one_and_the_focus_stays(shown: Stage) -> None:
    looking = ReadinessRow("git", ReadinessState.LOOKING, "Looking…")
    shown.play(ev.ReadinessChanged((looking,)))
    assert "Looking…" in words(shown)
    shown.play(*replay_pages.doctor(troubled=True))
    start = named(shown, "Docker: Start Docker")
    start.setFocus()
    shown.play(*replay_pages.doctor(troubled=True))
    assert shown.application.focusWidget() is start
    shown.play(*replay_pages.doctor())
    assert not start.isVisible()


def test_a_trouble_is_mended_by_its_button_or_its_command(shown: Stage) -> None:
    shown.play(*replay_pages.doctor(troubled=True))
    named(shown, "Docker: Start Docker").click()
    assert shown.posted[-1] == StartDocker()
    named(shown, "Copy the command for Podman").click()
    assert QApplication.clipboard().text() == "sudo apt install podman"


def test_the_self_test_says_what_is_isolated_and_names_a_promise_that_is_not_kept(shown: Stage) -> None:
    shown.play(ev.Progress("self_test", "Building the sandbox image", None))
    assert "Building the sandbox image" in words(shown)
    assert not named(shown, "Test the sandbox").isEnabled()
    shown.play(ev.Progress("self_test", "", 1.0, done=True), *replay_pages.doctor())
    assert f"{replay.SANDBOX}." in words(shown)
    assert named(shown, "Test the sandbox").isEnabled()
    shown.play(*replay_pages.doctor(troubled=True))
    assert "Not so: no network (the internet can be reached)." in words(shown)
    host = SelfTestReport(SandboxKind.HOST, "This computer: not isolated", isolated=False)
    shown.play(ev.SelfTested(host))
    assert "Nothing is isolated." in words(shown)


@pytest.mark.parametrize("size", [(900, 560), (1440, 900)])
@pytest.mark.parametrize("troubled", [False, True])
def test_nothing_is_cut_off_and_all_that_takes_the_focus_has_a_name(
    stage: Stage, size: tuple[int, int], troubled: bool
) -> None:
    stage.show(*size)
    stage.window.handlers.trigger("doctor")
    stage.play(*replay_pages.doctor(troubled))
    assert cut_off(page(stage)) == set()
    for widget in page(stage).findChildren(QWidget):
        if widget.isVisible() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
            assert widget.accessibleName()


def test_leaving_it_shows_the_repository_that_is_open(stage: Stage) -> None:
    stage.show()
    stage.play(*replay.opened(), *replay.suite_run())
    stage.window.handlers.trigger("doctor")
    assert stage.window.shows_doctor()
    stage.window.handlers.escape()
    assert stage.window.shows_workspace()


def test_the_first_page_leaves_out_a_podman_that_nobody_needs() -> None:
    rows = replay_pages.doctor()[0].rows  # type: ignore[union-attr]
    assert "Podman" not in {row.subject for row in needed(rows)}
    troubled = replay_pages.doctor(troubled=True)[0].rows  # type: ignore[union-attr]
    assert "Podman" in {row.subject for row in needed(troubled)}
