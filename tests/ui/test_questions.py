"""A question card: seen when it matters, answered with one key, settled in place."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from core import events as ev
from core.commands import AnswerQuestion, TakeBackAnswer
from core.types import DECIDE, OTHER, Question
from tests.ui import replay
from tests.ui.replay import Stage
from ui.questions.card import QuestionCard


@pytest.fixture
def asked(stage: Stage) -> Stage:
    stage.show()
    stage.play(*replay.opened(), *replay.suite_run(), *replay.fixing(), *replay.asked())
    return stage


def card_of(stage: Stage, question: Question = replay.QUESTION) -> QuestionCard:
    assert stage.window.questions is not None
    card = stage.window.questions.card(question.id)
    assert card is not None
    return card


def texts(card: QuestionCard) -> str:
    return "\n".join(one.text() for one in card.findChildren(QLabel) if not one.isHidden())


def press(card: QuestionCard, key: Qt.Key) -> None:
    focused = card.focusWidget() or card.options[0]
    QTest.keyClick(focused, key)


def test_the_card_stands_alone_and_has_the_focus_on_what_is_recommended(asked: Stage) -> None:
    card = card_of(asked)
    said = texts(card)
    for words in (
        replay.QUESTION.text,
        replay.QUESTION.why,
        "recommended",
        "Looked up first",
        "1 more",
    ):
        assert words in said
    assert card.options[0].hasFocus()
    workspace = asked.window.ensure_workspace()
    assert workspace.tabs.currentWidget() is workspace.conversation
    assert workspace.tabs.tabText(workspace.tabs.indexOf(workspace.conversation)) == "Conversation (?)"
    assert asked.window.windowTitle().startswith("? Question")


@pytest.mark.parametrize(
    ("key", "choice"), [(Qt.Key.Key_1, 1), (Qt.Key.Key_2, 2), (Qt.Key.Key_D, DECIDE)]
)
def test_one_key_answers(asked: Stage, key: Qt.Key, choice: int) -> None:
    press(card_of(asked), key)
    assert asked.posted[-1] == AnswerQuestion(replay.QUESTION.id, choice)


def test_other_takes_words_in_which_keys_are_only_letters(asked: Stage) -> None:
    card = card_of(asked)
    press(card, Qt.Key.Key_O)
    assert card.field.hasFocus()
    QTest.keyClicks(card.field, "drop 2 of d")
    assert card.field.text() == "drop 2 of d"
    QTest.keyClick(card.field, Qt.Key.Key_Return)
    assert [c for c in asked.posted if isinstance(c, AnswerQuestion)] == [
        AnswerQuestion(replay.QUESTION.id, OTHER, "drop 2 of d")
    ]


def test_a_refused_answer_says_why_and_offers_the_way_out(asked: Stage) -> None:
    card = card_of(asked)
    asked.play(ev.AnswerRefused(replay.QUESTION.id, "No fix does both.", 3))
    assert card.refusal.text() == "No fix does both."
    QTest.mouseClick(card.undo_earlier, Qt.MouseButton.LeftButton)
    assert asked.posted[-1] == TakeBackAnswer(3)
    assert card.refusal.isHidden()


def test_an_answered_card_says_what_follows_and_can_be_taken_back(asked: Stage) -> None:
    card = card_of(asked)
    asked.play(ev.QuestionAnswered(replay.QUESTION.id, 2, sentence="1 fix is ruled out."))
    assert "1 fix is ruled out." in texts(card)
    assert replay.QUESTION.options[1].label in texts(card)
    assert "?" not in asked.window.windowTitle()
    card.taken_back.emit(replay.QUESTION.id)
    assert asked.posted[-1] == TakeBackAnswer(replay.QUESTION.id)
    asked.play(ev.AnswerTakenBack(replay.QUESTION.id))
    assert "taken back" in texts(card)


def test_a_question_keeps_the_review_back_until_it_is_answered(asked: Stage) -> None:
    asked.play(*replay.fixed())
    workspace = asked.window.ensure_workspace()
    assert workspace.tabs.currentWidget() is workspace.conversation
    asked.play(ev.QuestionAnswered(replay.QUESTION.id, 1, sentence="It stays."))
    asked.play(ev.WorkEnded())
    asked.settle(0.4)
    assert workspace.tabs.currentWidget() is workspace.review


def test_nobody_who_writes_is_interrupted(stage: Stage) -> None:
    stage.show()
    stage.play(*replay.opened(), *replay.suite_run())
    stage.window.ensure_workspace().tests.filter.setFocus()
    stage.play(*replay.asked())
    assert stage.window.ensure_workspace().tests.filter.hasFocus()
    stage.window.handlers.trigger("question")
    assert card_of(stage).options[0].hasFocus()


def test_a_withdrawn_question_goes_and_another_repository_has_none(asked: Stage) -> None:
    asked.play(ev.QuestionWithdrawn(replay.QUESTION.id, "The code has changed."))
    assert asked.window.questions is not None
    assert asked.window.questions.card(replay.QUESTION.id) is None
    asked.play(ev.QuestionAsked(replace(replay.QUESTION, id=9)), *replay.opened())
    assert asked.window.questions.card(9) is None
    assert asked.window.session.questions.current is None
