"""The candidates as a tree: proposers, their candidates, and what was made of these.

A node's internal id is its place in one list that only grows, so that thousands of candidates are added
one at a time without any other moving.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from ui.candidates.model import (
    IS_BEST,
    RECORD_ID,
    TONE,
    CandidateModel,
    Column,
    alignment_of,
    is_gain,
    result_text,
    text_of,
    tone_of,
)
from ui.session import CandidateRecord
from ui.tips import tip
from ui.words import counted, tr

Index = QModelIndex | QPersistentModelIndex
_ROOT: Final = QModelIndex()
COLUMNS: Final = (Column.TITLE, Column.RESULT, Column.LINES, Column.SECONDS)


@dataclass(slots=True)
class _Node:
    """A proposer where ``record`` is ``None``, else a candidate. Places are in the list of nodes."""

    place: int
    parent: int
    row: int
    name: str
    record: CandidateRecord | None = None
    children: list[int] = field(default_factory=list)


class CandidateTreeModel(QAbstractItemModel):
    """``IS_BEST`` holds for every node on the way to the best candidate."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._nodes: list[_Node] = []
        self._top: list[int] = []
        self._groups: dict[str, int] = {}
        self._places: dict[int, int] = {}
        self._best: frozenset[int] = frozenset()

    def follow(self, source: CandidateModel) -> None:
        """Show what ``source`` shows, and every change of it."""
        source.modelReset.connect(lambda: self.load(source.records, source.best))
        source.best_changed.connect(lambda: self.set_best(source.best))
        source.rowsInserted.connect(
            lambda _, first, last: [self.add(record) for record in source.records[first : last + 1]]
        )
        source.dataChanged.connect(
            lambda top, bottom, _: [
                self.changed(record.id) for record in source.records[top.row() : bottom.row() + 1]
            ]
        )
        self.load(source.records, source.best)

    # --- changing --------------------------------------------------------------------------------

    def load(self, records: Sequence[CandidateRecord], best: int | None) -> None:
        """Show these candidates; everything known before is forgotten."""
        self.beginResetModel()
        self._nodes, self._top, self._groups, self._places = [], [], {}, {}
        for record in records:
            self._append(record)
        self._best = self._way_to(best)
        self.endResetModel()

    def add(self, record: CandidateRecord) -> None:
        if record.id in self._places:
            self._nodes[self._places[record.id]].record = record
            self.changed(record.id)
            return
        if record.parent not in self._places and record.proposer not in self._groups:
            self.beginInsertRows(_ROOT, len(self._top), len(self._top))
            self._add_group(record.proposer)
            self.endInsertRows()
        above = self._above(record)
        row = len(self._nodes[above].children)
        self.beginInsertRows(self._index(above), row, row)
        self._append(record)
        self.endInsertRows()
        self._tell(above)

    def changed(self, candidate: int) -> None:
        """The record of ``candidate`` has new evidence."""
        place = self._places.get(candidate)
        if place is not None:
            self._tell(place)

    def set_best(self, best: int | None) -> None:
        before, self._best = self._best, self._way_to(best)
        for place in before ^ self._best:
            self._tell(place)

    def index_of(self, candidate: int) -> QModelIndex:
        place = self._places.get(candidate)
        return QModelIndex() if place is None else self._index(place)

    # --- inner -----------------------------------------------------------------------------------

    def _above(self, record: CandidateRecord) -> int:
        if record.parent in self._places:
            return self._places[record.parent]
        return self._groups[record.proposer]

    def _add_group(self, proposer: str) -> None:
        self._groups[proposer] = len(self._nodes)
        self._nodes.append(_Node(len(self._nodes), -1, len(self._top), proposer))
        self._top.append(self._groups[proposer])

    def _append(self, record: CandidateRecord) -> None:
        if record.parent not in self._places and record.proposer not in self._groups:
            self._add_group(record.proposer)
        above = self._nodes[self._above(record)]
        node = _Node(len(self._nodes), above.place, len(above.children), record.proposer, record)
        above.children.append(node.place)
        self._places[record.id] = node.place
        self._nodes.append(node)

    def _way_to(self, candidate: int | None) -> frozenset[int]:
        place = self._places.get(candidate, -1) if candidate is not None else -1
        record = self._nodes[place].record if place >= 0 else None
        if record is None or record.evidence is None or not is_gain(record.evidence.comparison):
            return frozenset()
        way = set()
        while place >= 0:
            way.add(place)
            place = self._nodes[place].parent
        return frozenset(way)

    def _index(self, place: int, column: int = 0) -> QModelIndex:
        return self.createIndex(self._nodes[place].row, column, place)

    def _tell(self, place: int) -> None:
        self.dataChanged.emit(self._index(place), self._index(place, len(COLUMNS) - 1))

    def _node(self, index: Index) -> _Node:
        return self._nodes[index.internalId()]

    def _text(self, node: _Node, column: Column) -> str:
        if node.record is None:
            if column is not Column.TITLE:
                return ""
            number = counted(len(node.children), "{n} candidate", "{n} candidates")
            return f"{node.name.replace('_', ' ')}, {number}"
        title = text_of(node.record, column)
        if column is Column.TITLE and self._nodes[node.parent].record is not None:
            return tr("{proposer}: {title}", proposer=node.name.replace("_", " "), title=title)
        return title

    # --- Qt --------------------------------------------------------------------------------------

    def index(self, row: int, column: int, parent: Index = _ROOT) -> QModelIndex:
        rows = self._nodes[parent.internalId()].children if parent.isValid() else self._top
        if not 0 <= row < len(rows) or not 0 <= column < len(COLUMNS):
            return QModelIndex()
        return self.createIndex(row, column, rows[row])

    def parent(self, index: Index) -> QModelIndex:  # type: ignore[override]
        if not index.isValid() or self._node(index).parent < 0:
            return QModelIndex()
        return self._index(self._node(index).parent)

    def rowCount(self, parent: Index = _ROOT) -> int:
        if not parent.isValid():
            return len(self._top)
        return len(self._node(parent).children) if parent.column() == 0 else 0

    def columnCount(self, parent: Index = _ROOT) -> int:
        return len(COLUMNS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return alignment_of(COLUMNS[section])
        heads = (tr("Change"), tr("Result"), tr("Lines"), tr("Verified in"))
        return heads[section] if role == Qt.ItemDataRole.DisplayRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        node, column = self._node(index), COLUMNS[index.column()]
        record = node.record
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.AccessibleTextRole:
                return self._text(node, column)
            case Qt.ItemDataRole.ToolTipRole if record is not None:
                return tip(f"{record.title}\n{result_text(record)}\n\n{record.diff}".rstrip())
            case Qt.ItemDataRole.TextAlignmentRole:
                return alignment_of(column)
            case _ if role == TONE:
                return tone_of(record.evidence.comparison if record and record.evidence else None)
            case _ if role == RECORD_ID:
                return record.id if record else None
            case _ if role == IS_BEST:
                return node.place in self._best
        return None
