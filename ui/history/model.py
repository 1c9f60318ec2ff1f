"""Past tasks as a table over plain records, as core lists them."""

from __future__ import annotations

from enum import IntEnum
from typing import Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from core.types import TaskRow
from ui.history.words import cost, end_word, sign_of, when
from ui.tips import tip
from ui.words import tr

Index = QModelIndex | QPersistentModelIndex
_ROOT: Final = QModelIndex()


class Column(IntEnum):
    WHEN = 0
    REPOSITORY = 1
    REQUEST = 2
    END = 3
    MODEL = 4
    COST = 5


class HistoryModel(QAbstractTableModel):
    """Newest first."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: tuple[TaskRow, ...] = ()

    def load(self, rows: tuple[TaskRow, ...]) -> None:
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()

    def task(self, index: Index) -> TaskRow:
        return self._rows[index.row()]

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(Column)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if role != Qt.ItemDataRole.DisplayRole or orientation is not Qt.Orientation.Horizontal:
            return None
        titles = (tr("When"), tr("Repository"), tr("Request"), tr("Result"), tr("Model"), tr("Cost"))
        return titles[section]

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        task = self._rows[index.row()]
        if role == Qt.ItemDataRole.ToolTipRole:
            told = tip("\n".join((task.repository, *task.targets)))
            return told if index.column() <= Column.REQUEST else None
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return None
        match index.column():
            case Column.WHEN:
                return when(task)
            case Column.REPOSITORY:
                return task.name
            case Column.REQUEST:
                return task.request
            case Column.END:
                return f"{sign_of(task)}  {end_word(task)}"
            case Column.MODEL:
                return task.model or tr("none")
            case _:
                return cost(task)
