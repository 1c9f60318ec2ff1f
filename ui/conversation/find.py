"""Looking for words in a conversation: a bar above it, from one place to the next."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QTextEdit, QWidget

from ui.conversation.blocks import CodeBlock, Prose
from ui.conversation.rows import Row, RowList
from ui.widgets import button, label, row
from ui.words import tr

_TYPING_MS = 120


class FindBar(QWidget):
    """Hidden until it is opened; Enter goes on, Shift+Enter back, Escape closes."""

    closed = Signal()

    def __init__(self, rows: RowList) -> None:
        super().__init__()
        self._rows = rows
        self._found: list[Row] = []
        self._place = 0
        self.edit = QLineEdit()
        self.edit.setPlaceholderText(tr("Find in the conversation"))
        self.edit.setAccessibleName(tr("Find in the conversation"))
        self.edit.textChanged.connect(lambda _text: self._later.start())
        self.edit.returnPressed.connect(lambda: self.step(1))
        self.count = label(look="small")
        layout = row(self, (12, 6, 12, 6), 8)
        layout.addWidget(self.edit, 1)
        layout.addWidget(self.count)
        layout.addWidget(button("↑", lambda: self.step(-1), "quiet", tr("Find the place before")))
        layout.addWidget(button("↓", lambda: self.step(1), "quiet", tr("Find the next place")))
        layout.addWidget(button("✕", self.close_bar, "close", tr("Close the search")))
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_TYPING_MS)
        self._later.timeout.connect(self.look)
        self.hide()

    def open(self) -> None:
        self.show()
        self.edit.setFocus()
        self.edit.selectAll()

    def close_bar(self) -> None:
        self._later.stop()
        self.hide()
        self.closed.emit()

    def look(self) -> None:
        """Find every row that has the words, the last one first."""
        self._later.stop()
        wanted = self.edit.text().lower()
        self._found = matching(self._rows.rows, wanted)
        self._place = len(self._found) - 1
        self._show()

    def step(self, by: int) -> None:
        if self._later.isActive():
            self.look()
            return
        if self._found:
            self._place = (self._place + by) % len(self._found)
            self._show()

    def _show(self) -> None:
        if not self.edit.text():
            self.count.setText("")
            return
        if not self._found:
            self.count.setText(tr("Not found"))
            return
        self.count.setText(tr("{n} of {all}", n=self._place + 1, all=len(self._found)))
        found = self._found[self._place]
        if found in self._rows.rows:
            _select(self._rows.reveal(found), self.edit.text())


def matching(rows: Sequence[Row], wanted: str) -> list[Row]:
    """The rows whose text has these words, small letters and large ones alike."""
    if not wanted:
        return []
    return [one for one in rows if wanted in str(getattr(one, "text", "")).lower()]


def _select(widget: QWidget, words: str) -> None:
    edit: QTextEdit | QPlainTextEdit | None = None
    if isinstance(widget, Prose):
        edit = widget
    elif isinstance(widget, CodeBlock):
        edit = widget.text
    if edit is not None:
        edit.moveCursor(QTextCursor.MoveOperation.Start)
        edit.find(words)
