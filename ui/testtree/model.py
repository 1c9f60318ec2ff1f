"""The tests as a two-level item model over plain records: files, then their tests, failing first.

A file has internal id 0; a test carries its file's number plus one. Numbers never change while a
set of tests is loaded; rows do, when a test turns red or green again, or the filter changes.

Made for ten thousand tests: a batch of results costs what its own tests cost, and the view, which asks
for every row that is open when rows move, is made to ask little and seldom.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import IntEnum
from typing import Final

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from core.types import NodeId, Outcome, TestResult
from ui.tips import tip
from ui.words import duration, file_of, outcome_sign, outcome_word, short_name, tr

Index = QModelIndex | QPersistentModelIndex
_WORTH_SAYING: Final = 0.01
"""Seconds; shorter times would only push names aside."""
_ROOT: Final = QModelIndex()
_FILE: Final = Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEnabled
_TEST: Final = _FILE | Qt.ItemFlag.ItemNeverHasChildren


class Role(IntEnum):
    """What the delegate asks for beyond the display text."""

    SIGN = Qt.ItemDataRole.UserRole + 1
    TONE = Qt.ItemDataRole.UserRole + 2
    DETAIL = Qt.ItemDataRole.UserRole + 3
    NODE = Qt.ItemDataRole.UserRole + 4
    """The node id; a file's path for a file."""


class _File:
    """One file: its tests in order, those that are shown, and how many of them are known, red, green."""

    __slots__ = ("greens", "known", "number", "path", "reds", "shown", "tests")

    def __init__(self, number: int, path: str) -> None:
        self.number = number
        self.path = path
        self.tests: list[NodeId] = []
        self.shown: list[NodeId] = []
        self.known = self.reds = self.greens = 0

    def count(self, result: TestResult | None, step: int) -> None:
        """Add one test with this result, or with a ``step`` of -1 take it away."""
        if result is not None:
            self.known += step
            self.reds += step * result.outcome.is_red
            self.greens += step * result.outcome.is_green


