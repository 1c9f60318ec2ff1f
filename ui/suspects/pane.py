"""The list of suspects with what can be done with one: look there first, leave it alone, undo that."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from PySide6.QtCore import QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QListView, QMenu, QWidget

from core.types import CodePlace, Suspect, SuspectMark
from ui.suspects.model import ROW, SuspectModel, SuspectRow
from ui.theme.look import Look
from ui.widgets import button, column, label, row
from ui.words import tr

_ROWS_IN_SIGHT: Final = 7


class SuspectsList(QWidget):
    """``marked`` carries a place and its mark, ``None`` to take one back."""

    marked = Signal(object, object)

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.model = SuspectModel(self)
        self.view = _View(self._act)
        self.view.setModel(self.model)
        self.view.setSpacing(look.px(3))
        self.view.customContextMenuRequested.connect(self._open_menu)
        self.view.selectionModel().currentChanged.connect(self._refresh)
        self._pin = button(tr("Look here first"), lambda: self._act("pin"), "quiet")
        self._drop = button(tr("Leave alone"), lambda: self._act("drop"), "quiet")
        self._back = button(tr("Take back"), lambda: self._act("back"), "quiet")
        for made, key in ((self._pin, "P"), (self._drop, "D"), (self._back, "U")):
            made.setToolTip(tr("{key} in the list", key=key))
        self._when = label(tr("Counts from the next fix on."), look="muted", wrap=True)
        buttons = row(gap=4)
        for part in (self._pin, self._drop, self._back):
            buttons.addWidget(part)
        buttons.addWidget(self._when, 1)
        layout = column(self, (20, 0, 0, 0), 4)
        layout.addWidget(self.view)
        layout.addLayout(buttons)
        self._refresh()

    def show_suspects(self, suspects: Sequence[Suspect], marks: Mapping[CodePlace, SuspectMark]) -> None:
        """The list as it now is; the selection stays on its place."""
        chosen = self._chosen()
        self.model.show_suspects(suspects, marks)
        each = self.view.sizeHintForRow(0) + 2 * self.view.spacing()
        rows = min(self.model.rowCount(), _ROWS_IN_SIGHT)
        self.view.setFixedHeight(rows * each + 2 * self.view.frameWidth())
        if chosen is not None and self._chosen() is None and self.model.rowCount():
            self.view.setCurrentIndex(self.model.index(self.model.row_of(chosen.place)))
        self._when.setVisible(bool(marks))
        self._refresh()

    def _chosen(self) -> SuspectRow | None:
        index = self.view.currentIndex()
        found = index.data(ROW) if index.isValid() else None
        return found if isinstance(found, SuspectRow) else None

    def _refresh(self, *_indexes: QModelIndex) -> None:
        chosen = self._chosen()
        self._pin.setEnabled(chosen is not None and chosen.mark is not SuspectMark.PINNED)
        self._drop.setEnabled(chosen is not None and chosen.mark is not SuspectMark.DROPPED)
        self._back.setEnabled(chosen is not None and chosen.mark is not None)

    def _act(self, what: str) -> None:
        chosen = self._chosen()
        if chosen is None:
            return
        function = chosen.suspect.function if chosen.suspect else ""
        match what:
            case "pin":
                self.marked.emit(chosen.place, SuspectMark.PINNED)
            case "drop":
                self.marked.emit(chosen.place, SuspectMark.DROPPED)
            case "pin_function" if function:
                self.marked.emit(CodePlace(chosen.place.path, 0, function), SuspectMark.PINNED)
            case "drop_function" if function:
                self.marked.emit(CodePlace(chosen.place.path, 0, function), SuspectMark.DROPPED)
            case "back" if chosen.marked is not None:
                self.marked.emit(chosen.marked, None)

    def menu(self) -> QMenu:
        """What can be done with the chosen suspect."""
        chosen = self._chosen()
        made = QMenu(self)
        function = chosen.suspect.function if chosen and chosen.suspect else ""

        def add(title: str, what: str, enabled: bool) -> None:
            action = made.addAction(title, lambda: self._act(what))
            action.setEnabled(enabled)

        add(tr("Look at this line first"), "pin", self._pin.isEnabled())
        add(tr("Leave this line alone"), "drop", self._drop.isEnabled())
        if function:
            add(tr("Look at {function} first", function=function), "pin_function", True)
            add(tr("Leave {function} alone", function=function), "drop_function", True)
        add(tr("Take back"), "back", self._back.isEnabled())
        return made

    def _open_menu(self, at: QPoint) -> None:
        if self._chosen() is not None:
            made = self.menu()
            made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            made.popup(self.view.viewport().mapToGlobal(at))


class _View(QListView):
    """Its keys act on the chosen row: P pins, D or Delete drops, U or Backspace takes back."""

    def __init__(self, act: Callable[[str], None]) -> None:
        super().__init__()
        self._act = act
        self.setAccessibleName(tr("Suspects"))
        self.setUniformItemSizes(True)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)

    # --- Qt --------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        match event.key():
            case Qt.Key.Key_P:
                self._act("pin")
            case Qt.Key.Key_D | Qt.Key.Key_Delete:
                self._act("drop")
            case Qt.Key.Key_U | Qt.Key.Key_Backspace:
                self._act("back")
            case _:
                super().keyPressEvent(event)
