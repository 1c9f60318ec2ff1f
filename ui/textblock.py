"""Read-only code text as high as its content, and the colours of a traceback."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QResizeEvent, QSyntaxHighlighter, QTextCharFormat, QTextDocument
from PySide6.QtWidgets import QPlainTextEdit

from ui.theme.look import Look
from ui.theme.tokens import SMALL

_MIN_LINES, _MAX_LINES = 2, 26


class TracebackColours(QSyntaxHighlighter):
    """Failure lines red, the failing line strong, places in the link colour."""

    def __init__(self, document: QTextDocument, look: Look) -> None:
        super().__init__(document)
        self._look = look
        look.changed.connect(self.rehighlight)

    def highlightBlock(self, text: str) -> None:
        look = self._look
        if text.startswith("E "):
            self._paint(text, look.colour("failed"))
        elif text.startswith(">"):
            self._paint(text, look.colour("text"), strong=True)
        elif ".py:" in text and not text.startswith(" "):
            self._paint(text, look.colour("link"))

    def _paint(self, text: str, colour: QColor, strong: bool = False) -> None:
        form = QTextCharFormat()
        form.setForeground(colour)
        if strong:
            form.setFontWeight(600)
        self.setFormat(0, len(text), form)


class TextBlock(QPlainTextEdit):
    """Read-only code text as high as its content, within bounds."""

    def __init__(self, look: Look, name: str) -> None:
        super().__init__()
        self._look = look
        self._widest = 0
        self.setReadOnly(True)
        self.setProperty("look", "well")
        self.setAccessibleName(name)
        self.setTabChangesFocus(True)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.document().setDocumentMargin(8)
        self._restyle()
        look.changed.connect(self._restyle)

    def show_text(self, text: str) -> None:
        self.setPlainText(text)
        self._widest = max(
            (self.fontMetrics().horizontalAdvance(line) for line in text.split("\n")), default=0
        )
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """As high as the lines, and the scroll bar where a line is longer than the block is wide."""
        lines = min(max(self.blockCount(), _MIN_LINES), _MAX_LINES)
        margins = 2 * (round(self.document().documentMargin()) + self.frameWidth())
        needs_bar = self._widest + margins > self.width()
        bar = self.horizontalScrollBar().sizeHint().height() if needs_bar else 0
        self.setFixedHeight(lines * self.fontMetrics().lineSpacing() + margins + bar)
        policy = Qt.ScrollBarPolicy
        fits = self.blockCount() <= _MAX_LINES
        self.setVerticalScrollBarPolicy(policy.ScrollBarAlwaysOff if fits else policy.ScrollBarAsNeeded)

    def _restyle(self) -> None:
        font = self._look.code_font(SMALL + 1)
        size = self._look.px(SMALL + 1)
        # A style sheet's font size wins over setFont, so it is said there as well.
        self.setStyleSheet(f'QPlainTextEdit {{ font-family: "{font.family()}"; font-size: {size}px; }}')
        self.setFont(font)
        if self.document().characterCount() > 1:
            self._fit()
