"""The page of the set-up: what is found, whose word it is, and the user's own."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QLabel

from core import events as ev
from core.commands import ChooseSetUp, LookAtSetUp, SetUpEnvironment
from core.types import SetUpChoice
from tests.ui import replay, replay_pages
from tests.ui.replay import Stage
from tests.ui.test_accessibility import cut_off
from ui.session import Busy
from ui.setup.page import SetUpPage


def page(stage: Stage) -> SetUpPage:
    assert stage.window.set_up is not None
    return stage.window.set_up


def words(stage: Stage) -> str:
    return "\n".join(part.text() for part in page(stage).findChildren(QLabel) if part.isVisible())


@pytest.fixture
def shown(stage: Stage) -> Stage:
    stage.show()
    stage.play(*replay.opened(), *replay.suite_run(), ev.WorkEnded())
    stage.posted.clear()
    stage.window.handlers.trigger("show_set_up")
    return stage


def test_it_asks_core_and_shows_what_it_finds(shown: Stage) -> None:
    assert shown.posted == [LookAtSetUp()]
    assert "Looking…" in words(shown)
    assert not page(shown).now.isEnabled()
    shown.play(replay_pages.set_up())
    for text in ("requirements-test.txt", "make generated", ">=3.10", "You have allowed it", "in 9 s."):
        assert text in words(shown)
    assert page(shown).now.isEnabled()
    assert not page(shown).forget.isEnabled(), "there is no word of the user's to forget"
    assert cut_off(shown.window) == set()


def test_the_users_commands_are_sent_one_for_each_line(shown: Stage) -> None:
    shown.play(replay_pages.set_up())
    page(shown).instead.click()
    assert shown.posted == [LookAtSetUp()], "without a command there is nothing to choose"
    page(shown).commands.setPlainText("  make env \n\npip install -e .\n")
    page(shown).instead.click()
    assert shown.posted[1:] == [ChooseSetUp(("make env", "pip install -e ."))]
    assert shown.window.session.busy is Busy.PREPARING
    assert shown.window.shows_workspace()


def test_nothing_and_forgetting_are_words_too(shown: Stage) -> None:
    shown.play(replay_pages.set_up())
    page(shown).nothing.click()
    shown.play(replay_pages.set_up(SetUpChoice.NOTHING), ev.WorkEnded())
    shown.window.handlers.trigger("show_set_up")
    assert "nothing is to be installed" in words(shown)
    page(shown).forget.click()
    assert [c for c in shown.posted if isinstance(c, ChooseSetUp)] == [ChooseSetUp(()), ChooseSetUp(None)]


def test_own_commands_are_shown_to_be_changed(shown: Stage) -> None:
    shown.play(replay_pages.set_up(SetUpChoice.COMMANDS))
    assert page(shown).commands.toPlainText() == "make environment\npip install -e .[test]"
    page(shown).now.click()
    assert shown.posted[-1] == SetUpEnvironment()


def test_escape_leaves_it_and_another_repository_forgets_it(shown: Stage) -> None:
    shown.play(replay_pages.set_up())
    shown.window.handlers.escape()
    assert shown.window.shows_workspace()
    shown.play(*replay.opened())
    assert shown.window.session.set_up is None
