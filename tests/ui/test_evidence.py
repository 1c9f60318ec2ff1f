"""Proof, evidence and commit in the window: what is shown of them, and what is asked of core."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication, QLabel, QPushButton

from core import events as ev
from core.commands import Accept, CommitAccepted, DraftCommit, Prove, SaveEvidence, Stop
from core.types import CommitDraft, OwnChanges, Proof, Requirement, RequirementSource, WithoutFix
from tests.ui import replay
from tests.ui.replay import Stage
from ui.evidence.words import is_sound, proof_sentence
from ui.window.cards import TroubleCard

FIXED = (*replay.opened(), *replay.suite_run(), *replay.fixing(), *replay.fixed())


def dialog(stage: Stage):
    made = stage.window.handlers.evidence.dialog
    assert made is not None
    return made


def texts(widget) -> str:
    return "\n".join(part.text() for part in widget.findChildren(QLabel) if not part.isHidden())


def test_the_proof_stands_by_the_verdict_in_the_inspector_and_at_each_hunk(stage: Stage) -> None:
    stage.show()
    stage.play(*FIXED)
    workspace = stage.window.workspace
    sentence = "Reverting it makes 6 tests fail on their assertion. 1 of 3 hunks needed by no test."
    assert sentence in texts(workspace.review)
    assert sentence in texts(workspace.fix)
    assert not workspace.inspector.evidence.isHidden()
    assert "1 of 3 hunks needed by no test." in texts(workspace.evidence)
    notes = workspace.review.view.notes
    assert notes["headers/parse.py#1"] == ("needed by no test", "attention")
    assert notes["headers/parse.py#2"][0] == "needed by test_write_6, test_write_9"
    place = next(b for b in workspace.evidence.findChildren(QPushButton) if b.text() == "parse.py:39")
    place.click()
    assert workspace.review.view.current_hunk() == "headers/parse.py#2"


def test_a_requirement_leads_to_the_hunks_that_its_tests_need_and_a_hunk_to_it(stage: Stage) -> None:
    stage.show()
    tests = replay.proved().hunks[2].tests
    need = Requirement(4, "Quotes are double", RequirementSource.REQUEST, tests=tests)
    stage.play(*FIXED, ev.LedgerChanged((need,)))
    workspace = stage.window.workspace
    note = workspace.review.view.notes["headers/parse.py#2"][0]
    assert note == "needed by test_write_6, test_write_9, for requirement 4"
    assert "for requirement" not in workspace.review.view.notes["headers/parse.py#0"][0]
    [row] = workspace.ledger.rows()
    links = [b for b in row.findChildren(QPushButton) if b.text().startswith("Hunk at")]
    assert [link.text() for link in links] == ["Hunk at parse.py:39"]
    links[0].click()
    assert workspace.review.view.current_hunk() == "headers/parse.py#2"


def test_the_proof_of_the_whole_is_not_shown_for_a_part(stage: Stage) -> None:
    stage.show()
    stage.play(*FIXED)
    review = stage.window.workspace.review
    review.view.decide_current(False)
    assert review._proof.isHidden()
    assert review.view.notes, "what is known of each hunk stays"
    stage.window.handlers.trigger("prove")
    assert stage.posted[-1] == Prove(14, ("headers/parse.py#1", "headers/parse.py#2"))
    part = Proof(replay.proved().reverted[:1], hunks=replay.proved().hunks[1:])
    stage.play(ev.Proven(14, part, whole=False), ev.WorkEnded())
    assert "Reverting it makes 1 test fail on its assertion." in review._proof.text()


def test_accept_need_not_wait_for_the_proof(stage: Stage) -> None:
    stage.show()
    unproven = [body for body in FIXED if not isinstance(body, ev.Proven)]
    stage.play(*unproven[:-1])
    assert stage.window.session.is_busy()
    stage.window.handlers.trigger("accept_all")
    assert isinstance(stage.posted[-1], Accept)


def test_a_commit_waits_for_the_word_on_own_changes_and_shows_what_a_hook_said(stage: Stage) -> None:
    stage.show()
    stage.play(*FIXED, ev.Accepted(1, ("headers/parse.py",)), ev.WorkEnded())
    stage.window.handlers.trigger("commit")
    assert stage.posted[-1] == DraftCommit()
    stage.play(ev.CommitDrafted(replay.commit_draft()), ev.WorkEnded())
    made = dialog(stage)
    assert not made.commit.isEnabled()
    made.leave.setChecked(True)
    made.commit.click()
    sent = stage.posted[-1]
    assert isinstance(sent, CommitAccepted)
    assert sent.own_changes is OwnChanges.LEAVE
    assert not made.branch.isEnabled()
    made.reject()
    assert stage.posted[-1] == Stop()
    refusal = ev.TroubleRaised("commit.hook", "The project's pre-commit hook refused.", (), "line 3: no")
    stage.play(refusal, ev.WorkEnded())
    assert not stage.window.findChildren(TroubleCard), "said once, where the user looks"
    assert made._said.toPlainText() == "line 3: no"
    made.message.setPlainText("")
    assert not made.commit.isEnabled()
    stage.play(ev.Committed("b", "3f9c2ab", ("headers/parse.py",), "", "HEAD was detached."))
    assert stage.window.handlers.evidence.dialog is None
    assert "Committed as 3f9c2ab on b" in texts(stage.window.workspace.fix)
    assert "HEAD was detached." in texts(stage.window.workspace.fix)


def test_cancelling_the_dialog_asks_nothing_of_core(stage: Stage) -> None:
    stage.show()
    stage.play(*FIXED, ev.Accepted(1, ("headers/parse.py",)), ev.WorkEnded())
    stage.play(ev.CommitDrafted(CommitDraft(1, "b", "m\n", ("a.py",))))
    before = list(stage.posted)
    dialog(stage).reject()
    assert stage.window.handlers.evidence.dialog is None
    assert stage.posted == before


def test_the_pull_request_text_goes_to_the_clipboard_and_evidence_to_a_file(stage: Stage) -> None:
    stage.show()
    stage.play(*FIXED)
    stage.window.handlers.evidence.save("/tmp/evidence.html")
    assert stage.posted[-1] == SaveEvidence("/tmp/evidence.html")
    stage.play(ev.EvidenceSaved("/tmp/evidence.html"), ev.PullRequestDrafted("# Fix"), ev.WorkEnded())
    assert QApplication.clipboard().text() == "# Fix"


def test_a_proof_that_does_not_bite_is_said_to_be_none() -> None:
    green = Proof(reverted=(WithoutFix("t.py::a", replay.Outcome.PASSED),))
    assert proof_sentence(green) == "Without the fix its tests pass all the same: that is no proof."
    assert not is_sound(green)
    assert not is_sound(replay.proved()), "an idle hunk asks for a second look"
