"""The way from welcome to undo, driven through the real window by events and keys."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QPushButton, QWidget

from core import commands as cmd
from core import events as ev
from core.types import Choice, ConsentKind, ConsentRequest, Remedy, Verdict
from tests.ui import replay
from tests.ui.replay import Stage
from ui.window.cards import ConsentCard, TroubleCard
from ui.window.workspace import Workspace

TO_RED = (*replay.opened(), *replay.suite_run())
TO_REVIEW = (*TO_RED, *replay.fixing(), *replay.fixed())
HUNKS = tuple(f"headers/parse.py#{number}" for number in range(3))


def workspace(stage: Stage) -> Workspace:
    assert stage.window.workspace is not None
    return stage.window.workspace


def button(parent: QWidget, text: str) -> QPushButton:
    """The visible button with this text."""
    found = [b for b in parent.findChildren(QPushButton) if b.text() == text and not b.isHidden()]
    assert len(found) == 1, f"{text}: {len(found)}"
    return found[0]


def words(parent: QWidget) -> str:
    return "\n".join(found.text() for found in parent.findChildren(QLabel) if found.isVisible())


def test_the_first_page_offers_recent_repositories_with_their_last_verdict(stage: Stage) -> None:
    entry = stage.state.remember("/r/headers", "headers", 1.0)
    entry.passed, entry.failed = 4, 2
    stage.window.welcome.refresh_recent()
    stage.show()
    assert "✗ 2 tests fail" in words(stage.window)
    recent = [b for b in stage.window.findChildren(QPushButton) if "headers" in b.accessibleName()]
    recent[0].click()
    assert stage.posted[-1] == cmd.OpenRepository("/r/headers")


def test_what_is_missing_can_be_mended_from_the_first_page(stage: Stage) -> None:
    stage.show()
    stage.play(replay.readiness())
    button(stage.window, "Download").click()
    assert stage.posted[-1] == cmd.DownloadModel(use=True)


def test_from_the_first_page_there_is_a_way_back_to_the_open_repository(stage: Stage) -> None:
    stage.show()
    stage.play(*TO_RED)
    stage.window.handlers.trigger("welcome")
    stage.settle()
    assert not stage.window.shows_workspace()
    button(stage.window.welcome, "← Back to headers").click()
    assert stage.window.shows_workspace()
    stage.window.handlers.trigger("welcome")
    QTest.keyClick(stage.window, Qt.Key.Key_Escape)
    assert stage.window.shows_workspace()


def test_a_dropped_folder_is_opened(stage: Stage, tmp_path: Path) -> None:
    folder = tmp_path / "with space ä"
    folder.mkdir()
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(folder))])
    drop = QDropEvent(
        QPointF(10, 10),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    stage.window.dropEvent(drop)
    assert stage.posted == [cmd.OpenRepository(str(folder))]


def test_the_inspector_shows_what_variables_held_where_a_test_failed(stage: Stage) -> None:
    stage.show()
    stage.play(*TO_RED, *replay.fixing(2))
    inspector = workspace(stage).inspector
    assert "in parse, line 25" not in shown_blocks(inspector)
    failed = replay.results()[replay.RED[0]]
    bottom = replace(failed.frames[-1], values=(("name", "'X-Flag'"), ("value", "''")))
    stage.play(ev.FailuresTraced((replace(failed, frames=(failed.frames[0], bottom)),)))
    assert "in parse, line 25\n  name = 'X-Flag'\n  value = ''" in shown_blocks(inspector)


def test_a_candidates_failure_can_be_read_whole(stage: Stage) -> None:
    stage.show()
    stage.play(*TO_RED, *replay.fixing(3))
    panes = workspace(stage)
    stage.window.handlers.trigger("tab_candidates")
    panes.candidates.table.setCurrentIndex(panes.candidate_model.index_of(1))
    stage.settle()
    button(panes.candidates, "Show the failure").click()
    stage.settle()
    assert ", with candidate 1" in words(panes.inspector)
    assert replay.TRACEBACK.strip() in shown_blocks(panes.inspector)
    panes.inspector.show_test(replay.targets()[2])
    assert "with candidate" not in words(panes.inspector)


def shown_blocks(parent: QWidget) -> str:
    return "\n".join(b.toPlainText() for b in parent.findChildren(QPlainTextEdit) if b.isVisible())


def test_when_tests_have_failed_the_first_failure_is_open_and_fix_is_at_hand(stage: Stage) -> None:
    stage.show()
    stage.play(*TO_RED)
    panes = workspace(stage)
    assert panes.inspector.node() == replay.targets()[0]
    assert "AssertionError" in words(panes.inspector).replace("\u200b", "")
    assert "6 tests fail" in words(panes.fix)
    QTest.keyClick(stage.window, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert stage.posted[-1] == cmd.Fix()
    assert stage.window.session.is_busy()


def test_the_users_own_choice_of_a_test_is_not_taken_away_by_a_new_run(stage: Stage) -> None:
    stage.show()
    stage.play(*TO_RED)
    panes = workspace(stage)
    panes.tests.select(replay.targets()[3])
    panes.tests.view.pressed.emit(panes.tests.view.currentIndex())
    stage.play(ev.TestRunStarted("baseline"), *replay.suite_run())
    assert panes.tests.selected() == replay.targets()[3]


def test_a_click_on_the_bar_shows_the_test_under_it(stage: Stage) -> None:
    stage.show()
    stage.play(*TO_RED)
    bar = workspace(stage).bar
    place = replay.RED[2]
    x = int((place + 0.5) * bar.width() / 128)
    QTest.mouseClick(bar, Qt.MouseButton.LeftButton, pos=QPoint(x, 5))
    assert workspace(stage).inspector.node() == replay.targets()[2]


def test_fixing_only_the_selected_test_names_it(stage: Stage) -> None:
    stage.show()
    stage.play(*TO_RED)
    workspace(stage).tests.select(replay.targets()[2])
    stage.window.handlers.trigger("fix_selected")
    assert stage.posted[-1] == cmd.Fix((replay.targets()[2],))


def test_candidates_appear_live_and_the_best_one_can_be_opened(stage: Stage) -> None:
    stage.show()
    stage.play(*TO_RED, *replay.fixing(11))
    panes = workspace(stage)
    assert panes.candidate_model.rowCount() == 11
    assert "5 of 6" in words(panes.fix)
    button(panes.fix, "Open").click()
    assert stage.posted[-1] == cmd.ShowCandidate(7)
    stage.play(ev.ReviewReady(7, "t", replay.review_files(), replay.evidence(7, 5)))
    assert panes.tabs.currentWidget() is panes.review
    assert not button(panes.review, "Accept anyway").isEnabled()


def test_escape_stops_what_runs(stage: Stage) -> None:
    stage.show()
    stage.play(*TO_RED, *replay.fixing(3))
    QTest.keyClick(stage.window, Qt.Key.Key_Escape)
    assert stage.posted[-1] == cmd.Stop()
    assert stage.window.session.is_busy()
    stage.play(ev.WorkEnded(stopped=True))
    assert not stage.window.session.is_busy()


def test_a_proven_fix_opens_its_diff_with_the_verdict_first(stage: Stage) -> None:
    stage.show()
    stage.play(*TO_REVIEW)
    panes = workspace(stage)
    assert panes.tabs.currentWidget() is panes.review
    assert words(panes.review).startswith("✓\n6 fixed, 0 broken, tests untouched")
    assert panes.review.view.proven
    button(panes.review, "Accept all").click()
    assert stage.posted[-1] == cmd.Accept(14)


def test_why_it_was_chosen_and_what_speaks_against_it_is_told(stage: Stage) -> None:
    choice = Choice("It is the smallest change of 3 that pass.", 3, ("f always returns the same",))
    stage.show()
    stage.play(*TO_RED, *replay.fixing())
    for body in replay.fixed():
        if isinstance(body, ev.FixFinished):
            body = ev.FixFinished(replace(body.result, choice=choice))
        stage.play(body)
    panes = workspace(stage)
    warning = "It may be made for the tests: f always returns the same. Read it with care."
    assert warning in words(panes.review)
    panes.show_tab(panes.conversation)
    stage.settle()
    assert choice.rule in words(panes.fix)
    assert warning in words(panes.fix)


def test_hunks_are_taken_and_left_out_by_single_keys(stage: Stage) -> None:
    stage.show()
    stage.play(*TO_REVIEW)
    view = workspace(stage).review.view
    view.setFocus()
    assert view.chosen() == HUNKS
    QTest.keyClick(view, Qt.Key.Key_N)
    QTest.keyClick(view, Qt.Key.Key_R)
    assert view.chosen() == (HUNKS[0], HUNKS[2])
    QTest.keyClick(view, Qt.Key.Key_P)
    QTest.keyClick(view, Qt.Key.Key_A)
    assert view.chosen() == HUNKS
    QTest.keyClick(view, Qt.Key.Key_U)
    assert view.chosen() == (HUNKS[0], HUNKS[2])
    QTest.keyClick(view, Qt.Key.Key_U)
    assert view.chosen() == HUNKS
    QTest.keyClick(view, Qt.Key.Key_Space)
    assert len(view.chosen()) == 2


def test_a_choice_of_hunks_is_not_called_proven_until_it_is(stage: Stage) -> None:
    stage.show()
    stage.play(*TO_REVIEW)
    review = workspace(stage).review
    review.view.choose(HUNKS[1], False)
    stage.settle()
    chosen = (HUNKS[0], HUNKS[2])
    assert not review.view.proven
    assert not button(review, "Accept all").isEnabled()
    button(review, "Verify selection").click()
    assert stage.posted[-1] == cmd.VerifySelection(14, chosen)
    stage.play(ev.SelectionVerified(14, chosen, replay.comparison(6)), ev.WorkEnded())
    assert review.view.proven
    assert "With these 2 hunks: 6 fixed" in words(review)
    button(review, "Accept selected (2 of 3)").click()
    assert stage.posted[-1] == cmd.Accept(14, chosen)


def test_a_selection_known_to_fall_short_is_accepted_only_as_the_users_own_decision(stage: Stage) -> None:
    stage.show()
    stage.play(*TO_REVIEW)
    review = workspace(stage).review
    review.view.choose(HUNKS[1], False)
    chosen = (HUNKS[0], HUNKS[2])
    stage.play(ev.SelectionVerified(14, chosen, replay.comparison(4)))
    button(review, "Accept selected (2 of 3)").click()
    assert stage.posted[-1] == cmd.Accept(14, chosen, anyway=True)


def test_the_bar_promises_only_what_was_verified_for_this_choice(stage: Stage) -> None:
    stage.show()
    stage.play(*TO_REVIEW)
    review = workspace(stage).review
    assert stage.window.session.judged() == replay.comparison(6)
    review.view.choose(HUNKS[1], False)
    assert stage.window.session.judged() is None
    stage.play(ev.SelectionVerified(14, (HUNKS[0], HUNKS[2]), replay.comparison(4)))
    assert stage.window.session.judged() == replay.comparison(4)
    review.view.choose(HUNKS[1], True)
    assert stage.window.session.judged() == replay.comparison(6)


def test_an_accept_that_core_refused_can_be_insisted_on(stage: Stage) -> None:
    stage.show()
    stage.play(*TO_REVIEW)
    review = workspace(stage).review
    review.view.choose(HUNKS[0], False)
    stage.settle()
    button(review, "Accept selected (2 of 3)").click()
    refused = ev.TroubleRaised(
        "accept.not_sound", "It breaks a test.", (Remedy("Write", "accept_anyway"),)
    )
    stage.play(ev.SelectionVerified(14, HUNKS[1:], replay.comparison(0)), refused, ev.WorkEnded())
    card = stage.window.findChild(TroubleCard)
    assert card is not None
    button(card, "Write").click()
    assert stage.posted[-1] == cmd.Accept(14, HUNKS[1:], anyway=True)


def test_another_candidate_is_not_said_to_be_written(stage: Stage) -> None:
    stage.show()
    stage.play(*TO_REVIEW, ev.Accepted(1, ("headers/parse.py",)), ev.WorkEnded())
    stage.play(ev.ReviewReady(7, "other", replay.review_files(), replay.evidence(7, 5)))
    review = workspace(stage).review
    stage.window.handlers.trigger("tab_review")
    assert "Written" not in words(review)
    assert not button(review, "Accept anyway").isEnabled()


def test_edits_to_tests_are_left_out_until_they_are_chosen(stage: Stage) -> None:
    locked = replay.diff_of("tests/test_parse.py", "assert 1 == 2\n", "assert True\n", locked=True)
    files = (*replay.review_files(), locked)
    stage.show()
    stage.play(*TO_RED, *replay.fixing(), *replay.fixed())
    stage.play(ev.ReviewReady(14, "t", files, replay.evidence(14, 6)))
    review = workspace(stage).review
    assert review.chosen() == HUNKS
    assert "edits tests" in words(review)
    button(review, "Accept all but tests").click()
    assert stage.posted[-1] == cmd.Accept(14, HUNKS)
    stage.play(ev.WorkEnded())
    review.view.choose("tests/test_parse.py#0", True)
    stage.settle()
    button(review, "Accept selected (4 of 4)").click()
    assert stage.posted[-1] == cmd.Accept(14, None)


def test_after_accept_the_window_is_green_and_undo_brings_red_back(stage: Stage) -> None:
    stage.show()
    stage.play(*TO_REVIEW, ev.Accepted(1, ("headers/parse.py",)), ev.WorkEnded())
    panes = workspace(stage)
    assert stage.window.session.counts().failed == 0
    assert "127 pass" in words(panes.counts)
    assert "Written to headers/parse.py" in words(panes.review)
    QTest.keyClick(stage.window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert stage.posted[-1] == cmd.Undo()
    stage.play(ev.Undone(1, ("headers/parse.py",)), ev.WorkEnded())
    assert "6 fail" in words(panes.counts)
    stage.window.handlers.trigger("redo")
    assert stage.posted[-1] == cmd.Redo()


def test_the_last_verdict_of_a_repository_is_remembered(stage: Stage) -> None:
    stage.play(*TO_RED)
    entry = stage.state.recent[0]
    assert (entry.name, entry.passed, entry.failed, entry.other) == ("headers", 121, 6, 1)


def test_without_a_confident_fix_the_window_says_why_and_what_would_help(stage: Stage) -> None:
    stage.show()
    stage.play(*TO_RED, *replay.fixing(12), *replay.fixed(Verdict.IMPROVED))
    panes = workspace(stage)
    assert panes.tabs.currentWidget() is panes.conversation
    said = words(panes.fix)
    assert "No confident fix in 2:00. Best: 5 of 6" in said
    assert "Nothing was written." in said
    button(panes.fix, "Try for five minutes").click()
    fix = stage.posted[-1]
    assert isinstance(fix, cmd.Fix)
    assert (fix.tests, fix.budget.seconds) == (replay.targets(), 300.0)


def test_a_diff_that_core_did_not_send_is_asked_for_once(stage: Stage) -> None:
    stage.show()
    bodies = [body for body in replay.fixed() if not isinstance(body, ev.ReviewReady)]
    stage.play(*TO_RED, *replay.fixing(), *bodies, ev.WorkEnded(), ev.WorkEnded())
    assert stage.posted.count(cmd.ShowCandidate(14)) == 1


def test_a_permission_is_asked_for_without_blocking_and_answered_by_a_button(stage: Stage) -> None:
    stage.show()
    request = ConsentRequest(ConsentKind.HOST, "Run without a sandbox?", "It means this.", "Run", "No")
    stage.play(*TO_RED, ev.ConsentNeeded(request))
    card = stage.window.findChild(ConsentCard)
    assert card is not None
    assert card.isVisible()
    workspace(stage).tests.select(replay.targets()[1])
    assert workspace(stage).inspector.node() == replay.targets()[1]
    button(card, "No").click()
    assert stage.posted[-1] == cmd.AnswerConsent(ConsentKind.HOST, False)
    assert not stage.window.notices.waits_for_answer()


def test_a_question_answered_elsewhere_goes_away(stage: Stage) -> None:
    request = ConsentRequest(ConsentKind.HOST, "t", "x", "y")
    stage.play(ev.ConsentNeeded(request), ev.ConsentGiven(ConsentKind.HOST, True))
    assert not stage.window.notices.waits_for_answer()


def test_a_dropped_prompt_is_mended_by_the_button_of_its_trouble(stage: Stage) -> None:
    stage.show()
    remedies = (Remedy("Keep prompts under 300 tokens", "mend_truncation", "greenbar models limit m"),)
    stage.play(
        *TO_RED,
        ev.PromptDropped("openai:m", 900, 300),
        ev.TroubleRaised("model.prompt_dropped", "Your server dropped 600 tokens.", remedies),
    )
    button(stage.window, "Keep prompts under 300 tokens").click()
    assert stage.posted[-1] == cmd.MendTruncation()


def test_a_trouble_offers_its_remedies_and_folds_its_details(stage: Stage) -> None:
    stage.show()
    remedies = (Remedy("Start Docker", "start_docker"), Remedy("By hand", "", "systemctl start docker"))
    stage.play(ev.TroubleRaised("docker.down", "Docker is not running.", remedies, "refused"))
    card = stage.window.findChild(TroubleCard)
    assert card is not None
    button(card, "Copy: systemctl start docker").click()
    assert stage.application.clipboard().text() == "systemctl start docker"
    button(card, "Start Docker").click()
    assert stage.posted[-1] == cmd.StartDocker()
    assert not stage.window.notices.dismiss_last()


def test_the_same_trouble_twice_is_shown_once(stage: Stage) -> None:
    trouble = ev.TroubleRaised("a.b", "It broke.")
    stage.play(trouble, trouble)
    assert stage.window.notices.dismiss_last()
    assert not stage.window.notices.dismiss_last()


def test_nothing_goes_on_turning_after_the_work_has_ended(stage: Stage) -> None:
    stage.show()
    stage.play(ev.Progress("model", "Downloading", 0.3))
    assert stage.window.notices.isVisible()
    stage.play(ev.WorkEnded())
    assert not stage.window.notices.isVisible()


def test_what_happened_before_the_log_existed_is_in_the_log(stage: Stage) -> None:
    stage.play(ev.Noticed("The model answers."), *TO_RED)
    log = workspace(stage).log.toPlainText()
    assert "The model answers." in log
    assert "128 tests in 3.4 s, 6 tests fail." in log


def test_words_from_outside_are_never_markup(stage: Stage) -> None:
    stage.show()
    stage.play(ev.TroubleRaised("x", "<b>bold</b> <img src='http://x/y'>"))
    card = stage.window.findChild(TroubleCard)
    assert card is not None
    assert {label.textFormat() for label in card.findChildren(QLabel)} == {Qt.TextFormat.PlainText}


@pytest.mark.parametrize(
    "action", ["toggle_split", "copy_patch", "tab_candidates", "tab_prompts", "toggle_log"]
)
def test_window_actions_work_in_review(stage: Stage, action: str) -> None:
    stage.show()
    stage.play(*TO_REVIEW)
    before = stage.state.side_by_side
    stage.window.handlers.trigger(action)
    stage.settle()
    panes = workspace(stage)
    done = {
        "toggle_split": stage.state.side_by_side is not before,
        "copy_patch": stage.application.clipboard().text().startswith("diff --git a/headers/parse.py"),
        "tab_candidates": panes.tabs.currentWidget() is panes.candidates,
        "tab_prompts": panes.tabs.currentWidget() is panes.prompts,
        "toggle_log": panes.log.isVisible(),
    }
    assert done[action]


def test_a_storm_of_events_ends_in_a_state_that_is_right(stage: Stage) -> None:
    stage.show()
    stage.play(*replay.storm(400, 4000))
    counts = stage.window.session.counts()
    assert (counts.total, counts.failed, counts.waiting) == (400, 11, 0)
    assert workspace(stage).candidate_model.rowCount() == 20
