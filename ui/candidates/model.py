"""The candidates as a table over plain records, in the order in which they were proposed."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import Final

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from core.types import Comparison, Rung, Verdict
from ui.session import CandidateRecord
from ui.tips import tip
from ui.words import duration, tr, verdict_line, verdict_sign, verdict_word

Index = QModelIndex | QPersistentModelIndex
_ROOT: Final = QModelIndex()


class Column(IntEnum):
    NUMBER = 0
    RESULT = 1
    TITLE = 2
    PROPOSER = 3
    LINES = 4
    SECONDS = 5


TONE: Final = Qt.ItemDataRole.UserRole + 1
RECORD_ID: Final = Qt.ItemDataRole.UserRole + 2
IS_BEST: Final = Qt.ItemDataRole.UserRole + 3


class CandidateModel(QAbstractTableModel):
    """Rows are appended while a fix runs; a row changes when its candidate is verified."""

    best_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._records: list[CandidateRecord] = []
        self._rows: dict[int, int] = {}
        self._best: int | None = None

    @property
    def records(self) -> Sequence[CandidateRecord]:
        """By rows."""
        return self._records

    @property
    def best(self) -> int | None:
        return self._best

    def load(self, records: list[CandidateRecord], best: int | None) -> None:
        self.beginResetModel()
        self._records = list(records)
        self._rows = {record.id: row for row, record in enumerate(self._records)}
        self._best = best
        self.endResetModel()

    def add(self, record: CandidateRecord) -> None:
        if record.id in self._rows:
            self._records[self._rows[record.id]] = record
            self.changed(record.id)
            return
        row = len(self._records)
        self.beginInsertRows(QModelIndex(), row, row)
        self._records.append(record)
        self._rows[record.id] = row
        self.endInsertRows()

    def changed(self, candidate: int) -> None:
        """The record of ``candidate`` has new evidence."""
        row = self._rows.get(candidate)
        if row is not None:
            self.dataChanged.emit(self.index(row, 0), self.index(row, len(Column) - 1))

    def set_best(self, best: int | None) -> None:
        before, self._best = self._best, best
        for candidate in {before, best} - {None}:
            self.changed(candidate)  # type: ignore[arg-type]
        self.best_changed.emit()

    def remove(self, candidate: int) -> None:
        row = self._rows.get(candidate)
        if row is None:
            return
        self.beginRemoveRows(QModelIndex(), row, row)
        del self._records[row]
        self._rows = {record.id: place for place, record in enumerate(self._records)}
        self.endRemoveRows()

    def index_of(self, candidate: int) -> QModelIndex:
        row = self._rows.get(candidate)
        return self.index(row, 0) if row is not None else QModelIndex()

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._records)

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(Column)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return alignment_of(section)
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        heads = (tr("#"), tr("Result"), tr("Change"), tr("Proposer"), tr("Lines"), tr("Verified in"))
        return heads[section]

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        record = self._records[index.row()]
        comparison = record.evidence.comparison if record.evidence else None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return text_of(record, index.column())
            case Qt.ItemDataRole.AccessibleTextRole:
                return tr(
                    "{column}: {text}",
                    column=self._head(index.column()),
                    text=text_of(record, index.column()),
                )
            case Qt.ItemDataRole.ToolTipRole:
                return tip(f"{record.title}\n{verdict_line(comparison)}" if comparison else record.title)
            case Qt.ItemDataRole.TextAlignmentRole:
                return alignment_of(index.column())
            case _ if role == TONE:
                return tone_of(comparison)
            case _ if role == RECORD_ID:
                return record.id
            case _ if role == IS_BEST:
                return record.id == self._best and comparison is not None and is_gain(comparison)
        return None

    def _head(self, column: int) -> str:
        return str(self.headerData(column, Qt.Orientation.Horizontal))


def result_text(record: CandidateRecord) -> str:
    """``✓ green``, ``! 5 of 6``, ``✗ no change``, ``·  unverified``."""
    if record.evidence is None:
        return tr("·  unverified")
    comparison = record.evidence.comparison
    sign = verdict_sign(comparison.verdict)
    if record.evidence.rung is Rung.PARSES and comparison.verdict is not Verdict.GREEN:
        return tr("{sign}  does not parse", sign=sign)
    wanted = len(comparison.fixed) + len(comparison.still_failing)
    if comparison.verdict is Verdict.IMPROVED and wanted:
        return tr("{sign}  {n} of {wanted}", sign=sign, n=len(comparison.fixed), wanted=wanted)
    if comparison.verdict is Verdict.WORSE and comparison.broken:
        return tr("{sign}  breaks {n}", sign=sign, n=len(comparison.broken))
    return f"{sign}  {verdict_word(comparison.verdict)}"


def is_gain(comparison: Comparison) -> bool:
    """True where a candidate is worth a look; the best of a bad lot is not."""
    return comparison.verdict in (Verdict.GREEN, Verdict.IMPROVED)


def tone_of(comparison: Comparison | None) -> str:
    if comparison is None:
        return "idle"
    match comparison.verdict:
        case Verdict.GREEN:
            return "passed"
        case Verdict.IMPROVED | Verdict.SUSPICIOUS:
            return "attention"
        case Verdict.UNCHANGED | Verdict.WORSE:
            return "failed"


def text_of(record: CandidateRecord, column: int) -> str:
    match column:
        case Column.NUMBER:
            return str(record.id)
        case Column.RESULT:
            return result_text(record)
        case Column.TITLE:
            return record.title
        case Column.PROPOSER:
            return record.proposer
        case Column.LINES:
            return f"+{record.added} −{record.removed}"
        case Column.SECONDS:
            return duration(record.evidence.seconds) if record.evidence else ""
    return ""


def alignment_of(column: int) -> Qt.AlignmentFlag:
    side = (
        Qt.AlignmentFlag.AlignRight
        if column in (Column.NUMBER, Column.LINES, Column.SECONDS)
        else Qt.AlignmentFlag.AlignLeft
    )
    return side | Qt.AlignmentFlag.AlignVCenter
