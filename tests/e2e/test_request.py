"""A request in words on the real window: understood, tests confirmed, red, green, written together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from core import events as ev
from core.commands import Request
from core.types import RequirementState, Verdict
from tests.e2e.conftest import Desktop
from ui.session import Busy

pytestmark = [pytest.mark.slow, pytest.mark.bubblewrap]

FILES = {
    "age.py": "def is_adult(age):\n    return age > 18\n",
    "tests/test_age.py": "from age import is_adult\n\n\ndef test_old():\n    assert is_adult(40)\n",
}
MakeRepository = Callable[[Mapping[str, str]], Path]


def open_and_ask(desktop: Desktop, root: Path, words: str) -> None:
    desktop.window.open_path(str(root))
    desktop.wait(lambda: desktop.idle() and bool(desktop.window.session.results), "the first run")
    desktop.window.send(Request(words), Busy.TESTING)
    desktop.wait(lambda: desktop.idle() and bool(desktop.bodies(ev.TaskRestated)), "the task")


def test_a_request_becomes_tests_then_code_and_both_are_written(
    open_desktop: Callable[..., Desktop], repository: MakeRepository
) -> None:
    root = repository(FILES)
    desktop = open_desktop(sandbox="bubblewrap")
    desktop.wait(desktop.idle, "the start")
    open_and_ask(desktop, root, "is_adult(18) should be true, and is_adult(17) should be 7")
    workspace = desktop.window.ensure_workspace()
    card = workspace.request
    assert card is not None
    assert card.task.toPlainText() == "is_adult(18) should be true, and is_adult(17) should be 7"

    card.task.setPlainText("is_adult(18) should be true, and is_adult(17) should be 8")
    QTest.mouseClick(card.propose, Qt.MouseButton.LeftButton)
    desktop.wait(lambda: desktop.idle() and bool(card.tests), "the proposed tests")
    assert [row.test.node_id.rpartition("::")[2] for row in card.tests] == [
        "test_is_adult_18",
        "test_is_adult_17",
    ]
    assert "8" in card.tests[1].code.toPlainText()

    card.tests[1].choice.setChecked(False)
    assert card.confirm.text() == "Make this test the target"
    QTest.mouseClick(card.confirm, Qt.MouseButton.LeftButton)
    desktop.wait(lambda: desktop.idle() and bool(desktop.bodies(ev.FixFinished)), "the fix")
    assert desktop.bodies(ev.FixFinished)[-1].result.verdict is Verdict.GREEN
    assert (root / "age.py").read_text() == FILES["age.py"]

    desktop.wait(lambda: desktop.window.session.review is not None, "the review")
    review = desktop.window.session.review
    assert review is not None
    assert {file.path: file.confirmed for file in review.files} == {
        "age.py": False,
        "tests/test_age.py": True,
    }
    desktop.do("accept_all")
    desktop.wait(lambda: desktop.idle() and bool(desktop.bodies(ev.Accepted)), "the accept")
    assert ">= 18" in (root / "age.py").read_text()
    assert "def test_is_adult_18" in (root / "tests/test_age.py").read_text()
    desktop.wait(
        lambda: (
            [one.state for one in desktop.window.session.ledger.requirements]
            == [RequirementState.PASSING]
        ),
        "the requirement to pass",
    )


def test_a_requirement_is_added_changed_and_dropped_in_the_inspector(
    open_desktop: Callable[..., Desktop], repository: MakeRepository
) -> None:
    desktop = open_desktop(sandbox="bubblewrap")
    desktop.wait(desktop.idle, "the start")
    desktop.window.open_path(str(repository({**FILES, "AGENTS.md": "- Never print.\n"})))
    state = desktop.window.session.ledger
    desktop.wait(lambda: len(state.requirements) == 1, "the rule of AGENTS.md")
    pane = desktop.window.ensure_workspace().ledger
    pane.add.setText("keep the order")
    QTest.keyClick(pane.add, Qt.Key.Key_Return)
    desktop.wait(lambda: len(pane.rows()) == 2, "the added line")
    row = pane.rows()[1]
    row.fold.set_open(True)
    row.edit.setText("keep the order of equals")
    QTest.keyClick(row.edit, Qt.Key.Key_Return)
    desktop.wait(lambda: state.requirements[1].text == "keep the order of equals", "the changed line")
    pane.rows()[0].dropped.emit()
    desktop.wait(lambda: [one.line.id for one in pane.rows()] == [2], "the dropped line")
