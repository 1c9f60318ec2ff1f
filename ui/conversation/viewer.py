"""A text to be read beside the conversation: an attachment, a file as it is, what a model was sent."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication, QTextCursor
from PySide6.QtWidgets import QDialog, QPlainTextEdit, QTextEdit, QWidget

from ui.theme.look import Look
from ui.theme.tokens import SMALL
from ui.widgets import button, column, row
from ui.words import tr


class Viewer(QDialog):
    """Plain text in a window of its own; nothing of it is interpreted."""

    def __init__(self, parent: QWidget, look: Look) -> None:
        super().__init__(parent)
        self._look = look
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setTabChangesFocus(True)
        layout = column(self, (12, 12, 12, 12), 8)
        layout.addWidget(self.text, 1)
        buttons = row(gap=8)
        buttons.addStretch(1)
        buttons.addWidget(button(tr("Copy"), self._copy))
        buttons.addWidget(button(tr("Close"), self.close))
        layout.addLayout(buttons)
        self.resize(look.px(760), look.px(520))

    def show_text(self, title: str, text: str, line: int = 0) -> None:
        """``line`` counts from 1; 0 is the top."""
        self.setWindowTitle(title)
        self.text.setAccessibleName(title)
        self.text.setFont(self._look.code_font(SMALL + 1))
        self.text.setPlainText(text)
        self._mark(line)
        self.show()
        self.raise_()
        self.text.setFocus()

    def _mark(self, line: int) -> None:
        block = self.text.document().findBlockByNumber(max(line - 1, 0))
        if not line or not block.isValid():
            self.text.setExtraSelections([])
            return
        cursor = QTextCursor(block)
        self.text.setTextCursor(cursor)
        self.text.centerCursor()
        mark = QTextEdit.ExtraSelection()
        mark.cursor = cursor  # type: ignore[attr-defined]
        mark.format.setBackground(self._look.colour("selection"))  # type: ignore[attr-defined]
        mark.format.setProperty(mark.format.Property.FullWidthSelection, True)  # type: ignore[attr-defined]
        self.text.setExtraSelections([mark])

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text.toPlainText())
