"""The matrix: every candidate against every test, whole at any size, by mouse and by keyboard."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from core import events as ev
from core.types import Comparison, Evidence, Outcome, Rung, TestReport, TestResult, Verdict
from tests.ui import replay
from tests.ui.replay import Stage
from tests.ui.test_accessibility import cut_off
from ui.matrix.pane import MatrixPane
from ui.matrix.table import Cell, MatrixTable, squeezed

TESTS = tuple(f"t.py::test_{number}" for number in range(6))
BASELINE = {
    node: TestResult(node, Outcome.FAILED if number in (2, 5) else Outcome.PASSED)
    for number, node in enumerate(TESTS)
}


def evidence(candidate: int, rung: Rung = Rung.SUITE, **lists: tuple[str, ...]) -> Evidence:
    return Evidence(candidate, rung, Comparison(Verdict.IMPROVED, **lists), 0.1, 6)


@pytest.fixture
def table() -> MatrixTable:
    made = MatrixTable()
    made.start(TESTS, BASELINE)
    return made


def test_failing_tests_are_the_first_columns(table: MatrixTable) -> None:
    assert table.tests[:2] == (TESTS[2], TESTS[5])
    assert list(table.before) == [Cell.FAILED] * 2 + [Cell.PASSED] * 4


def test_a_candidate_that_ran_the_whole_suite_keeps_the_tests_that_did_not_change(
    table: MatrixTable,
) -> None:
    table.put(evidence(7, fixed=(TESTS[2],), still_failing=(TESTS[5],), broken=(TESTS[0],)))
    assert list(table.row(7)) == [Cell.FIXED, Cell.FAILED, Cell.BROKEN, *[Cell.PASSED] * 3]


def test_what_was_not_run_for_a_candidate_is_not_claimed(table: MatrixTable) -> None:
    table.put(evidence(7, Rung.TARGET, still_failing=(TESTS[2],)))
    assert list(table.row(7)) == [Cell.FAILED, *[Cell.UNKNOWN] * 5]


def test_the_best_candidates_are_the_first_rows(table: MatrixTable) -> None:
    table.put(evidence(1, still_failing=(TESTS[2], TESTS[5])))
    table.put(evidence(2, fixed=(TESTS[2],), broken=(TESTS[0],)))
    table.put(evidence(3, fixed=(TESTS[2],)))
    assert table.order == [3, 2, 1]
    table.put(evidence(1, fixed=(TESTS[2], TESTS[5])))
    assert table.order == [1, 3, 2]


@given(st.lists(st.sampled_from(list(Cell)), min_size=1, max_size=60), st.integers(1, 9))
def test_nothing_broken_is_lost_where_tests_share_a_pixel(cells: list[Cell], share: int) -> None:
    line = squeezed(bytearray(cells), share)
    assert len(line) == -(-len(cells) // share)
    assert max(line) == max(cells)
    assert (Cell.BROKEN in line) == (Cell.BROKEN in cells)


# --- in the window ------------------------------------------------------------------------------------


def pane(stage: Stage) -> MatrixPane:
    assert stage.window.workspace is not None
    return stage.window.workspace.matrix


def fill(stage: Stage, tests: int, candidates: int) -> None:
    nodes = tuple(f"tests/test_{number // 50}.py::test_{number}" for number in range(tests))
    results = tuple(
        TestResult(node, Outcome.FAILED if place % 40 == 0 else Outcome.PASSED)
        for place, node in enumerate(nodes)
    )
    chance = random.Random(3)
    red = [result.node_id for result in results if result.outcome.is_red]
    stage.play(
        *replay.opened(),
        ev.TestRunStarted("baseline"),
        ev.TestRunFinished("baseline", TestReport(results, nodes, 1.0)),
        ev.WorkEnded(),
    )
    stage.window.handlers.trigger("tab_matrix")
    for number in range(1, candidates + 1):
        fixed = tuple(chance.sample(red, chance.randrange(len(red))))
        broken = tuple(chance.sample(nodes, chance.randrange(4)))
        stage.play(
            ev.CandidateProposed(number, "mutation", "m.py:2 swap", ("m.py",), 1, 1),
            ev.CandidateVerified(evidence(number, fixed=fixed, broken=broken), False),
        )


def test_five_thousand_tests_fit_and_every_red_one_can_be_found(stage: Stage) -> None:
    stage.show()
    fill(stage, 5000, 20)
    view = pane(stage).view
    assert view.horizontalScrollBar().maximum() == 0
    picture = view.viewport().grab().toImage()
    failed = stage.window.look.colour("failed_fill")
    colours = {picture.pixelColor(x, y).name() for x in range(700) for y in range(0, 300, 6)}
    assert failed.name() in colours or len(colours) > 3
    assert cut_off(stage.window) == set()


def test_the_keyboard_goes_through_cells_and_opens_what_they_are_about(stage: Stage) -> None:
    stage.show()
    fill(stage, 60, 5)
    view = pane(stage).view
    view.setFocus()
    assert pane(stage)._line.text().endswith("before any change: fails")
    assert not pane(stage).show_diff.isEnabled()
    QTest.keyClick(view, Qt.Key.Key_Down)
    QTest.keyClick(view, Qt.Key.Key_Right)
    assert (view.row, view.test) == (1, 1)
    best = stage.window.session.matrix.table.order[0]
    assert f"candidate {best}: " in view.accessibleDescription()
    stage.posted.clear()
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert [command.candidate for command in stage.posted] == [best]  # type: ignore[union-attr]


def test_a_click_chooses_the_cell_under_it_at_every_width(stage: Stage) -> None:
    stage.show()
    fill(stage, 400, 6)
    view = pane(stage).view
    for _ in range(3):
        where = QPoint(view.viewport().width() - 30, 40)
        QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=where)
        assert view.row == 2
        seen = view.viewport().grab().toImage().pixelColor(where).name()
        assert seen != stage.window.look.colour("panel").name() or view.zoom(1) is None
        view.zoom(1)
    assert view.horizontalScrollBar().maximum() > 0


def test_a_new_fix_starts_with_an_empty_matrix(stage: Stage) -> None:
    stage.show()
    fill(stage, 60, 5)
    stage.play(*replay.fixing(2))
    assert len(stage.window.session.matrix.table.order) <= 2
    assert stage.window.session.matrix.table.tests
