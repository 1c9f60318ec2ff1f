"""The widgets of a message: prose, a block of code. As high as what they hold."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QSize, Qt, QUrl, Signal
from PySide6.QtGui import (
    QColor,
    QGuiApplication,
    QSyntaxHighlighter,
    QTextCharFormat,
    QTextCursor,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QSizePolicy, QTextBrowser

from ui.conversation.prose import PLACE
from ui.review.highlight import Highlighter
from ui.review.layout import TAB
from ui.review.lexers import LexerFinder
from ui.textblock import TextBlock
from ui.theme.look import Look
from ui.widgets import button, column, label, row
from ui.words import tr

SIDE: Final = 16
"""Pixels left and right of a message."""
MOST_COLOURED: Final = 40_000
"""Characters; longer code stays in one colour."""


class Prose(QTextBrowser):
    """Text that can be selected; the places it names can be followed. Nothing is ever loaded."""

    place_opened = Signal(str, int)

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self.setProperty("look", "prose")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setOpenLinks(False)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setAccessibleName(tr("Message"))
        self.viewport().setAutoFillBackground(False)
        side = look.px(SIDE)
        self.setViewportMargins(side, 2, side, 2)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.anchorClicked.connect(self._follow)

    def _follow(self, address: QUrl) -> None:
        said = address.toString()
        if said.startswith(PLACE):
            path, _, line = said.removeprefix(PLACE).rpartition(":")
            self.place_opened.emit(path, int(line) if line.isdigit() else 0)

    # --- Qt ----------------------------------------------------------------------------------------

    def heightForWidth(self, width: int) -> int:
        margins = self.viewportMargins()
        document = self.document()
        document.setTextWidth(max(width - margins.left() - margins.right(), 40))
        return round(document.size().height()) + margins.top() + margins.bottom() + 1

    def sizeHint(self) -> QSize:
        return QSize(400, self.heightForWidth(max(self.width(), 200)))

    def minimumSizeHint(self) -> QSize:
        return QSize(80, 20)

    def loadResource(self, kind: int, name: QUrl | str) -> object:
        """Nothing that a text names is ever fetched."""
        return None

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


class CodeColours(QSyntaxHighlighter):
    """Colours of a block of code, from Pygments, once the block is over."""

    def __init__(self, block: TextBlock, lexers: LexerFinder, look: Look) -> None:
        super().__init__(block.document())
        self._highlighter = Highlighter(self, lexers)
        self._look = look
        self._key = ""
        self._highlighter.progressed.connect(self.rehighlight)

    def colour(self, path: str, text: str) -> None:
        """``path`` says the language."""
        if len(text) <= MOST_COLOURED and path != self._key:
            self._key = path
            self._highlighter.add(path, path, text)

    def highlightBlock(self, text: str) -> None:
        if not self._key:
            return
        for start, end, token in self._highlighter.runs(self._key, self.currentBlock().blockNumber() + 1):
            form = QTextCharFormat()
            form.setForeground(QColor(self._look.colour(token)))
            self.setFormat(start, end - start, form)


class CodeText(TextBlock):
    """The code itself; grows at its end. Scrolls by the wheel only where it has the focus."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, tr("Code"))
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setUndoRedoEnabled(False)

    def grow(self, text: str) -> None:
        """Put more at the end."""
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.insertText(text)
        measure = self.fontMetrics().horizontalAdvance
        self._widest = max(self._widest, *(measure(line) for line in text.split("\n")))
        self._fit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class CodeBlock(QFrame):
    """Code under a line that says what it is, and what can be done with it."""

    review_wanted = Signal(str)

    def __init__(
        self, look: Look, info: str, path_of: Callable[[str, str], str], lexers: LexerFinder
    ) -> None:
        """``info`` is what stands behind the fence; ``path_of`` gives the file of the patch under review
        that a code under it is about, or nothing."""
        super().__init__()
        self._info = info
        self._path_of = path_of
        self._path = ""
        self.raw = ""
        self._kept = ""
        self._title = label(info.split(" ", 1)[0] or tr("code"), look="small")
        self._review = button(tr("Open in Review"), lambda: self.review_wanted.emit(self._path), "quiet")
        self._review.hide()
        copy = button(tr("Copy"), self._copy, "quiet", tr("Copy the code"))
        self.text = CodeText(look)
        self._colours = CodeColours(self.text, lexers, look)
        side = look.px(SIDE)
        layout = column(self, (side, 4, side, 6), 2)
        head = row(gap=4)
        head.addWidget(self._title)
        head.addStretch(1)
        head.addWidget(self._review)
        head.addWidget(copy)
        layout.addLayout(head)
        layout.addWidget(self.text)

    def show_code(self, text: str, *, closed: bool) -> None:
        """What there is of it by now; only what is new is put in."""
        self.raw = text
        shown = text.rstrip("\n").replace("\t", TAB)
        if not shown.startswith(self._kept) or not self._kept:
            self.text.show_text(shown)
        elif len(shown) > len(self._kept):
            self.text.grow(shown[len(self._kept) :])
        self._kept = shown
        if closed:
            self._colours.colour(file_name_of(self._info), shown)
            self._path = self._path_of(self._info, text)
            self._review.setVisible(bool(self._path))

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.raw)


_ENDINGS: Final = {
    "python": "py", "py3": "py", "python3": "py", "javascript": "js", "typescript": "ts", "rust": "rs",
    "shell": "sh", "bash": "sh", "console": "sh", "c++": "cpp", "csharp": "cs", "markdown": "md",
    "golang": "go", "ruby": "rb", "yml": "yaml", "kotlin": "kt", "text": "txt", "": "txt",
}  # fmt: skip


def file_name_of(info: str) -> str:
    """A file name that has the language which a fence names."""
    word = info.split(" ", 1)[0].strip("{}.").lower()
    if "." in word or "/" in word:
        return word.rpartition("/")[2]
    return f"code.{_ENDINGS.get(word, word)}"
