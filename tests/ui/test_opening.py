"""Opening: by a drop, a second repository over a first, one that was accepted into before."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QLabel

from core import commands as cmd
from core import events as ev
from core.types import RepositoryInfo
from tests.ui import replay
from tests.ui.replay import Stage
from ui.session import Busy

TO_RED = (*replay.opened(), *replay.suite_run())
OTHER = RepositoryInfo("/home/ada/code/other", "other", "main", 0, 3)


def words(stage: Stage) -> str:
    found = stage.window.findChildren(QLabel)
    return "\n".join(label.text() for label in found if label.isVisible())


def dragged(*paths: Path) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return data


def enter(data: QMimeData) -> QDragEnterEvent:
    keys, buttons = Qt.KeyboardModifier.NoModifier, Qt.MouseButton.LeftButton
    return QDragEnterEvent(QPoint(9, 9), Qt.DropAction.CopyAction, data, buttons, keys)


def test_a_folder_held_over_the_window_is_named_and_let_go_of(stage: Stage, tmp_path: Path) -> None:
    stage.show()
    folder = tmp_path / "ein Projekt ü"
    folder.mkdir()
    data = dragged(folder)
    event = enter(data)
    stage.window.dragEnterEvent(event)
    assert event.isAccepted()
    assert "Drop to open ein Projekt ü" in words(stage)
    stage.window.dragLeaveEvent(QDragLeaveEvent())
    assert "Drop to open" not in words(stage)
    assert stage.posted == []


def test_a_file_dropped_opens_its_folder_and_text_opens_nothing(stage: Stage, tmp_path: Path) -> None:
    stage.show()
    file = tmp_path / "setup.py"
    file.touch()
    keys, buttons = Qt.KeyboardModifier.NoModifier, Qt.MouseButton.LeftButton
    data = dragged(file)  # the event does not own it
    drop = QDropEvent(QPointF(9, 9), Qt.DropAction.CopyAction, data, buttons, keys)
    stage.window.dropEvent(drop)
    assert stage.posted == [cmd.OpenRepository(str(tmp_path))]
    text = QMimeData()
    text.setText("hello")
    event = enter(text)
    event.ignore()
    stage.window.dragEnterEvent(event)
    assert not event.isAccepted()


def test_another_repository_takes_over_while_a_fix_of_the_first_runs(stage: Stage) -> None:
    stage.show()
    stage.play(*TO_RED, *replay.fixing(9))
    stage.window.open_path(OTHER.path)
    assert stage.posted[-1] == cmd.OpenRepository(OTHER.path)
    assert stage.window.session.busy is Busy.OPENING
    stage.play(*replay.fixed(), ev.RepositoryOpened(OTHER))
    stage.play(ev.WorkEnded())
    assert not stage.window.session.is_busy()
    assert stage.window.session.candidates == {}
    assert "Candidate" not in words(stage).replace("Candidates", "")
    assert stage.window.windowTitle() == "other · Greenbar"


def test_changing_the_sandbox_meanwhile_does_not_hide_that_a_fix_runs(stage: Stage) -> None:
    stage.show()
    stage.play(*TO_RED, *replay.fixing(3))
    stage.window.handlers.trigger("sandbox_auto")
    assert stage.window.session.busy is Busy.FIXING


def test_a_folder_that_fails_to_open_leaves_the_first_repository_as_it_is(stage: Stage) -> None:
    stage.show()
    stage.play(*TO_RED)
    stage.window.open_path("/home/ada/Downloads")
    trouble = ev.TroubleRaised("repository.not_git", "/home/ada/Downloads is not in a git repository.")
    stage.play(trouble, ev.WorkEnded())
    assert stage.window.shows_workspace()
    assert trouble.sentence in words(stage)
    assert "6 tests fail" in words(stage)
    assert stage.window.windowTitle().startswith("headers · 6 fail")


def test_accepts_of_an_earlier_day_can_be_undone_in_a_reopened_repository(
    stage: Stage,
) -> None:
    stage.show()
    stage.play(*replay.opened(), ev.AcceptsFound(2, 0), *replay.suite_run(True))
    header = stage.window.workspace.header  # type: ignore[union-attr]
    assert header._undo.isVisible()
    header._undo.click()
    assert stage.posted[-1] == cmd.Undo()
    stage.play(ev.RepositoryOpened(OTHER), ev.AcceptsFound(0, 0), ev.WorkEnded())
    assert not header._undo.isVisible()
