"""The tree of candidates: live, true to where each came from, the best one's way strong; comparing."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QModelIndex
from PySide6.QtWidgets import QLabel

from core import events as ev
from core.types import Comparison, Evidence, Rung, Verdict
from tests.ui import replay
from tests.ui.replay import Stage
from tests.ui.test_accessibility import cut_off
from ui.candidates.compare import CompareDialog, differing
from ui.candidates.model import IS_BEST, RECORD_ID, CandidateModel
from ui.candidates.pane import CandidatesPane
from ui.candidates.tree_model import CandidateTreeModel
from ui.session import CandidateRecord


def record(number: int, proposer: str = "mutation", parent: int | None = None) -> CandidateRecord:
    made = CandidateRecord(number, proposer, f"a.py:{number} change", ("a.py",), 1, 1, parent)
    verdict = Verdict.IMPROVED if number == 3 else Verdict.UNCHANGED
    fixed = ("t::a",) if number == 3 else ()
    made.evidence = Evidence(number, Rung.TARGET, Comparison(verdict, fixed=fixed), 0.1, 2)
    made.diff = f"a.py:{number}\n-old\n+new"
    return made


RECORDS = (record(1), record(2, "infill"), record(3, "refine", 1), record(4), record(5, "refine", 3))


def shape(model: CandidateTreeModel, index: QModelIndex | None = None) -> list[Any]:
    """Candidates by number, proposers by their first word, each with what is below it."""
    index = index or QModelIndex()
    found: list[Any] = []
    for row in range(model.rowCount(index)):
        child = model.index(row, 0, index)
        name = child.data(RECORD_ID) or str(child.data()).split(",")[0]
        below = shape(model, child)
        found.append([name, *below] if below else name)
    return found


TREE = [["mutation", [1, [3, 5]], 4], ["infill", 2]]


def test_a_candidate_stands_under_the_one_it_was_made_of_or_else_under_its_proposer() -> None:
    model = CandidateTreeModel()
    model.load(RECORDS, None)
    assert shape(model) == TREE


def test_a_tree_that_grows_is_the_tree_that_is_loaded(qtmodeltester: Any) -> None:
    source, model = CandidateModel(), CandidateTreeModel()
    qtmodeltester.check(model)
    model.follow(source)
    for one in RECORDS:
        source.add(one)
    assert shape(model) == TREE
    qtmodeltester.check(model)
    source.load([], None)
    assert shape(model) == []


def test_the_way_to_the_best_is_marked_and_nothing_else(qtmodeltester: Any) -> None:
    source, model = CandidateModel(), CandidateTreeModel()
    model.follow(source)
    source.load(list(RECORDS), None)
    source.set_best(3)
    marked = {
        index.data(RECORD_ID)
        for index in [model.index_of(number) for number in range(1, 6)]
        if index.data(IS_BEST)
    }
    assert marked == {1, 3}
    assert model.index(0, 0).data(IS_BEST), "its proposer"
    source.set_best(4)
    assert not model.index_of(3).data(IS_BEST)
    assert not model.index_of(4).data(IS_BEST), "the best of a bad lot is not worth a mark"
    qtmodeltester.check(model)


# --- in the window ------------------------------------------------------------------------------------


def pane(stage: Stage) -> CandidatesPane:
    assert stage.window.workspace is not None
    return stage.window.workspace.candidates


@pytest.fixture
def shown(stage: Stage) -> Stage:
    stage.show()
    stage.play(*replay.opened(), *replay.suite_run(), *replay.fixing(12))
    stage.window.handlers.trigger("toggle_tree")
    return stage


def test_the_tree_takes_the_place_of_the_list_and_gives_it_back(shown: Stage) -> None:
    assert pane(shown).shows_tree()
    assert pane(shown).tree.isVisible()
    assert cut_off(shown.window) == set()
    pane(shown).as_tree.click()
    assert pane(shown).table.isVisible()


def test_a_node_tells_its_change_at_a_glance(shown: Stage) -> None:
    shown.play(ev.CandidateProposed(90, "direct", "m.py:2 swap", ("m.py",), 1, 1, diff="m.py:2\n-a\n+b"))
    tree = pane(shown).tree
    index = tree.model().index_of(90)  # type: ignore[attr-defined]
    from PySide6.QtCore import Qt

    assert index.data(Qt.ItemDataRole.ToolTipRole).endswith("m.py:2\n-a\n+b")


def test_one_candidate_is_compared_with_the_best_and_tests_tell_them_apart(shown: Stage) -> None:
    table = shown.window.session.matrix.table
    one, best = 1, shown.window.session.best
    assert best is not None
    found = differing(table, one, best)
    assert found
    pane(shown).tree.show_candidate(one)
    pane(shown).tree.setCurrentIndex(pane(shown).tree.model().index_of(one))  # type: ignore[attr-defined]
    shown.settle()
    pane(shown).compare()
    shown.settle()
    dialog = next(iter(shown.window.findChildren(CompareDialog)))
    assert dialog.tests.count() == len(found)
    texts = [part.text() for part in dialog.findChildren(QLabel)]
    assert any(text.startswith(f"Candidate {best}, ") for text in texts)
    dialog.accept()
