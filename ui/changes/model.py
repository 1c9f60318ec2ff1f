"""The changed files as an item model: one row a file, its lines added and removed."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import Final, NamedTuple

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from core.types import FileDiff, RelPath
from ui.tips import tip
from ui.words import tr

_ROOT: Final = QModelIndex()
_Index = QModelIndex | QPersistentModelIndex


class Change(NamedTuple):
    """One changed file; a binary one has no lines to count."""

    path: RelPath
    added: int
    removed: int
    locked: bool
    binary: bool


class Role(IntEnum):
    """What the delegate asks for beside the name."""

    CHANGE = Qt.ItemDataRole.UserRole


def changes_of(files: Sequence[FileDiff]) -> list[Change]:
    """Count the lines of a patch, file by file; locked files first, as the review has them. Pure."""
    counted = [
        Change(
            file.path,
            sum(line.startswith("+") for hunk in file.hunks for line in hunk.lines),
            sum(line.startswith("-") for hunk in file.hunks for line in hunk.lines),
            not file.is_offered,
            file.binary,
        )
        for file in files
    ]
    return sorted(counted, key=lambda change: not change.locked)


class ChangesModel(QAbstractListModel):
    """Rows are :class:`Change`."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[Change] = []

    def load(self, rows: Sequence[Change]) -> None:
        """Show these; quiet where nothing has changed."""
        if list(rows) != self._rows:
            self.beginResetModel()
            self._rows = list(rows)
            self.endResetModel()

    # --- Qt --------------------------------------------------------------------------------------

    def rowCount(self, parent: _Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid() or not 0 <= index.row() < len(self._rows):
            return None
        row = self._rows[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return row.path
            case Qt.ItemDataRole.ToolTipRole:
                return tip(f"{row.path}, {tally(row)}")
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{row.path}, {tally(row)}"
            case Role.CHANGE:
                return row
            case _:
                return None


def tally(change: Change) -> str:
    """``+2 −1``; in words where there are no lines to count or the file is locked."""
    words = tr("binary") if change.binary else f"+{change.added} −{change.removed}"
    return tr("{tally}, locked", tally=words) if change.locked else words
