"""Syntax colours for the diff, from Pygments, a slice at a time so that the window never waits.

Pygments is imported at the first diff, never before the first paint. Results are runs of
(start, end, token of the theme) for each line of a text.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QTimer, Signal

from ui.review.layout import TAB

if TYPE_CHECKING:
    from pygments.lexer import Lexer  # type: ignore[import-untyped]

Runs = list[tuple[int, int, str]]

SLICE_SECONDS: Final = 0.004
MAX_CHARACTERS: Final = 400_000
"""Longer texts stay in plain colour."""


class Highlighter(QObject):
    """Colours texts in the background of the event loop, one after another."""

    progressed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lines: dict[object, list[Runs]] = {}
        self._waiting: list[tuple[object, str, str]] = []
        self._running: Iterator[object] | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._step)

    def clear(self) -> None:
        self._lines.clear()
        self._waiting.clear()
        self._running = None
        self._timer.stop()

    def add(self, key: object, path: str, text: str) -> None:
        """Colour ``text`` under ``key``; the language follows from ``path``."""
        if text and len(text) <= MAX_CHARACTERS:
            self._waiting.append((key, path, text))
            self._timer.start()

    def runs(self, key: object, line: int) -> Runs:
        """Runs of a line (from 1); empty while it is not yet coloured."""
        lines = self._lines.get(key)
        return lines[line - 1] if lines is not None and 0 < line <= len(lines) else []

    def _step(self) -> None:
        deadline = time.perf_counter() + SLICE_SECONDS
        while time.perf_counter() < deadline:
            if self._running is None:
                if not self._waiting:
                    self._timer.stop()
                    break
                self._running = self._colour(*self._waiting.pop(0))
            if next(self._running, _END) is _END:
                self._running = None
                self.progressed.emit()

    def _colour(self, key: object, path: str, text: str) -> Iterator[object]:
        lines: list[Runs] = [[]]
        self._lines[key] = lines
        column = 0
        for token, value in _lexer(path).get_tokens(text):
            colour = _colour_of(str(token))
            for place, piece in enumerate(value.split("\n")):
                if place:
                    lines.append([])
                    column = 0
                width = len(piece.replace("\t", TAB))
                if colour and width:
                    lines[-1].append((column, column + width, colour))
                column += width
            yield None


_END: Final = object()


def _lexer(path: str) -> Lexer:
    from pygments.lexers import get_lexer_for_filename  # type: ignore[import-untyped]
    from pygments.lexers.special import TextLexer  # type: ignore[import-untyped]
    from pygments.util import ClassNotFound  # type: ignore[import-untyped]

    try:
        return get_lexer_for_filename(path, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return TextLexer(stripnl=False, ensurenl=False)


def _colour_of(token: str) -> str:
    """The theme's token for a Pygments token name, empty for plain text."""
    for prefix, colour in _COLOURS:
        if token.startswith(prefix):
            return colour
    return ""


_COLOURS: Final = (
    ("Token.Keyword", "code_keyword"),
    ("Token.Operator.Word", "code_keyword"),
    ("Token.Literal.String", "code_string"),
    ("Token.Literal.Number", "code_number"),
    ("Token.Comment", "code_comment"),
    ("Token.Name.Function", "code_name"),
    ("Token.Name.Class", "code_name"),
    ("Token.Name.Decorator", "code_name"),
    ("Token.Name.Builtin", "code_name"),
)
