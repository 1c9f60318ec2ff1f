"""The palette (Ctrl+K and Ctrl+P): type a few letters, press Enter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from ui.theme.look import Look
from ui.theme.tokens import BASE, SMALL
from ui.widgets import column
from ui.words import tr

_SHOWN = 60
_DETAIL = Qt.ItemDataRole.UserRole


class Entry(NamedTuple):
    """One thing to choose; ``detail`` stands at the right (a shortcut, a path)."""

    title: str
    detail: str
    run: Callable[[], None]
    enabled: bool = True


def matching(entries: Sequence[Entry], text: str) -> list[Entry]:
    """Entries that hold every word of ``text``, those that start with it first. Pure."""
    words = text.lower().split()
    hits = [e for e in entries if all(word in f"{e.title} {e.detail}".lower() for word in words)]
    start = text.lower().strip()
    return sorted(hits, key=lambda e: (not e.enabled, not e.title.lower().startswith(start)))


class _Delegate(QStyledItemDelegate):
    def __init__(self, look: Look, parent: QObject) -> None:
        super().__init__(parent)
        self._look = look

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: object) -> None:
        look, area = self._look, option.rect
        item = index  # a QModelIndex
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(area, look.colour("selection"))
        box = area.adjusted(12, 0, -12, 0)
        enabled = bool(item.flags() & Qt.ItemFlag.ItemIsEnabled)  # type: ignore[attr-defined]
        painter.setFont(look.font(SMALL))
        detail = str(item.data(_DETAIL) or "")  # type: ignore[attr-defined]
        detail = painter.fontMetrics().elidedText(detail, Qt.TextElideMode.ElideLeft, box.width() // 2)
        painter.setPen(look.colour("muted"))
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(box, int(right), detail)
        room = painter.fontMetrics().horizontalAdvance(detail) + 12
        painter.setFont(look.font(BASE))
        painter.setPen(look.colour("text" if enabled else "strong_border"))
        text = painter.fontMetrics().elidedText(
            str(item.data()),  # type: ignore[attr-defined]
            Qt.TextElideMode.ElideRight,
            box.width() - room,
        )
        painter.drawText(box, int(Qt.AlignmentFlag.AlignVCenter), text)
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: object) -> QSize:
        return QSize(200, self._look.px(30))


class Palette(QFrame):
    """A popover over the window; closes on Escape, on a choice, and when it loses the focus."""

    def __init__(self, window: QWidget, look: Look) -> None:
        super().__init__(window)
        self.setProperty("look", "popover")
        self.setAccessibleName(tr("Palette"))
        self._window = window
        self._entries: Sequence[Entry] = ()
        self._hits: list[Entry] = []
        self.field = QLineEdit()
        self.field.setAccessibleName(tr("Search"))
        self.field.textChanged.connect(self._fill)
        self.field.installEventFilter(self)
        self.list = QListWidget()
        self.list.setAccessibleName(tr("Matches"))
        self.list.setItemDelegate(_Delegate(look, self))
        self.list.setUniformItemSizes(True)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.itemClicked.connect(self._run)
        layout = column(self, (8, 8, 8, 8), 8)
        layout.addWidget(self.field)
        layout.addWidget(self.list, 1)
        self.hide()

    def open_with(self, entries: Sequence[Entry], placeholder: str) -> None:
        window = self._window
        width = min(640, window.width() - 48)
        height = min(420, window.height() - 120)
        self.setGeometry((window.width() - width) // 2, 72, width, height)
        self._entries = entries
        self.field.setPlaceholderText(placeholder)
        self.field.clear()
        self._fill("")
        self.show()
        self.raise_()
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)

    def close_quietly(self) -> bool:
        """Close; ``False`` where it was not open."""
        if self.isHidden():
            return False
        self.hide()
        self._entries, self._hits = (), []
        return True

    def _fill(self, text: str) -> None:
        self.list.clear()
        self._hits = matching(self._entries, text)[:_SHOWN]
        for entry in self._hits:
            item = QListWidgetItem(entry.title)
            item.setData(_DETAIL, entry.detail)
            if not entry.enabled:
                item.setFlags(Qt.ItemFlag.NoItemFlags)
            self.list.addItem(item)
        self.list.setCurrentRow(0)

    def _run(self, item: QListWidgetItem | None) -> None:
        place = self.list.row(item) if item is not None else -1
        if not 0 <= place < len(self._hits) or not self._hits[place].enabled:
            return
        entry = self._hits[place]
        self.close_quietly()
        entry.run()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.field and event.type() is QEvent.Type.FocusOut:
            self.close_quietly()
        if (
            watched is self.field
            and isinstance(event, QKeyEvent)
            and event.type() is QEvent.Type.KeyPress
        ):
            step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 8, Qt.Key.Key_PageUp: -8}
            by = step.get(Qt.Key(event.key()))
            if by is not None:
                last = self.list.count() - 1
                self.list.setCurrentRow(min(max(self.list.currentRow() + by, 0), last))
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._run(self.list.currentItem())
                return True
            if event.key() == Qt.Key.Key_Escape:
                self.close_quietly()
                return True
        return super().eventFilter(watched, event)
