"""The card of a request: what it shows, what can be changed, what it sends."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QAbstractButton, QCheckBox, QLineEdit, QPlainTextEdit

from core import events as ev
from core.commands import ConfirmTask, ConfirmTests, DropRequest
from tests.ui.replay import Stage, opened, proposed, requested, suite_run
from ui.ledger.request_card import RequestCard

RESTATED = (*opened(), *suite_run(True), *requested(), ev.WorkEnded())


@pytest.fixture
def card(stage: Stage) -> RequestCard:
    stage.show(1440, 900)
    stage.play(*RESTATED)
    assert stage.window.workspace is not None
    made = stage.window.workspace.request
    assert made is not None
    return made


def test_the_task_is_confirmed_as_it_was_changed(stage: Stage, card: RequestCard) -> None:
    assert card.task.toPlainText().startswith("parse_header has to keep commas")
    assert not card.confirm.isVisible()
    card.task.setPlainText("Keep commas.")
    card.propose.click()
    assert stage.posted[-1] == ConfirmTask("Keep commas.")


def test_only_chosen_tests_are_sent_and_changed_sources(stage: Stage, card: RequestCard) -> None:
    stage.play(*proposed(), ev.WorkEnded())
    assert card.confirm.text() == "Make these 2 tests the target"
    first, second = card.tests
    second.choice.setChecked(False)
    first.code.setPlainText(first.code.toPlainText().replace("1,2", "3,4"))
    card.confirm.click()
    sent = stage.posted[-1]
    assert isinstance(sent, ConfirmTests)
    assert sent.which == (first.test.node_id,)
    assert sent.edited == {first.test.node_id: first.test.source.replace("1,2", "3,4")}
    first.choice.setChecked(False)
    assert not card.confirm.isEnabled()


def test_confirmed_tests_can_no_longer_be_changed_and_the_card_says_what_follows(
    stage: Stage, card: RequestCard
) -> None:
    stage.play(*proposed())
    nodes = tuple(row.test.node_id for row in card.tests)
    stage.play(ev.TestsConfirmed(nodes, ("tests/test_parse.py",)), ev.WorkEnded())
    assert card.task.isReadOnly()
    assert not any(row.isEnabled() for row in card.tests)
    assert not card.confirm.isVisible()
    assert card.discard.isVisible()


def test_a_request_that_was_given_up_says_so(stage: Stage, card: RequestCard) -> None:
    card.discard.click()
    assert stage.posted[-1] == DropRequest()
    stage.play(ev.RequestDropped(), ev.WorkEnded())
    assert not card.propose.isVisible()


def test_every_part_that_takes_the_focus_has_a_name(stage: Stage, card: RequestCard) -> None:
    stage.play(*proposed(), ev.WorkEnded())
    assert stage.window.workspace is not None
    for place in (card, stage.window.workspace.ledger):
        for kind in (QAbstractButton, QCheckBox, QLineEdit, QPlainTextEdit):
            for part in place.findChildren(kind):
                assert part.accessibleName(), part
