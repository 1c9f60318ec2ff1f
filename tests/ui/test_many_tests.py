"""Thousands of tests in the window: what opens by itself, what stays as the user left it."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel

from core import events as ev
from core.types import Outcome, RepositoryInfo, TestReport, TestResult
from tests.ui.replay import Stage
from ui.testtree.model import Role
from ui.testtree.pane import OPEN_ROWS, TestsPane

TESTS, A_FILE = 3000, 50
NODES = tuple(f"tests/test_{n // A_FILE:03}.py::test_{n}" for n in range(TESTS))
RESULTS = tuple(
    TestResult(node, Outcome.FAILED if n % A_FILE == 7 else Outcome.PASSED, 0.001)
    for n, node in enumerate(NODES)
)


def begin(stage: Stage) -> TestsPane:
    stage.show()
    stage.play(
        ev.RepositoryOpened(RepositoryInfo("/r", "r", "main", 0, TESTS)),
        ev.TestRunStarted("baseline"),
        ev.TestsCollected(NODES),
    )
    assert stage.window.workspace is not None
    return stage.window.workspace.tests


def finish(stage: Stage) -> None:
    stage.play(ev.TestRunFinished("baseline", TestReport(RESULTS, NODES, 1.0)), ev.WorkEnded())


def open_files(pane: TestsPane) -> list[str]:
    tops = [pane.model.index(row, 0) for row in range(pane.model.rowCount())]
    return [str(top.data(Role.NODE)) for top in tops if pane.view.isExpanded(top)]


def test_no_more_files_are_opened_by_themselves_than_the_view_lays_out_smoothly(stage: Stage) -> None:
    pane = begin(stage)
    stage.play(*map(ev.TestFinished, RESULTS))
    finish(stage)
    assert len(open_files(pane)) == OPEN_ROWS // A_FILE
    pane.filter.setText("test_")
    assert len(open_files(pane)) == OPEN_ROWS // A_FILE
    pane.filter.setText("test_7")
    assert len(open_files(pane)) == pane.model.rowCount() > 1


def test_a_file_that_the_user_closed_stays_closed_while_results_arrive(stage: Stage) -> None:
    pane = begin(stage)
    stage.play(*map(ev.TestFinished, RESULTS[:A_FILE]))
    pane.reload()
    first = pane.model.index(0, 0)
    assert pane.view.isExpanded(first)
    pane.view.collapse(first)
    stage.play(*map(ev.TestFinished, RESULTS[A_FILE : 4 * A_FILE]))
    pane.reload()
    assert "tests/test_000.py" not in open_files(pane)
    assert "tests/test_001.py" in open_files(pane)


def test_what_the_user_opened_stays_open_when_the_run_ends(stage: Stage) -> None:
    pane = begin(stage)
    stage.play(*map(ev.TestFinished, RESULTS))
    last = pane.model.index(pane.model.rowCount() - 1, 0)
    pane.view.expand(last)
    finish(stage)
    assert str(last.data(Role.NODE)) in open_files(pane)


def test_what_a_command_has_run_stays_in_its_colours_when_it_is_collected(stage: Stage) -> None:
    stage.show()
    stage.play(
        ev.RepositoryOpened(RepositoryInfo("/r", "r", "main", 0, TESTS, "Go")),
        ev.TestRunStarted("baseline"),
        *map(ev.TestFinished, RESULTS[: 2 * A_FILE]),
        ev.TestsCollected(NODES[: 2 * A_FILE]),
    )
    assert stage.window.workspace is not None
    pane = stage.window.workspace.tests
    assert pane.model.rowCount() == 2
    assert stage.window.session.counts().waiting == 0
    assert "Go" in {shown.text() for shown in stage.window.findChildren(QLabel)}
