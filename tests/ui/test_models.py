"""Item models keep Qt's contract and put what matters first."""

from __future__ import annotations

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QPersistentModelIndex, Qt
from pytestqt.modeltest import ModelTester

from core.types import Outcome, TestResult
from tests.ui import replay
from ui.candidates.model import IS_BEST, CandidateModel, Column
from ui.changes.model import Change, ChangesModel
from ui.session import CandidateRecord
from ui.testtree.model import Role, TestTreeModel

NODES = ("a.py::one", "a.py::two", "b.py::one", "b.py::T::two[x::y]", "c.py::one")


def result(node: str, outcome: Outcome = Outcome.PASSED) -> TestResult:
    return TestResult(node, outcome, 0.01)


def files(model: QAbstractItemModel) -> list[str]:
    return [str(model.index(row, 0).data(Role.NODE)) for row in range(model.rowCount())]


def nodes_under(model: QAbstractItemModel, row: int) -> list[str]:
    top = model.index(row, 0)
    return [str(model.index(n, 0, top).data(Role.NODE)) for n in range(model.rowCount(top))]


def test_the_tree_keeps_qts_contract_through_reset_results_filter_and_strangers(
    qtmodeltester: ModelTester,
) -> None:
    model = TestTreeModel()
    qtmodeltester.check(model)
    model.load(NODES, {})
    qtmodeltester.check(model)
    model.update([result(NODES[2], Outcome.FAILED), result(NODES[1])])
    qtmodeltester.check(model)
    model.set_filter("one")
    qtmodeltester.check(model)
    model.update([result("d.py::new", Outcome.ERROR)])
    model.set_filter("")
    qtmodeltester.check(model)
    model.load((), {})
    qtmodeltester.check(model)


def test_failing_files_and_tests_come_first_as_results_arrive() -> None:
    model = TestTreeModel()
    model.load(NODES, {})
    model.update([result(node) for node in NODES[:2]])
    assert files(model) == ["a.py", "b.py", "c.py"]
    model.update([result(NODES[3], Outcome.FAILED)])
    assert files(model) == ["b.py", "a.py", "c.py"]
    assert nodes_under(model, 0) == [NODES[3], NODES[2]]


def test_a_row_that_moves_keeps_its_selection() -> None:
    model = TestTreeModel()
    model.load(NODES, {})
    kept = QPersistentModelIndex(model.index_of(NODES[4]))
    file = QPersistentModelIndex(model.index(2, 0))
    model.update([result(NODES[4], Outcome.FAILED)])
    assert kept.data(Role.NODE) == NODES[4]
    assert kept.parent().row() == 0
    assert file.data(Role.NODE) == "c.py"
    assert file.row() == 0


def test_the_first_red_test_is_found() -> None:
    model = TestTreeModel()
    model.load(NODES, {})
    assert not model.first_red().isValid()
    model.update([result(NODES[3], Outcome.TIMEOUT), result(NODES[4], Outcome.FAILED)])
    assert model.first_red().data(Role.NODE) == NODES[3]


def test_the_filter_takes_every_word_in_any_case() -> None:
    model = TestTreeModel()
    model.load(NODES, {})
    model.set_filter("B.py TWO")
    assert files(model) == ["b.py"]
    assert nodes_under(model, 0) == [NODES[3]]
    assert not model.index_of(NODES[0]).isValid()


def test_a_collection_error_is_a_file_with_itself_in_it() -> None:
    model = TestTreeModel()
    model.load((), {})
    model.update([TestResult("broken.py", Outcome.COLLECT_ERROR, message="SyntaxError")])
    assert files(model) == ["broken.py"]
    assert nodes_under(model, 0) == ["broken.py"]


def record(number: int) -> CandidateRecord:
    return CandidateRecord(number, "mutation", f"a.py:{number} change", ("a.py",), 1, 1)


def test_the_candidates_keep_qts_contract_through_insert_change_remove_and_reset(
    qtmodeltester: ModelTester,
) -> None:
    model = CandidateModel()
    qtmodeltester.check(model)
    for number in range(1, 6):
        model.add(record(number))
    qtmodeltester.check(model)
    model.changed(3)
    model.set_best(3)
    model.remove(2)
    qtmodeltester.check(model)
    model.load([record(9)], 9)
    qtmodeltester.check(model)
    assert model.rowCount() == 1


def test_a_candidate_says_how_it_fared_in_words_and_with_a_sign() -> None:
    model = CandidateModel()
    fared = [(1, None), (2, 6), (3, 5), (4, 0)]
    for number, fixed in fared:
        made = record(number)
        made.evidence = replay.evidence(number, fixed) if fixed is not None else None
        model.add(made)
    broken = record(5)
    broken.evidence = replay.evidence(5, 0, broken=2)
    model.add(broken)
    shown = [model.index(row, Column.RESULT).data() for row in range(5)]
    assert shown == ["·  unverified", "✓  green", "!  5 of 6", "✗  no change", "✗  breaks 2"]


def test_only_the_best_candidate_is_marked() -> None:
    model = CandidateModel()
    for number, fixed in ((1, 3), (2, 5)):
        made = record(number)
        made.evidence = replay.evidence(number, fixed)
        model.add(made)
    model.set_best(1)
    model.set_best(2)
    assert [model.index(row, 0).data(IS_BEST) for row in (0, 1)] == [False, True]


def test_the_best_of_a_bad_lot_is_not_marked() -> None:
    model = CandidateModel()
    made = record(1)
    made.evidence = replay.evidence(1, 0)
    model.add(made)
    model.set_best(1)
    assert model.index(0, 0).data(IS_BEST) is False


def test_every_cell_can_be_read_aloud() -> None:
    model = CandidateModel()
    model.add(record(1))
    for column in Column:
        assert model.index(0, column).data(Qt.ItemDataRole.AccessibleTextRole)
    tree = TestTreeModel()
    tree.load(NODES, {})
    assert tree.index(0, 0, QModelIndex()).data(Qt.ItemDataRole.AccessibleTextRole) == "a.py, 0 of 2 fail"


def test_the_changed_files_are_a_sound_model(qtmodeltester: ModelTester) -> None:
    model = ChangesModel()
    files = [Change("a.py", 2, 1, locked=False, binary=False)]
    for rows in ([], files, [*files, Change("b.png", 0, 0, locked=True, binary=True)], []):
        model.load(rows)
        qtmodeltester.check(model)
