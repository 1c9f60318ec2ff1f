"""The names that can stand behind an ``@``: a list above the message, led by the keys of the message."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QPlainTextEdit

from core.types import Name, NameKind
from ui.theme.look import Look
from ui.words import tr

_KEYS: Final = (
    Qt.Key.Key_Up,
    Qt.Key.Key_Down,
    Qt.Key.Key_Tab,
    Qt.Key.Key_Return,
    Qt.Key.Key_Enter,
    Qt.Key.Key_Escape,
)
_WIDE: Final = 460


class NamesPopup(QListWidget):
    """Never has the focus: what is typed goes on into the message."""

    chosen = Signal(object)

    def __init__(self, edit: QPlainTextEdit, look: Look) -> None:
        super().__init__()
        self._edit = edit
        self._look = look
        self._expected: str | None = None
        self._put_away = ""
        self.setProperty("look", "popover")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(tr("What can be mentioned"))
        self.setUniformItemSizes(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.itemClicked.connect(self._take)
        self.hide()

    def expect(self, typed: str | None) -> bool:
        """``typed`` stands behind the ``@`` now; whether names for it are to be looked up."""
        if typed == self._expected:
            return False
        self._expected = typed
        if typed is None:
            self._put_away = ""
            self.hide()
        return typed is not None and typed != self._put_away

    def show_names(self, typed: str, names: Sequence[Name]) -> None:
        """Show ``names``, if they are those that are waited for."""
        if typed != self._expected or (typed == self._put_away and typed):
            return
        if [self.item(n).data(Qt.ItemDataRole.UserRole) for n in range(self.count())] != list(names):
            self.clear()
            for name in names:
                item = QListWidgetItem(_words(name))
                item.setData(Qt.ItemDataRole.UserRole, name)
                self.addItem(item)
            self.setCurrentRow(0)
        is_done = len(names) == 1 and names[0].mention == typed
        if not names or is_done:
            self.hide()
            return
        self._place()
        self.show()
        self.raise_()

    def wants(self, event: QKeyEvent) -> bool:
        """Whether a key is for this list."""
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        return self.isVisible() and plain and event.key() in _KEYS

    def press(self, event: QKeyEvent) -> None:
        match event.key():
            case Qt.Key.Key_Escape:
                self._put_away = self._expected or ""
                self.hide()
            case Qt.Key.Key_Up | Qt.Key.Key_Down:
                step = -1 if event.key() == Qt.Key.Key_Up else 1
                self.setCurrentRow((self.currentRow() + step) % self.count())
            case _:
                self._take(self.currentItem())

    def _take(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            self.hide()
            self.chosen.emit(item.data(Qt.ItemDataRole.UserRole))

    def _place(self) -> None:
        """Above the line that is written, inside the window."""
        window = self._edit.window()
        if self.parentWidget() is not window:
            self.setParent(window)
        high = self.sizeHintForRow(0) * min(self.count(), 8) + 2 * self.frameWidth() + 4
        wide = min(self._look.px(_WIDE), window.width() - 16)
        at = self._edit.mapTo(window, QPoint(self._edit.cursorRect().left(), 0))
        left = max(8, min(at.x(), window.width() - wide - 8))
        self.setGeometry(left, max(8, at.y() - high - 4), wide, high)

    def sizeHint(self) -> QSize:
        return QSize(self._look.px(_WIDE), 120)


def _words(name: Name) -> str:
    kind = {NameKind.FILE: tr("file"), NameKind.SYMBOL: tr("symbol"), NameKind.TEST: tr("test")}[
        name.kind
    ]
    return f"{name.mention}    {kind}"
