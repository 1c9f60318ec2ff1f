"""Tool tips show what is in them, and no markup of a repository is ever read as such."""

from __future__ import annotations

import pytest
from PySide6.QtGui import Qt, QTextDocument

from core import events as ev
from core.types import Outcome, TestResult
from tests.ui import replay
from tests.ui.replay import Stage
from ui.tips import tip

EVIL = "test_x.py::test_y[<img src='file:///etc/hostname'><a href='https://evil.example'>go</a>]"


@pytest.mark.parametrize("text", [EVIL, "<b>bold</b>", "<i>b</i> & c  d"])
def test_markup_is_shown_letter_by_letter(text: str) -> None:
    document = QTextDocument()
    document.setHtml(tip(text))
    assert document.toPlainText().replace("\u2028", "\n").replace("\xa0", " ") == text


@pytest.mark.parametrize("text", ["plain", "test_x.py::test_y[a-b]", "1 < 2", ""])
def test_what_is_no_markup_stays_as_it_is(text: str) -> None:
    assert tip(text) == text


def test_the_name_of_a_test_is_no_markup_in_the_tree(stage: Stage) -> None:
    stage.show()
    stage.play(*replay.opened(), ev.TestRunStarted("baseline"), ev.TestsCollected((EVIL,)))
    stage.play(ev.TestFinished(TestResult(EVIL, Outcome.FAILED, 0.1)))
    assert stage.window.workspace is not None
    model = stage.window.workspace.tests.view.model()
    folder = model.index(0, 0)
    found = model.data(model.index(0, 0, folder), Qt.ItemDataRole.ToolTipRole)
    assert "<img" not in found
