"""Long diffs: laid out in slices, coloured from another thread."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from core.types import FileDiff, Hunk
from tests.ui import replay
from tests.ui.replay import Stage
from ui.review.layout import Kind, lay_out
from ui.review.lexers import LexerFinder
from ui.review.rows import RowTable
from ui.review.view import DiffView

HEIGHTS = dict.fromkeys(Kind, 20)


def long_diff(hunks: int) -> FileDiff:
    """Every fourth line changes, each in a hunk of its own."""
    before = [f"x_{number} = {number}" for number in range(hunks * 4)]
    after = list(before)
    found = []
    for number in range(hunks):
        line = number * 4 + 1
        after[line] += " + 1"
        lines = (f" {before[line - 1]}\n", f"-{before[line]}\n", f"+{after[line]}\n")
        found.append(Hunk(f"a.py#{number}", "a.py", line, 2, line, 2, lines))
    text = "\n".join(before) + "\n"
    return FileDiff("a.py", text, "\n".join(after) + "\n", tuple(found))


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition() and time.monotonic() < deadline:
        QTest.qWait(5)
    assert condition()


def test_slices_make_the_rows_that_one_go_makes() -> None:
    file = long_diff(200)
    table = RowTable()
    table.start(lay_out([file], True), HEIGHTS)
    slices = 1
    while table.more(0.0):
        slices += 1
    assert slices > 3
    assert table.rows == list(lay_out([file], True))
    assert table.tops == [20 * number for number in range(len(table.rows) + 1)]
    assert [table.rows[at].hunk for at in table.hunks] == [hunk.id for hunk in file.hunks]


def test_what_is_in_sight_is_there_after_the_first_slice() -> None:
    table = RowTable()
    table.start(lay_out([long_diff(500)], True), HEIGHTS)
    assert table.more(0.0, until=900)
    assert table.tops[-1] >= 900
    assert table.at(900 - 1) is not None


def test_the_last_hunk_is_reached_before_the_rows_in_between_were_laid_out(stage: Stage) -> None:
    view = DiffView(stage.look)
    view.resize(800, 600)
    view.show_files([long_diff(2000)])
    assert view.current_hunk() == "a.py#0"
    view.step(1999)
    assert view.current_hunk() == "a.py#1999"
    assert view.verticalScrollBar().value() > 2000 * 40
    view.decide_current(False)
    assert "a.py#1999" not in view.chosen()
    view.deleteLater()


def test_scrolled_far_down_the_place_stays_when_the_mode_changes(stage: Stage) -> None:
    stage.show()
    view = DiffView(stage.look)
    view.resize(800, 600)
    view.show()
    view.show_files([long_diff(1000)])
    until(lambda: view.verticalScrollBar().maximum() > 1000 * 60)
    view.verticalScrollBar().setValue(50_000)
    view.set_side_by_side(False)
    assert view.verticalScrollBar().value() == 50_000
    view.close()
    view.deleteLater()


def test_a_lexer_is_found_without_waiting_and_without_leaving_a_thread(qapp: QApplication) -> None:
    finder = LexerFinder()
    for path in ("a/b.py", "c.nobody-knows", "CMakeLists.txt"):
        until(lambda path=path: finder.find(path) is not None)  # type: ignore[misc]
    assert type(finder.find("x.py")).__name__ == "PythonLexer"
    assert type(finder.find("c.nobody-knows")).__name__ == "TextLexer"
    assert type(finder.find("CMakeLists.txt")).__name__ == "CMakeLexer"
    until(lambda: not [t for t in threading.enumerate() if t.name == "lexer"])


@pytest.mark.parametrize("path", ["headers/parse.py"])
def test_the_diff_gets_its_colours(stage: Stage, path: str) -> None:
    view = DiffView(stage.look)
    highlighter = view._highlighter
    view.show_files([replay.diff_of(path, replay.BEFORE, replay.AFTER)])
    until(lambda: bool(highlighter.runs((0, "new"), 3)))
    assert highlighter.runs((0, "new"), 3)[0] == (0, 4, "code_keyword")
    view.deleteLater()
