"""The tests as a two-level item model over plain records: files, then their tests, failing first.

A file has internal id 0; a test carries its file's number plus one. Numbers never change while a
set of tests is loaded; rows do, when results arrive or the filter changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import IntEnum
from typing import Final

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from core.types import NodeId, Outcome, TestResult
from ui.words import duration, file_of, outcome_sign, outcome_word, short_name, tr

Index = QModelIndex | QPersistentModelIndex
_WORTH_SAYING: Final = 0.01
"""Seconds; shorter times would only push names aside."""
_ROOT: Final = QModelIndex()


class Role(IntEnum):
    """What the delegate asks for beyond the display text."""

    SIGN = Qt.ItemDataRole.UserRole + 1
    TONE = Qt.ItemDataRole.UserRole + 2
    DETAIL = Qt.ItemDataRole.UserRole + 3
    NODE = Qt.ItemDataRole.UserRole + 4
    """The node id; a file's path for a file."""


class _File:
    __slots__ = ("number", "path", "reds", "shown", "tests")

    def __init__(self, number: int, path: str) -> None:
        self.number = number
        self.path = path
        self.tests: list[NodeId] = []
        self.shown: list[NodeId] = []
        self.reds = 0


class TestTreeModel(QAbstractItemModel):
    """Files and tests; the order is: red, not run, the rest; within these as collected."""

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
        """Show other tests; everything known before is forgotten."""
        self.beginResetModel()
        self._files, self._by_path = [], {}
        self._results = dict(results)
        self._position = {}
        for node in order:
            self._file_for(node)
        for file in self._files:
            self._count(file)
        self._arrange()
        self.endResetModel()

    def update(self, results: Iterable[TestResult]) -> None:
        """Take results in; tests that nobody has heard of are inserted."""
        touched: dict[int, _File] = {}
        strangers = []
        for result in results:
            if result.node_id not in self._position:
                strangers.append(result)
                continue
            self._results[result.node_id] = result
            file = self._by_path[file_of(result.node_id)]
            touched[file.number] = file
        if strangers:
            known = dict(self._results)
            known.update({result.node_id: result for result in strangers})
            self.load([*self._position, *(result.node_id for result in strangers)], known)
            return
        for file in touched.values():
            self._count(file)
        self._rearrange(touched.values())

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
            for place, node in enumerate(file.shown):
                if self._is_red(node):
                    return self.createIndex(place, 0, file.number + 1)
        return QModelIndex()

    def is_red_file(self, index: Index) -> bool:
        return index.isValid() and index.internalId() == 0 and self._shown[index.row()].reds > 0

    # --- inner -----------------------------------------------------------------------------------

    def _file_for(self, node: NodeId) -> None:
        path = file_of(node)
        file = self._by_path.get(path)
        if file is None:
            file = self._by_path[path] = _File(len(self._files), path)
            self._files.append(file)
        if node not in self._position:
            self._position[node] = len(self._position)
            file.tests.append(node)

    def _is_red(self, node: NodeId) -> bool:
        result = self._results.get(node)
        return result is not None and result.outcome.is_red

    def _count(self, file: _File) -> None:
        file.reds = sum(map(self._is_red, file.tests))

    def _rank(self, node: NodeId) -> tuple[int, int]:
        result = self._results.get(node)
        rank = 1 if result is None else 0 if result.outcome.is_red else 2
        return rank, self._position[node]

    def _tests_of(self, file: _File) -> list[NodeId]:
        words = self._filter.lower().split()
        tests = file.tests
        if words:
            tests = [node for node in tests if all(word in node.lower() for word in words)]
        return sorted(tests, key=self._rank)

    def _files_in_order(self) -> list[_File]:
        files = [file for file in self._files if file.shown]
        return sorted(files, key=lambda file: (file.reds == 0, file.number))

    def _arrange(self) -> None:
        for file in self._files:
            file.shown = self._tests_of(file)
        self._shown = self._files_in_order()
        self._place = {file.number: place for place, file in enumerate(self._shown)}

    def _rearrange(self, touched: Iterable[_File]) -> None:
        fresh = {file.number: self._tests_of(file) for file in touched}
        moved = [number for number, tests in fresh.items() if tests != self._files[number].shown]
        files_before = [file.number for file in self._shown]
        files_after = [file.number for file in self._files_in_order()]
        if moved or files_after != files_before:
            self.layoutAboutToBeChanged.emit()
            before = self.persistentIndexList()
            nodes = [(index.internalId(), self._node(index)) for index in before]
            for number, tests in fresh.items():
                self._files[number].shown = tests
            self._shown = [self._files[number] for number in files_after]
            self._place = {number: place for place, number in enumerate(files_after)}
            after = []
            for inner, node in nodes:
                if inner == 0:
                    after.append(self.createIndex(self._place[self._by_path[node].number], 0, 0))
                else:
                    after.append(self.index_of(node))
            self.changePersistentIndexList(before, after)
            self.layoutChanged.emit()
        for number in fresh:
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
                return node
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
        outcomes = [self._results[node].outcome for node in file.tests if node in self._results]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return file.path.rsplit("/", 1)[-1]
            case Qt.ItemDataRole.ToolTipRole | Role.NODE:
                return file.path
            case Qt.ItemDataRole.AccessibleTextRole:
                return tr(
                    "{file}, {failed} of {total} fail",
                    file=file.path,
                    failed=file.reds,
                    total=len(file.tests),
                )
            case Role.SIGN | Role.TONE:
                waiting = len(outcomes) < len(file.tests)
                if file.reds:
                    worst: Outcome | None = Outcome.FAILED
                elif waiting:
                    worst = None
                else:
                    worst = Outcome.PASSED if any(o.is_green for o in outcomes) else Outcome.SKIPPED
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
