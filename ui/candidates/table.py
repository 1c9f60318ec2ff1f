"""A table of candidates and the delegate that paints its cells; used by two tabs."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
)

from ui.candidates.model import IS_BEST, RECORD_ID, TONE, CandidateModel, Column
from ui.elide import elide_change, elide_middle
from ui.theme.look import Look
from ui.theme.tokens import BASE, ROW
from ui.words import tr

_WIDTHS = {
    Column.NUMBER: 44,
    Column.RESULT: 124,
    Column.PROPOSER: 132,
    Column.LINES: 72,
    Column.SECONDS: 92,
}
_SPARED = (Column.LINES, Column.SECONDS)
_NARROW = 720
"""Pixels as designed; below this width the spared columns give way to what was changed."""


class CandidateDelegate(QStyledItemDelegate):
    """The best candidate is strong; results carry their sign and colour."""

    def __init__(self, look: Look, columns: Sequence[Column] = tuple(Column)) -> None:
        """``columns`` are those of the view, in its order."""
        super().__init__(look)
        self._look = look
        self._columns = columns

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        look = self._look
        area = option.rect
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(area, look.colour("selection"))
        elif index.data(IS_BEST):
            painter.fillRect(area, look.colour("accent_soft"))
        column = self._columns[index.column()]
        strong = bool(index.data(IS_BEST)) and column in (Column.NUMBER, Column.RESULT, Column.TITLE)
        painter.setFont(look.font(BASE, strong=strong))
        if column == Column.RESULT:
            painter.setPen(look.colour(index.data(TONE)))
        elif column == Column.TITLE:
            painter.setPen(look.colour("text"))
        else:
            painter.setPen(look.colour("muted"))
        box = area.adjusted(8, 0, -8, 0)
        elide = elide_change if column == Column.TITLE else elide_middle
        text = elide(str(index.data()), box.width(), painter.fontMetrics())
        painter.drawText(box, int(index.data(Qt.ItemDataRole.TextAlignmentRole)), text)
        if option.state & QStyle.StateFlag.State_HasFocus and index.column() == 0:
            painter.fillRect(area.left(), area.top(), 2, area.height(), look.colour("accent"))
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(60, self._look.px(ROW))


class CandidateTable(QTableView):
    """Whole rows; Enter or a double click opens a candidate."""

    opened = Signal(int)
    candidate_selected = Signal(int)

    def __init__(self, model: CandidateModel, look: Look, without: Sequence[Column] = ()) -> None:
        super().__init__()
        self.setAccessibleName(tr("Candidates"))
        self._model = model
        self.setModel(model)
        self.setItemDelegate(CandidateDelegate(look))
        self.setShowGrid(False)
        self.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        self.setEditTriggers(QTableView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalHeader().hide()
        look.fit(self.verticalHeader(), "setDefaultSectionSize", ROW)
        look.fit(self.verticalHeader(), "setMinimumSectionSize", ROW)
        head = self.horizontalHeader()
        head.setHighlightSections(False)
        head.setSectionsClickable(False)
        for column in Column:
            if column is Column.TITLE:
                head.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)
            else:
                head.setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed)
            self.setColumnHidden(column, column in without)
        self._spared = [column for column in _SPARED if column not in without]
        self._look = look
        self._widen()
        look.changed.connect(self._widen)
        self._following = True
        self.verticalScrollBar().actionTriggered.connect(self._scrolled_by_hand)
        model.modelReset.connect(self._begin_anew)
        self.activated.connect(self._activated)
        self.selectionModel().currentChanged.connect(self._current_changed)

    def rows_height(self, rows: int) -> int:
        """How high the table is with so many rows in sight."""
        head = self.horizontalHeader().sizeHint().height()
        return head + rows * self.verticalHeader().defaultSectionSize() + 2 * self.frameWidth()

    def follow(self, candidate: int | None = None) -> None:
        """Keep the newest row in sight, or that of ``candidate``, unless the user has scrolled away."""
        if not self._following:
            return
        index = self._model.index_of(candidate) if candidate is not None else QModelIndex()
        if index.isValid():
            self.scrollTo(index)
        else:
            self.scrollToBottom()

    def current(self) -> int | None:
        index = self.currentIndex()
        candidate = index.data(RECORD_ID) if index.isValid() else None
        return candidate if isinstance(candidate, int) else None

    def resizeEvent(self, event: QResizeEvent) -> None:
        for column in self._spared:
            self.setColumnHidden(column, self.width() < self._look.px(_NARROW))
        super().resizeEvent(event)

    def _widen(self) -> None:
        """Columns as wide as their text is at the text size in force."""
        for column, width in _WIDTHS.items():
            self.setColumnWidth(column, self._look.px(width))

    def _scrolled_by_hand(self, _action: int) -> None:
        bar = self.verticalScrollBar()
        self._following = bar.sliderPosition() >= bar.maximum()

    def _begin_anew(self) -> None:
        self._following = True

    def _activated(self, index: QModelIndex) -> None:
        self.opened.emit(index.data(RECORD_ID))

    def _current_changed(self, current: QModelIndex, _previous: QModelIndex) -> None:
        if current.isValid():
            self.candidate_selected.emit(current.data(RECORD_ID))
