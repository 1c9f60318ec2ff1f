"""The candidates as a tree to look at, live."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QModelIndex, Signal
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTreeView

from ui.candidates.model import RECORD_ID, Column
from ui.candidates.table import CandidateDelegate
from ui.candidates.tree_model import COLUMNS, CandidateTreeModel
from ui.theme.look import Look
from ui.words import tr

_WIDTHS: Final = {Column.RESULT: 124, Column.LINES: 72, Column.SECONDS: 92}


class CandidateTree(QTreeView):
    """The way to the best candidate is strong, and opened. Enter or a double click opens a diff."""

    opened = Signal(int)
    candidate_selected = Signal(int)

    def __init__(self, model: CandidateTreeModel, look: Look) -> None:
        super().__init__()
        self.setAccessibleName(tr("Tree of candidates"))
        self._model = model
        self._look = look
        self.setModel(model)
        self.setItemDelegate(CandidateDelegate(look, COLUMNS))
        self.setUniformRowHeights(True)
        self.setIndentation(look.px(18))
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setExpandsOnDoubleClick(False)
        head = self.header()
        head.setStretchLastSection(False)
        head.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self._widen()
        look.changed.connect(self._widen)
        self.activated.connect(self._activated)
        self.selectionModel().selectionChanged.connect(lambda *_: self._tell())

    def chosen(self) -> list[int]:
        """The selected candidates, the current one first."""
        rows = self.selectionModel().selectedRows()
        current = self.currentIndex().siblingAtColumn(0)
        rows.sort(key=lambda index: index != current)
        found = [index.data(RECORD_ID) for index in rows]
        return [candidate for candidate in found if isinstance(candidate, int)]

    def show_candidate(self, candidate: int) -> None:
        """Open the way to a candidate and bring it into sight."""
        index = self._model.index_of(candidate)
        if index.isValid():
            self.expand(index.parent())
            self.scrollTo(index)

    def _widen(self) -> None:
        for place, column in enumerate(COLUMNS):
            if column in _WIDTHS:
                self.setColumnWidth(place, self._look.px(_WIDTHS[column]))

    def _tell(self) -> None:
        chosen = self.chosen()
        if chosen:
            self.candidate_selected.emit(chosen[0])

    def _activated(self, index: QModelIndex) -> None:
        candidate = index.data(RECORD_ID)
        if isinstance(candidate, int):
            self.opened.emit(candidate)
        else:
            self.setExpanded(index.siblingAtColumn(0), not self.isExpanded(index.siblingAtColumn(0)))
