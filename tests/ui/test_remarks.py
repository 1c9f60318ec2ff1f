"""Remarks and refusals in the review: the box, the three steps, corrected in place, what is sent."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from core import commands as cmd
from core import events as ev
from core.types import ChangeKind, Refusal, RemarkPlace, RemarkReading, UnderstoodRemark
from tests.ui import replay
from tests.ui.replay import Stage
from ui.remarks.card import RemarkCard
from ui.review.pane import ReviewPane

TO_REVIEW = (*replay.opened(), *replay.suite_run(), *replay.fixing(), *replay.fixed())
BEST = next(body.result.best.id for body in replay.fixed() if isinstance(body, ev.FixFinished))
PATH = replay.review_files()[0].path
HUNKS = tuple(hunk.id for file in replay.review_files() for hunk in file.hunks)
PLACE = RemarkPlace(PATH, 12, 12, HUNKS[0])
REMARK = UnderstoodRemark(
    1, BEST, PLACE, "use >= here", RemarkReading(ChangeKind.CHANGE, PLACE, "Use `>=` here.")
)


def review(stage: Stage) -> ReviewPane:
    stage.show()
    stage.play(*TO_REVIEW)
    assert stage.window.workspace is not None
    return stage.window.workspace.review


def words(pane: ReviewPane) -> str:
    return "\n".join(found.text() for found in pane.findChildren(QLabel) if found.isVisible())


def test_c_opens_a_box_at_the_hunk_and_ctrl_enter_makes_the_remark(stage: Stage) -> None:
    pane = review(stage)
    assert not pane.remarks.isVisible(), "nothing is in the way before the first remark"
    QTest.keyClick(pane.view, Qt.Key.Key_C)
    assert pane.remarks.is_writing()
    assert QApplication.focusWidget() is pane.remarks.box
    QTest.keyClicks(pane.remarks.box, "use >= here")
    QTest.keyClick(pane.remarks.box, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    made = stage.posted[-1]
    assert isinstance(made, cmd.Remark)
    assert (made.candidate, made.place.hunk, made.text) == (BEST, HUNKS[0], "use >= here")
    assert not pane.remarks.is_writing()
    assert QApplication.focusWidget() is pane.view


def test_escape_leaves_the_box_and_keeps_what_was_written(stage: Stage) -> None:
    pane = review(stage)
    stage.window.handlers.trigger("remark")
    QTest.keyClicks(pane.remarks.box, "half a")
    sent = len(stage.posted)
    QTest.keyClick(pane.remarks.box, Qt.Key.Key_Escape)
    assert not pane.remarks.is_writing()
    stage.window.handlers.trigger("remark_all")
    assert pane.remarks.box.toPlainText() == "half a"
    assert len(stage.posted) == sent


def test_the_three_steps_are_shown_and_corrected_in_place(stage: Stage) -> None:
    pane = review(stage)
    stage.play(ev.RemarkUnderstood(REMARK), ev.WorkEnded())
    [card] = pane.findChildren(RemarkCard)
    assert card.solution.text() == "Use `>=` here."
    card.solution.setText("Use `<=` here.")
    card.solution.editingFinished.emit()
    assert stage.posted[-1] == cmd.CorrectRemark(1, replace(REMARK.reading, solution="Use `<=` here."))
    card.kind.setCurrentIndex(3)
    card.kind.activated.emit(3)
    assert stage.posted[-1].reading.kind is ChangeKind.RENAME


def test_a_new_round_keeps_what_is_chosen_and_not_remarked_on(stage: Stage) -> None:
    pane = review(stage)
    stage.play(ev.RemarkUnderstood(REMARK), ev.WorkEnded())
    QTest.keyClick(pane.view, Qt.Key.Key_N)
    pane.view.choose(HUNKS[1], False)
    pane.remarks.go.click()
    assert stage.posted[-1] == cmd.Refine(BEST, HUNKS[2:])


def test_a_remark_in_doubt_is_said_to_be_and_holds_the_round_back(stage: Stage) -> None:
    pane = review(stage)
    doubt = "There is no `total` at headers/parse.py:12. Where does it belong?"
    stage.play(ev.RemarkUnderstood(replace(REMARK, doubt=doubt)), ev.WorkEnded())
    assert doubt in words(pane)
    assert not pane.remarks.go.isEnabled()
    stage.play(ev.RemarkDropped(1))
    assert pane.findChildren(RemarkCard) == [] or not pane.findChildren(RemarkCard)[0].isVisible()


def test_refusing_a_hunk_asks_why_without_taking_the_focus(stage: Stage) -> None:
    pane = review(stage)
    pane.view.setFocus()
    QTest.keyClick(pane.view, Qt.Key.Key_R)
    assert stage.posted[-1] == cmd.RefuseHunk(BEST, HUNKS[0])
    assert HUNKS[0] not in pane.chosen()
    assert "Hunk 1 is refused and will not be proposed again." in words(pane)
    assert QApplication.focusWidget() is pane.view, "the next hunk can be decided on at once"
    pane.remarks.refused.why.setText("too slow")
    pane.remarks.refused.why.editingFinished.emit()
    assert stage.posted[-1] == cmd.RefuseHunk(BEST, HUNKS[0], "too slow")


def test_what_was_refused_can_be_taken_back_by_undo_and_from_the_list(stage: Stage) -> None:
    pane = review(stage)
    hunk = replay.review_files()[0].hunks[0]
    lines = tuple(line for line in hunk.lines if line[:1] in "+-")
    QTest.keyClick(pane.view, Qt.Key.Key_R)
    stage.play(ev.RefusalsChanged((Refusal(7, PATH, lines, "too slow"),)))
    assert pane.remarks.go.isEnabled(), "a round finds something else in its place"
    QTest.keyClick(pane.view, Qt.Key.Key_U)
    assert stage.posted[-1] == cmd.AllowHunk(7)
    stage.play(ev.RefusalsChanged(()))
    assert not pane.remarks.isVisible()


def test_words_of_a_remark_are_never_markup(stage: Stage) -> None:
    pane = review(stage)
    evil = '<a href="https://evil.example">click</a><img src="https://evil.example/x.png">'
    stage.play(ev.RemarkUnderstood(replace(REMARK, text=evil, doubt=evil)), ev.WorkEnded())
    shown = [found for found in pane.findChildren(QLabel) if "evil" in found.text()]
    assert shown
    assert all(found.textFormat() is Qt.TextFormat.PlainText for found in shown)
