"""Paints one row of the diff. Knows nothing of scrolling, input or choice beyond what it is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from typing import Final, NamedTuple

from PySide6.QtCore import QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from core.types import HunkId
from ui.review.highlight import Highlighter
from ui.review.layout import Kind, Note, Row, Side, Spans, changed_words
from ui.theme.look import Look
from ui.theme.tokens import BASE, SMALL
from ui.words import counted, tr

PAD: Final = 8
BOX: Final = 14
INDENT: Final = 16

_MIDDLE: Final = Qt.AlignmentFlag.AlignVCenter
_RIGHT: Final = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight


class Page(NamedTuple):
    """The view as it is during one paint; lengths in pixels."""

    chosen: Set[HunkId]
    numbers: Mapping[HunkId, int]
    """Hunks by their place in the diff, from 1."""
    tallies: Sequence[tuple[int, int]]
    """Added and removed lines of each file."""
    proven: bool
    side: int
    """Width of one side; 0 in unified mode."""
    gutter: int
    advance: float
    """Width of a character."""
    scrolled: int
    width: int
    notes: Mapping[HunkId, tuple[str, str]]
    """What is to be said of hunks, each with the colour of its words."""


class RowPainter:
    """Paints rows in the colours of the theme in force."""

    def __init__(self, look: Look, highlighter: Highlighter) -> None:
        self._look = look
        self._highlighter = highlighter

    def paint(self, painter: QPainter, page: Page, row: Row, box: QRect, is_current: bool) -> None:
        look = self._look
        match row.kind:
            case Kind.FILE:
                self._file(painter, page, row, box)
            case Kind.NOTE:
                painter.fillRect(box, look.colour("attention_soft"))
                self._words(painter, box, _note(Note(row.text)), "attention")
            case Kind.HUNK:
                self._hunk(painter, page, row, box, is_current)
            case Kind.FOLD:
                painter.fillRect(box, look.colour("window"))
                text = "⋯  " + counted(row.new.number, "{n} unchanged line", "{n} unchanged lines")
                self._words(painter, box, f"{text}   {row.text}".rstrip(), "muted")
            case Kind.CONTEXT | Kind.CHANGE if page.side:
                left = QRect(box.left(), box.top(), page.side, box.height())
                right = box.adjusted(page.side, 0, 0, 0)
                self._side(painter, page, row, row.old, "old", left)
                self._side(painter, page, row, row.new, "new", right)
                painter.fillRect(right.left(), box.top(), 1, box.height(), look.colour("border"))
            case Kind.CONTEXT | Kind.CHANGE:
                self._unified(painter, page, row, box)

    def _words(self, painter: QPainter, box: QRect, text: str, token: str) -> None:
        painter.setFont(self._look.font(SMALL))
        painter.setPen(self._look.colour(token))
        area = box.adjusted(INDENT, 0, -PAD, 0)
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(area, int(_MIDDLE), shown)

    def _file(self, painter: QPainter, page: Page, row: Row, box: QRect) -> None:
        look = self._look
        painter.fillRect(box, look.colour("raised"))
        painter.fillRect(box.left(), box.bottom(), box.width(), 1, look.colour("border"))
        area = box.adjusted(INDENT, 0, -INDENT, 0)
        tally = "+{} −{}".format(*page.tallies[row.file])
        painter.setFont(look.font(SMALL))
        painter.setPen(look.colour("muted"))
        painter.drawText(area, int(_RIGHT), tally)
        area.adjust(0, 0, -painter.fontMetrics().horizontalAdvance(tally) - PAD, 0)
        painter.setFont(look.font(BASE, strong=True))
        painter.setPen(look.colour("text"))
        shown = painter.fontMetrics().elidedText(row.text, Qt.TextElideMode.ElideLeft, area.width())
        painter.drawText(area, int(_MIDDLE), shown)

    def _hunk(self, painter: QPainter, page: Page, row: Row, box: QRect, is_current: bool) -> None:
        look = self._look
        painter.fillRect(box, look.colour("accent_soft" if is_current else "window"))
        if is_current:
            painter.fillRect(box.left(), box.top(), 3, box.height(), look.colour("accent"))
        taken = row.hunk in page.chosen
        self._check(painter, QPoint(box.left() + INDENT, box.center().y() - look.px(BOX) // 2 + 1), taken)
        text = tr("Hunk {n} of {total}", n=page.numbers[row.hunk], total=len(page.numbers))
        if not taken:
            text += tr(", left out")
        if row.text:
            text += f"   {row.text}"
        area = box.adjusted(look.px(BOX) + PAD, 0, 0, 0)
        note, tone = page.notes.get(row.hunk, ("", ""))
        if note:
            painter.setFont(look.font(SMALL))
            painter.setPen(look.colour(tone))
            room = area.width() * 3 // 5
            note = painter.fontMetrics().elidedText(note, Qt.TextElideMode.ElideRight, room)
            painter.drawText(area.adjusted(0, 0, -INDENT, 0), int(_RIGHT), note)
            area.adjust(0, 0, -painter.fontMetrics().horizontalAdvance(note) - INDENT, 0)
        self._words(painter, area, text, "text" if is_current else "muted")

    def _check(self, painter: QPainter, at: QPoint, taken: bool) -> None:
        look = self._look
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(at)
        painter.scale(look.scale, look.scale)
        painter.setPen(look.colour("accent" if taken else "strong_border"))
        painter.setBrush(look.colour("accent" if taken else "panel"))
        painter.drawRoundedRect(QRectF(0.5, 0.5, BOX - 1, BOX - 1), 3, 3)
        if taken:
            pen = painter.pen()
            pen.setColor(look.colour("on_accent"))
            pen.setWidthF(1.8)
            painter.setPen(pen)
            painter.drawPolyline([QPoint(3, 7), QPoint(6, 10), QPoint(11, 4)])
        painter.restore()

    def _unified(self, painter: QPainter, page: Page, row: Row, box: QRect) -> None:
        rest = box.adjusted(page.gutter, 0, 0, 0)
        if row.kind is Kind.CHANGE and row.old.number:
            self._side(painter, page, row, row.old, "old", rest, numbered=False)
        else:
            self._side(painter, page, row, row.new, "new", rest)
        self._number(painter, row.old.number, QRect(box.left(), box.top(), page.gutter, box.height()))

    def _number(self, painter: QPainter, number: int, box: QRect) -> None:
        painter.fillRect(box, self._look.colour("gutter"))
        if number:
            painter.setFont(self._look.code_font(SMALL))
            painter.setPen(self._look.colour("muted"))
            painter.drawText(box.adjusted(0, 0, -PAD, 0), int(_RIGHT), str(number))

    def _side(
        self,
        painter: QPainter,
        page: Page,
        row: Row,
        side: Side,
        which: str,
        box: QRect,
        numbered: bool = True,
    ) -> None:
        """One side of a row: gutter, background, sign, changed words, text."""
        look = self._look
        if not side.number:
            painter.fillRect(box, look.colour("window"))
            return
        gutter = QRect(box.left(), box.top(), page.gutter, box.height())
        body = box.adjusted(page.gutter, 0, 0, 0)
        dim = row.kind is Kind.CHANGE and row.hunk not in page.chosen
        tint, strong = "removed", "removed_word"
        if which == "new":
            tint, strong = ("proven", "proven_word") if page.proven else ("added", "added_word")
        if side.changed and not dim:
            painter.fillRect(body, look.colour(tint))
        self._number(painter, side.number if numbered else 0, gutter)
        painter.save()
        painter.setFont(look.code_font(BASE))
        metrics = painter.fontMetrics()
        base = body.top() + (body.height() + metrics.ascent() - metrics.descent()) // 2
        plain = look.colour("muted" if dim else "text")
        text_left = body.left() + 4 + round(page.advance * 2)
        if side.changed:
            painter.setPen(plain)
            painter.drawText(QPoint(body.left() + 4, base), "−" if which == "old" else "+")
        painter.setClipRect(QRect(text_left, body.top(), body.right() - text_left + 1, body.height()))
        start = text_left - page.scrolled
        for first, last in () if dim else _changed(side, which):
            width = (last - first) * page.advance
            word = QRectF(start + first * page.advance, body.top(), width, body.height())
            painter.fillRect(word, look.colour(strong))
        runs = [] if dim else self._highlighter.runs((row.file, which), side.number)
        for first, last, colour in self._pieces(page, side.text, runs, plain):
            piece = side.text[first:last]
            if piece.strip():
                painter.setPen(colour)
                painter.drawText(round(start + first * page.advance), base, piece)
        painter.restore()

    def _pieces(
        self, page: Page, text: str, runs: Sequence[tuple[int, int, str]], plain: QColor
    ) -> list[tuple[int, int, QColor]]:
        """Pieces of one colour each; only what is in sight, so a line of a megabyte is cheap too."""
        at = max(0, int(page.scrolled / page.advance) - 4)
        end = min(len(text), at + int(page.width / page.advance) + 12)
        pieces = []
        for begin, stop, token in runs:
            if stop <= at or begin >= end:
                continue
            if begin > at:
                pieces.append((at, begin, plain))
            pieces.append((max(at, begin), min(stop, end), self._look.colour(token)))
            at = stop
        if at < end:
            pieces.append((at, end, plain))
        return pieces


def _changed(side: Side, which: str) -> Spans:
    if side.other is None:
        return ()
    if which == "old":
        return changed_words(side.text, side.other)[0]
    return changed_words(side.other, side.text)[1]


def _note(note: Note) -> str:
    match note:
        case Note.BINARY:
            return tr("A binary file: its content is not shown.")
        case Note.LOCKED:
            return tr("! Tests and their settings: left out unless you choose them.")
        case Note.CONFIRMED:
            return tr("Tests that you confirmed. They are written with the code.")
        case Note.EMPTY:
            return tr("No line differs.")
