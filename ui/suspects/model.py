"""The suspects as a list over plain records: first the lines, then what was dropped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from core.types import CodePlace, Suspect, SuspectMark
from ui.tips import tip
from ui.words import tr

Index = QModelIndex | QPersistentModelIndex
_ROOT: Final = QModelIndex()
MOST: Final = 40
"""Lines that are listed; whoever reads further looks in the wrong place."""


@dataclass(frozen=True, slots=True)
class SuspectRow:
    """A suspect line, or what the user has dropped."""

    place: CodePlace
    mark: SuspectMark | None = None
    marked: CodePlace | None = None
    """The place that has the mark: this one, or the function or file around it."""
    suspect: Suspect | None = None

    @property
    def text(self) -> str:
        if self.suspect is None:
            return tr("✗  {place}  left alone", place=self.place)
        sign = "▲ " if self.mark is SuspectMark.PINNED else ""
        function = self.suspect.function
        where = tr("  in {function}", function=function) if function else ""
        return f"{sign}{self.suspect.score:.2f}  {self.place}{where}"

    @property
    def why(self) -> str:
        return "; ".join(self.suspect.reasons) if self.suspect else tr("dropped by you")


ROW: Final = Qt.ItemDataRole.UserRole + 1


class SuspectModel(QAbstractListModel):
    """Is given the whole list each time; resets only where it differs."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[SuspectRow, ...] = ()

    def show_suspects(self, suspects: Sequence[Suspect], marks: Mapping[CodePlace, SuspectMark]) -> None:
        rows = rows_of(suspects, marks)
        if rows != self._rows:
            self.beginResetModel()
            self._rows = rows
            self.endResetModel()

    def row_of(self, place: CodePlace) -> int:
        """The row of a place; 0 where it is gone."""
        return next((n for n, row in enumerate(self._rows) if row.place == place), 0)

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return f"{row.text}  ·  {row.why}" if row.why else row.text
            case Qt.ItemDataRole.ToolTipRole:
                return tip(f"{row.text}\n{row.why}")
            case _ if role == ROW:
                return row
        return None


def rows_of(
    suspects: Sequence[Suspect], marks: Mapping[CodePlace, SuspectMark]
) -> tuple[SuspectRow, ...]:
    """The list as it is shown."""
    rows: list[SuspectRow] = []
    pinned = [place for place, mark in marks.items() if mark is SuspectMark.PINNED]
    for suspect in suspects[:MOST]:
        place = CodePlace(suspect.path, suspect.line)
        around = next((one for one in pinned if one.holds(suspect)), None)
        rows.append(SuspectRow(place, SuspectMark.PINNED if around else None, around, suspect))
    for place, mark in marks.items():
        if mark is SuspectMark.DROPPED:
            rows.append(SuspectRow(place, mark, place))
    return tuple(rows)
