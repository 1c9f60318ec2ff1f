"""Two fixes pass and differ on what no test sees: the card, one key, another best, its review."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from core.commands import SelectStrategy
from core.events import (
    FixFinished,
    QuestionAnswered,
    QuestionAsked,
    Reranked,
    ReviewReady,
    TestRunFinished,
)
from core.types import Verdict

AMBIGUOUS = {
    "ages.py": "def is_adult(age):\n    return age < 18\n",
    "test_ages.py": "from ages import is_adult\n\n\n"
    "def test_adult():\n    assert is_adult(30)\n    assert not is_adult(5)\n",
}
PLAIN = {
    "calc.py": "def add(a, b):\n    return a - b\n",
    "test_calc.py": "from calc import add\n\n\ndef test_add():\n    assert add(2, 3) == 5\n\n\n"
    "def test_more():\n    assert add(-1, 4) == 3\n    assert add(7, -9) == -2\n",
}


def open_and_fix(desktop, root) -> None:
    desktop.window.open_path(str(root))
    desktop.wait(lambda: bool(desktop.bodies(TestRunFinished)) and desktop.idle(), "the baseline")
    desktop.window.send(SelectStrategy("deep"))  # it looks on for others that pass
    desktop.do("fix")
    desktop.wait(lambda: bool(desktop.bodies(FixFinished)) and desktop.idle(), "the fix")


@pytest.mark.bubblewrap
def test_pressing_2_makes_another_fix_the_best_and_the_review_shows_it(open_desktop, repository):
    desktop = open_desktop(sandbox="bubblewrap")
    open_and_fix(desktop, repository(AMBIGUOUS))
    first = desktop.bodies(FixFinished)[-1].result
    assert first.verdict is Verdict.GREEN
    [asked] = desktop.bodies(QuestionAsked)
    assert asked.question.text.startswith("What should is_adult(")
    workspace = desktop.window.ensure_workspace()
    assert workspace.tabs.currentWidget() is workspace.conversation, "the question is in sight"
    card = desktop.window.questions.card(asked.question.id)
    assert card.options[0].hasFocus()

    QTest.keyClick(card.options[0], Qt.Key.Key_2)
    desktop.wait(lambda: bool(desktop.bodies(Reranked)), "the new best")
    best = desktop.bodies(Reranked)[-1].result.best.id
    assert best != first.best.id
    assert best in asked.question.options[1].candidates
    assert desktop.bodies(QuestionAnswered)[-1].choice == 2

    def settled() -> bool:
        while (current := desktop.window.session.questions.current) is not None:
            return bool(desktop.window.questions.card(current.id)) and answer(current.id)
        return desktop.bodies(ReviewReady)[-1].candidate == desktop.window.session.best

    def answer(number: int) -> bool:
        card = desktop.window.questions.card(number)
        QTest.keyClick(card.options[0], Qt.Key.Key_1)
        desktop.wait(
            lambda: any(a.question == number for a in desktop.bodies(QuestionAnswered)), "the answer"
        )
        return False

    desktop.wait(settled, "the review")
    desktop.wait(lambda: workspace.tabs.currentWidget() is workspace.review, "the review's tab")
    assert desktop.window.session.review.candidate == desktop.window.session.best


@pytest.mark.bubblewrap
def test_where_those_that_pass_behave_alike_no_card_is_shown(open_desktop, repository):
    desktop = open_desktop(sandbox="bubblewrap")
    open_and_fix(desktop, repository(PLAIN))
    assert desktop.bodies(FixFinished)[-1].result.verdict is Verdict.GREEN
    assert desktop.bodies(QuestionAsked) == []
    workspace = desktop.window.ensure_workspace()
    desktop.wait(lambda: workspace.tabs.currentWidget() is workspace.review, "the review")