class TestTreeModel(QAbstractItemModel):
    """Files and tests; the red ones first, otherwise as collected."""

    __test__ = False

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._files: list[_File] = []
        self._by_path: dict[str, _File] = {}
        self._shown: list[_File] = []
        self._place: dict[int, int] = {}
        self._results: dict[NodeId, TestResult] = {}
        self._position: dict[NodeId, int] = {}
        self._filter = ""

    # --- changing --------------------------------------------------------------------------------

    def load(self, order: Sequence[NodeId], results: dict[NodeId, TestResult]) -> None:
        """Show these tests as ``results`` knows them; everything known before is forgotten.

        Where they are the tests that are shown already, rows stay open and selected.
        """
        if list(order) == list(self._position) and self._results.keys() <= results.keys():
            known = self._results.get
            self.update([result for node, result in results.items() if known(node) is not result])
            return
        self.beginResetModel()
        self._files, self._by_path = [], {}
        self._results = dict(results)
        self._position = {}
        for node in order:
            self._file_for(node)
        self._arrange()
        self.endResetModel()

    def update(self, results: Iterable[TestResult]) -> None:
        """Take results in; tests that nobody has heard of are inserted."""
        touched: dict[int, _File] = {}
        moved: dict[int, _File] = {}
        strangers = []
        for result in results:
            node = result.node_id
            if node not in self._position:
                strangers.append(result)
                continue
            file = self._by_path[file_of(node)]
            touched[file.number] = file
            before = self._results.get(node)
            self._results[node] = result
            file.count(before, -1)
            file.count(result, 1)
            if result.outcome.is_red != (before is not None and before.outcome.is_red):
                moved[file.number] = file
        if strangers:
            known = dict(self._results)
            known.update({result.node_id: result for result in strangers})
            self.load([*self._position, *(result.node_id for result in strangers)], known)
            return
        if moved:
            self._rearrange(moved.values())
        self._tell(touched)

    def set_filter(self, text: str) -> None:
        """Show only tests whose id holds every word of ``text``, in any case."""
        if text == self._filter:
            return
        self.beginResetModel()
        self._filter = text
        self._arrange()
        self.endResetModel()

    # --- asking ----------------------------------------------------------------------------------

    def index_of(self, node: NodeId) -> QModelIndex:
        """Where a test is shown; invalid where the filter hides it."""
        file = self._by_path.get(file_of(node))
        if file is None or file.number not in self._place or node not in file.shown:
            return QModelIndex()
        return self.createIndex(file.shown.index(node), 0, file.number + 1)

    def first_red(self) -> QModelIndex:
        """The test that most needs a look, where there is one."""
        for file in self._shown:
            # The red ones come first, and the filter may hide them.
            if file.reds and self._is_red(file.shown[0]):
                return self.createIndex(0, 0, file.number + 1)
        return QModelIndex()

    def tests_at(self, index: Index) -> list[NodeId]:
        """The test of a row, or the tests that are shown of a file."""
        if not index.isValid():
            return []
        return [self._node(index)] if index.internalId() else list(self._shown[index.row()].shown)

    def is_red_file(self, index: Index) -> bool:
        return index.isValid() and index.internalId() == 0 and self._shown[index.row()].reds > 0

    # --- inner -----------------------------------------------------------------------------------

    def _file_for(self, node: NodeId) -> None:
        if node in self._position:
            return
        path = file_of(node)
        file = self._by_path.get(path)
        if file is None:
            file = self._by_path[path] = _File(len(self._files), path)
            self._files.append(file)
        self._position[node] = len(self._position)
        file.tests.append(node)
        file.count(self._results.get(node), 1)

    def _is_red(self, node: NodeId) -> bool:
        result = self._results.get(node)
        return result is not None and result.outcome.is_red

    def _tests_of(self, file: _File) -> list[NodeId]:
        words = self._filter.lower().split()
        tests = file.tests
        if words:
            tests = [node for node in tests if all(word in node.lower() for word in words)]
        if not file.reds:
            return list(tests)
        reds = [node for node in tests if self._is_red(node)]
        return [*reds, *(node for node in tests if not self._is_red(node))]

    def _files_in_order(self) -> list[_File]:
        files = [file for file in self._files if file.shown]
        return sorted(files, key=lambda file: (file.reds == 0, file.number))

    def _arrange(self) -> None:
        for file in self._files:
            file.shown = self._tests_of(file)
        self._shown = self._files_in_order()
        self._place = {file.number: place for place, file in enumerate(self._shown)}

    def _rearrange(self, touched: Iterable[_File]) -> None:
        """Put files and tests in order again after some turned red, or green again."""
        fresh = {file.number: self._tests_of(file) for file in touched}
        files_after = self._files_in_order()
        if files_after == self._shown and all(
            tests == self._files[number].shown for number, tests in fresh.items()
        ):
            return
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        nodes = [(index.internalId(), self._node(index)) for index in before]
        for number, tests in fresh.items():
            self._files[number].shown = tests
        self._shown = files_after
        self._place = {file.number: place for place, file in enumerate(files_after)}
        after = []
        for inner, node in nodes:
            if inner == 0:
                after.append(self.createIndex(self._place[self._by_path[node].number], 0, 0))
            else:
                after.append(self.index_of(node))
        self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()

    def _tell(self, touched: Iterable[int]) -> None:
        """Have these files and their tests painted anew."""
        for number in touched:
            place = self._place.get(number)
            if place is None:
                continue
            top = self.index(place, 0)
            self.dataChanged.emit(top, top)
            last = len(self._files[number].shown) - 1
            self.dataChanged.emit(self.index(0, 0, top), self.index(last, 0, top))

    def _node(self, index: Index) -> NodeId:
        if index.internalId() == 0:
            return self._shown[index.row()].path
        return self._files[index.internalId() - 1].shown[index.row()]

    # --- Qt --------------------------------------------------------------------------------------

    def index(self, row: int, column: int, parent: Index = _ROOT) -> QModelIndex:
        if column != 0 or row < 0:
            return QModelIndex()
        if not parent.isValid():
            return self.createIndex(row, 0, 0) if row < len(self._shown) else QModelIndex()
        if parent.internalId() != 0:
            return QModelIndex()
        file = self._shown[parent.row()]
        return self.createIndex(row, 0, file.number + 1) if row < len(file.shown) else QModelIndex()

    def parent(self, index: Index) -> QModelIndex:  # type: ignore[override]
        if not index.isValid() or index.internalId() == 0:
            return QModelIndex()
        return self.createIndex(self._place[index.internalId() - 1], 0, 0)

    def rowCount(self, parent: Index = _ROOT) -> int:
        if not parent.isValid():
            return len(self._shown)
        return len(self._shown[parent.row()].shown) if parent.internalId() == 0 else 0

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 1

    def flags(self, index: Index) -> Qt.ItemFlag:
        # That a test has no children spares the view three questions for each row that is open.
        if index.internalId():
            return _TEST
        return _FILE if index.isValid() else Qt.ItemFlag.NoItemFlags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        if index.internalId() == 0:
            return self._file_data(self._shown[index.row()], role)
        node = self._node(index)
        result = self._results.get(node)
        outcome = result.outcome if result else None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return short_name(node)
            case Qt.ItemDataRole.ToolTipRole:
                return tip(node)
            case Qt.ItemDataRole.AccessibleTextRole:
                return tr("{test}, {outcome}", test=short_name(node), outcome=outcome_word(outcome))
            case Role.SIGN:
                return outcome_sign(outcome)
            case Role.TONE:
                return _tone(outcome)
            case Role.DETAIL:
                return duration(result.seconds) if result and result.seconds >= _WORTH_SAYING else ""
            case Role.NODE:
                return node
        return None

    def _file_data(self, file: _File, role: int) -> object:
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return file.path.rsplit("/", 1)[-1]
            case Qt.ItemDataRole.ToolTipRole:
                return tip(file.path)
            case Role.NODE:
                return file.path
            case Qt.ItemDataRole.AccessibleTextRole:
                return tr(
                    "{file}, {failed} of {total} fail",
                    file=file.path,
                    failed=file.reds,
                    total=len(file.tests),
                )
            case Role.SIGN | Role.TONE:
                if file.reds:
                    worst: Outcome | None = Outcome.FAILED
                elif file.known < len(file.tests):
                    worst = None
                else:
                    worst = Outcome.PASSED if file.greens else Outcome.SKIPPED
                return outcome_sign(worst) if role == Role.SIGN else _tone(worst)
            case Role.DETAIL:
                total = len(file.tests)
                return tr("{n} of {total}", n=file.reds, total=total) if file.reds else str(total)
        return None


def _tone(outcome: Outcome | None) -> str:
    if outcome is None:
        return "idle"
    if outcome.is_green:
        return "passed"
    return "failed" if outcome.is_red else "idle"
