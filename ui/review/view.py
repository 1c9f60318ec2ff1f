"""The diff, painted: only the rows in sight cost anything, so files may be as long as they like."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from PySide6.QtCore import QRect, Qt, QTimer, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea

from core.types import FileDiff, HunkId, RemarkPlace
from ui.review.highlight import Highlighter
from ui.review.layout import Kind, in_order, lay_out
from ui.review.paint import BOX, INDENT, PAD, Page, RowPainter
from ui.review.rows import RowTable
from ui.theme.look import Look
from ui.theme.tokens import BASE
from ui.words import tr

_ROW: Final = 20
_HEAD: Final = 30
_SLICE_SECONDS: Final = 0.008


class DiffView(QAbstractScrollArea):
    """Shows file diffs, side by side or unified; keeps which hunks are chosen.

    ``proven`` turns added lines green: the tests hold for exactly what is chosen.
    """

    choice_changed = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._files: Sequence[FileDiff] = ()
        self._table = RowTable()
        self._hunks: list[HunkId] = []
        self._numbers: dict[HunkId, int] = {}
        self._tallies: list[tuple[int, int]] = []
        self._opened: set[tuple[int, int]] = set()
        self._chosen: set[HunkId] = set()
        self._history: list[set[HunkId]] = []
        self._current = -1
        self._line = 0
        self._split = True
        self._digits = 3
        self.proven = False
        self.choosable = True
        self.notes: Mapping[HunkId, tuple[str, str]] = {}
        """What is to be said of hunks, each with the colour of its words."""
        self._highlighter = Highlighter(self)
        self._highlighter.progressed.connect(self.viewport().update)
        self._painter = RowPainter(look, self._highlighter)
        self._rest = QTimer(self)
        self._rest.setInterval(0)
        self._rest.timeout.connect(self._lay_out_more)
        self.setAccessibleName(tr("Diff"))
        look.fit(self, "setMinimumHeight", 2 * _ROW)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setCursor(Qt.CursorShape.ArrowCursor)
        look.changed.connect(self._restyle)

    # --- content ---------------------------------------------------------------------------------

    def show_files(self, files: Sequence[FileDiff]) -> None:
        """Show ``files`` with every hunk chosen but those in locked files that nobody has confirmed."""
        self._files = files
        self._opened.clear()
        self._history.clear()
        self._chosen = {hunk.id for file in files if file.is_offered for hunk in file.hunks}
        self._highlighter.clear()
        for number, file in enumerate(files):
            if not file.binary:
                self._highlighter.add((number, "old"), file.path, file.before)
                self._highlighter.add((number, "new"), file.path, file.after)
        self._hunks = [hunk.id for number in in_order(files) for hunk in files[number].hunks]
        self._numbers = {hunk: number for number, hunk in enumerate(self._hunks, start=1)}
        self._tallies = [_tally(file) for file in files]
        lines = (file.before.count("\n") + file.after.count("\n") for file in files)
        self._digits = max(3, len(str(max(lines, default=0))))
        self._current, self._line = (0 if self._hunks else -1), 0
        self._table.widest = 0
        self.verticalScrollBar().setValue(0)
        self.horizontalScrollBar().setValue(0)
        self._lay_out()

    def warm_up(self) -> None:
        """Make the first diff quick; cheap here, the work is done on another thread."""
        self._highlighter.warm_up()

    def set_side_by_side(self, split: bool) -> None:
        if split != self._split:
            self._split = split
            self._lay_out()

    def chosen(self) -> tuple[HunkId, ...]:
        """Chosen hunks in the order of the diff."""
        return tuple(hunk.id for file in self._files for hunk in file.hunks if hunk.id in self._chosen)

    def hunk_count(self) -> int:
        return len(self._hunks)

    def current_hunk(self) -> HunkId | None:
        return self._hunks[self._current] if 0 <= self._current < len(self._hunks) else None

    def current_place(self) -> RemarkPlace:
        """The line that was clicked, else the current hunk; the whole patch where there is none."""
        hunk = self.current_hunk()
        if hunk is None:
            return RemarkPlace()
        return RemarkPlace(hunk.rpartition("#")[0], self._line, self._line, hunk)

    # --- actions ---------------------------------------------------------------------------------

    def step(self, by: int) -> None:
        """Go to the next (1) or previous (-1) hunk."""
        if self._hunks:
            self._go(min(max(self._current + by, 0), len(self._hunks) - 1))

    def go_to_file(self, path: str) -> None:
        """Go to the first hunk of a file; quiet where it has none."""
        hunks = {hunk.id for file in self._files if file.path == path for hunk in file.hunks}
        place = next((place for place, hunk in enumerate(self._hunks) if hunk in hunks), None)
        if place is not None:
            self._go(place)

    def go_to_hunk(self, hunk: HunkId) -> None:
        """Go to a hunk; quiet where there is none of that name."""
        if hunk in self._hunks:
            self._go(self._hunks.index(hunk))

    def _go(self, place: int) -> None:
        self._current, self._line = place, 0
        if self._current >= len(self._table.hunks):
            self._table.finish()
            self._adjust_bars()
        top = self._table.tops[self._table.hunks[self._current]]
        bar = self.verticalScrollBar()
        if not bar.value() <= top <= bar.value() + self.viewport().height() - 4 * self._look.px(_ROW):
            bar.setValue(top - 2 * self._look.px(_ROW))
        self.viewport().update()

    def choose(self, hunk: HunkId, taken: bool) -> None:
        """Take a hunk in or leave it out."""
        if not self.choosable or (hunk in self._chosen) is taken:
            return
        self._history.append(set(self._chosen))
        (self._chosen.add if taken else self._chosen.discard)(hunk)
        self._choice_done()

    def decide_current(self, taken: bool) -> None:
        """Decide on the current hunk and go on to the next."""
        hunk = self.current_hunk()
        if hunk is not None:
            self.choose(hunk, taken)
            self.step(1)

    def undo_choice(self) -> None:
        if self._history and self.choosable:
            self._chosen = self._history.pop()
            self._choice_done()

    def _choice_done(self) -> None:
        self.viewport().update()
        self.choice_changed.emit()

    # --- geometry --------------------------------------------------------------------------------

    def _restyle(self) -> None:
        self._table.widest = 0
        self._lay_out()

    def _lay_out(self) -> None:
        """Lay out what is in sight now, and the rest between events."""
        plain = self._look.px(_ROW)
        heights = dict.fromkeys(Kind, plain) | {Kind.FILE: self._look.px(_HEAD), Kind.HUNK: plain + 4}
        self._table.start(lay_out(self._files, self._split, self._opened), heights)
        self._rest.start()
        self._lay_out_more(self.verticalScrollBar().value() + self.viewport().height())

    def _lay_out_more(self, until: int = 0) -> None:
        if not self._table.more(_SLICE_SECONDS, until):
            self._rest.stop()
        self._adjust_bars()
        self.viewport().update()

    def _page(self) -> Page:
        """What the painter needs to know of the whole, for one paint."""
        advance = QFontMetricsF(self._look.code_font(BASE)).horizontalAdvance("0")
        return Page(
            self._chosen,
            self._numbers,
            self._tallies,
            self.proven,
            self.viewport().width() // 2 if self._split else 0,
            int(advance * self._digits) + 2 * PAD,
            advance,
            self.horizontalScrollBar().value(),
            self.viewport().width(),
            self.notes,
        )

    def _adjust_bars(self) -> None:
        page = self._page()
        text = int((self._table.widest + 3) * page.advance) + 2 * PAD
        room = (page.side or page.width) - (page.gutter if self._split else 2 * page.gutter)
        horizontal = self.horizontalScrollBar()
        horizontal.setRange(0, max(0, text - room))
        horizontal.setPageStep(max(1, room))
        horizontal.setSingleStep(int(page.advance * 4))
        vertical = self.verticalScrollBar()
        high, line = self.viewport().height(), self._look.px(_ROW)
        vertical.setRange(0, max(0, self._table.tops[-1] + line - high))
        vertical.setPageStep(high)
        vertical.setSingleStep(line)

    def _row_at(self, y: int) -> int | None:
        return self._table.at(y + self.verticalScrollBar().value())

    # --- Qt --------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.fillRect(self.viewport().rect(), self._look.colour("panel"))
        scrolled = self.verticalScrollBar().value()
        number = self._row_at(event.rect().top())
        hunks, rows, tops = self._table.hunks, self._table.rows, self._table.tops
        current = hunks[self._current] if 0 <= self._current < len(hunks) else -1
        page = self._page()
        while number is not None and number < len(rows):
            top = tops[number] - scrolled
            if top > event.rect().bottom():
                break
            box = QRect(0, top, self.viewport().width(), tops[number + 1] - tops[number])
            self._painter.paint(painter, page, rows[number], box, number == current)
            number += 1
        if self.hasFocus():
            painter.setPen(self._look.colour("focus"))
            painter.drawRect(self.viewport().rect().adjusted(0, 0, -1, -1))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._adjust_bars()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.viewport().update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        number = self._row_at(event.position().toPoint().y())
        if number is None:
            return
        row = self._table.rows[number]
        if row.kind is Kind.FOLD:
            self._opened.add((row.file, row.fold))
            self._lay_out()
        elif row.hunk:
            self._current, self._line = self._numbers[row.hunk] - 1, row.new.number
            if row.kind is Kind.HUNK and event.position().x() < INDENT + self._look.px(BOX) + PAD:
                self.choose(row.hunk, row.hunk not in self._chosen)
            self.viewport().update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space:
            hunk = self.current_hunk()
            if hunk is not None:
                self.choose(hunk, hunk not in self._chosen)
            return
        super().keyPressEvent(event)


def _tally(file: FileDiff) -> tuple[int, int]:
    """Added and removed lines."""
    lines = [line[:1] for hunk in file.hunks for line in hunk.lines]
    return lines.count("+"), lines.count("-")
