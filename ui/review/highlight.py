"""Syntax colours for the diff, from Pygments, a slice at a time so that the window never waits.

Results are runs of (start, end, token of the theme) for each line of a text.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from ui.review.layout import TAB
from ui.review.lexers import LexerFinder

Runs = list[tuple[int, int, str]]

SLICE_SECONDS: Final = 0.004
MAX_CHARACTERS: Final = 400_000
"""Longer texts stay in plain colour."""
_REPAINT_SECONDS: Final = 0.1
_WAIT_MS: Final = 20


class Highlighter(QObject):
    """Colours texts in the background of the event loop, one after another."""

    progressed = Signal()

    def __init__(self, parent: QObject | None = None, lexers: LexerFinder | None = None) -> None:
        """``lexers`` may be shared: each is then sought once for all."""
        super().__init__(parent)
        self._lines: dict[object, list[Runs]] = {}
        self._waiting: list[tuple[object, str, str]] = []
        self._running: Iterator[object] | None = None
        self._lexers = lexers or LexerFinder()
        self._shown = 0.0
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._step)

    def warm_up(self) -> None:
        """Have the lexer of our own language ready before the first diff."""
        self._lexers.find("a.py")

    def clear(self) -> None:
        self._lines.clear()
        self._waiting.clear()
        self._running = None
        self._timer.stop()

    def add(self, key: object, path: str, text: str) -> None:
        """Colour ``text`` under ``key``; the language follows from ``path``."""
        if text and len(text) <= MAX_CHARACTERS:
            self._waiting.append((key, path, text))
            self._timer.start(0)

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
                if self._lexers.find(self._waiting[0][1]) is None:
                    self._timer.start(_WAIT_MS)
                    return
                self._timer.start(0)
                self._running = self._colour(*self._waiting.pop(0))
            if next(self._running, _END) is _END:
                self._running = None
        self._say_so(at_once=self._running is None)

    def _say_so(self, *, at_once: bool) -> None:
        now = time.perf_counter()
        if at_once or now - self._shown >= _REPAINT_SECONDS:
            self._shown = now
            self.progressed.emit()

    def _colour(self, key: object, path: str, text: str) -> Iterator[object]:
        lexer = self._lexers.find(path)
        if lexer is None:
            return
        lines: list[Runs] = [[]]
        self._lines[key] = lines
        column = 0
        for token, value in lexer.get_tokens(text):
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
