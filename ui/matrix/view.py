"""The matrix, painted: one picture of what is in sight, made of a byte for each cell."""

from __future__ import annotations

from math import ceil
from typing import Final

from PySide6.QtCore import QEvent, QPoint, QRect, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QHelpEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QToolTip

from ui.matrix.state import MatrixState
from ui.matrix.table import Cell, squeezed
from ui.matrix.words import cell_line
from ui.theme.look import Look
from ui.theme.tokens import SMALL
from ui.tips import tip
from ui.words import tr

_ROW: Final = 18
_NAMES: Final = 112
_WIDEST: Final = 28
_SIGNS_FROM: Final = 10
"""Pixels of a cell's width that hold a sign."""
_ZOOMS: Final = (1, 2, 4, 8, 16, 32)
_SIGNS: Final = {Cell.PASSED: "·", Cell.FIXED: "✓", Cell.FAILED: "✗", Cell.BROKEN: "!", Cell.SKIPPED: "–"}
_FAINT: Final = 0.45


class MatrixView(QAbstractScrollArea):
    """The first row is the code as it is; the others are candidates, the best first."""

    current_changed = Signal()
    opened = Signal(int)
    """The candidate whose diff is to be shown."""

    def __init__(self, state: MatrixState, look: Look) -> None:
        super().__init__()
        self._state = state
        self._look = look
        self._zoom = 0
        self._version = -1
        self._lines: dict[tuple[int | None, int], tuple[bytearray, bytes]] = {}
        self.row = self.test = 0
        """The current cell."""
        self.setAccessibleName(tr("Matrix of candidates and tests"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setMouseTracking(True)
        look.changed.connect(self._adjust)

    # --- what is shown ---------------------------------------------------------------------------

    @property
    def candidates(self) -> list[int | None]:
        """By rows; ``None`` is the code as it is."""
        return [None, *self._state.table.order]

    def candidate(self) -> int | None:
        """That of the current cell."""
        return self.candidates[self.row]

    def refresh(self) -> None:
        """Show the state as it is now."""
        if self._version == self._state.version:
            return
        self._version = self._state.version
        rows, tests = len(self.candidates), len(self._state.table.tests)
        self.row, self.test = min(self.row, rows - 1), max(0, min(self.test, tests - 1))
        self._adjust()
        self.current_changed.emit()

    def zoom(self, by: int) -> None:
        """Make cells wider (1) or narrower (-1)."""
        self._zoom = min(max(self._zoom + by, 0), len(_ZOOMS) - 1)
        self._adjust()

    # --- geometry --------------------------------------------------------------------------------

    def _names(self) -> int:
        return self._look.px(_NAMES)

    def _height(self) -> int:
        return self._look.px(_ROW)

    def _room(self) -> int:
        return max(1, self.viewport().width() - self._names())

    def _share(self) -> int:
        """Tests to a column of the picture."""
        return max(1, ceil(len(self._state.table.tests) / (self._room() * _ZOOMS[self._zoom])))

    def _width(self) -> float:
        """Pixels of a column of the picture."""
        columns = ceil(len(self._state.table.tests) / self._share()) or 1
        fitting = self._room() * _ZOOMS[self._zoom] / columns
        return min(fitting, float(self._look.px(_WIDEST)))

    def _adjust(self) -> None:
        columns = ceil(len(self._state.table.tests) / self._share())
        across, down = self.horizontalScrollBar(), self.verticalScrollBar()
        across.setRange(0, max(0, round(columns * self._width()) - self._room()))
        across.setPageStep(self._room())
        down.setRange(0, max(0, len(self.candidates) * self._height() - self.viewport().height()))
        down.setPageStep(self.viewport().height())
        down.setSingleStep(self._height())
        self.viewport().update()

    def _at(self, point: QPoint) -> tuple[int, int] | None:
        """Row and test under a point of the viewport."""
        row = (point.y() + self.verticalScrollBar().value()) // self._height()
        left = point.x() - self._names()
        test = int((left + self.horizontalScrollBar().value()) / self._width()) * self._share()
        if left < 0 or not 0 <= row < len(self.candidates) or test >= len(self._state.table.tests):
            return None
        return row, self._worst(row, test)

    def _worst(self, row: int, test: int) -> int:
        """Of the tests that share a column with ``test``, the one that gives it its colour."""
        cells = self._state.table.row(self.candidates[row])[test : test + self._share()]
        return test + max(range(len(cells)), key=cells.__getitem__)

    # --- painting --------------------------------------------------------------------------------

    def _line(self, candidate: int | None, share: int) -> bytes:
        row = self._state.table.row(candidate)
        known = self._lines.get((candidate, share))
        if known is not None and known[0] is row:
            return known[1]
        line = squeezed(row, share)
        self._lines[candidate, share] = row, line
        return line

    def _colours(self) -> list[int]:
        passed, failed = self._look.colour("passed_fill"), self._look.colour("failed_fill")
        panel = self._look.colour("panel")
        return [
            self._look.colour("raised").rgb(),
            self._look.colour("idle_fill").rgb(),
            _mixed(passed, panel, _FAINT).rgb(),
            passed.rgb(),
            _mixed(failed, panel, _FAINT).rgb(),
            failed.rgb(),
        ]

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.fillRect(self.viewport().rect(), self._look.colour("panel"))
        candidates, height, share = self.candidates, self._height(), self._share()
        first = self.verticalScrollBar().value() // height
        last = min(len(candidates), first + ceil(self.viewport().height() / height) + 1)
        top = first * height - self.verticalScrollBar().value()
        if not self._state.table.tests:
            return
        if len(self._lines) > 4 * len(candidates):
            self._lines.clear()
        lines = [self._line(candidate, share) for candidate in candidates[first:last]]
        columns, width = len(lines[0]), self._width()
        picture = QImage(b"".join(lines), columns, len(lines), columns, QImage.Format.Format_Indexed8)
        picture.setColorTable(self._colours())
        names, across = self._names(), self.horizontalScrollBar().value()
        area = QRect(names - across, top, round(columns * width), len(lines) * height)
        painter.setClipRect(names, 0, self._room(), self.viewport().height())
        painter.drawImage(area, picture)
        self._paint_grid(painter, area, first, last)
        if width >= self._look.px(_SIGNS_FROM):
            self._paint_signs(painter, lines, area, width)
        self._paint_current(painter, area, first, width)
        painter.setClipping(False)
        self._paint_names(painter, candidates[first:last], top)

    def _paint_grid(self, painter: QPainter, area: QRect, first: int, last: int) -> None:
        painter.setPen(self._look.colour("panel"))
        for row in range(last - first + 1):
            y = area.top() + row * self._height() - 1
            painter.drawLine(area.left(), y, area.right(), y)

    def _paint_signs(self, painter: QPainter, lines: list[bytes], area: QRect, width: float) -> None:
        painter.setFont(self._look.font(SMALL))
        painter.setPen(self._look.colour("text"))
        names, height = self._names(), self._height()
        start = max(0, int((names - area.left()) / width))
        stop = start + ceil(self._room() / width) + 1
        for row, line in enumerate(lines):
            for column in range(start, min(stop, len(line))):
                sign = _SIGNS.get(Cell(line[column]))
                if sign is not None:
                    left = area.left() + round(column * width)
                    box = QRect(left, area.top() + row * height, round(width), height)
                    painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), sign)

    def _paint_current(self, painter: QPainter, area: QRect, first: int, width: float) -> None:
        left = area.left() + int(self.test // self._share() * width)
        top = area.top() + (self.row - first) * self._height()
        painter.setPen(QPen(self._look.colour("focus" if self.hasFocus() else "text"), 2))
        painter.drawRect(QRect(left, top - 1, max(3, round(width)), self._height()).adjusted(-1, 0, 0, 0))

    def _paint_names(self, painter: QPainter, candidates: list[int | None], top: int) -> None:
        painter.setFont(self._look.font(SMALL))
        height = self._height()
        for row, candidate in enumerate(candidates):
            box = QRect(8, top + row * height, self._names() - 16, height)
            chosen = candidate == self.candidate()
            painter.setPen(self._look.colour("text" if chosen else "muted"))
            name = tr("before") if candidate is None else tr("candidate {n}", n=candidate)
            name = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, box.width())
            painter.drawText(box, int(Qt.AlignmentFlag.AlignVCenter), name)

    # --- Qt --------------------------------------------------------------------------------------

    def _go(self, row: int, test: int) -> None:
        tests = len(self._state.table.tests)
        if not tests:
            return
        self.row = min(max(row, 0), len(self.candidates) - 1)
        self.test = min(max(test, 0), tests - 1)
        self._show_current()
        self.viewport().update()
        self.current_changed.emit()

    def _show_current(self) -> None:
        top, down = self.row * self._height(), self.verticalScrollBar()
        if not down.value() <= top <= down.value() + self.viewport().height() - self._height():
            down.setValue(top - self.viewport().height() // 2)
        left, across = int(self.test // self._share() * self._width()), self.horizontalScrollBar()
        if not across.value() <= left <= across.value() + self._room() - int(self._width()):
            across.setValue(left - self._room() // 2)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        share, page = self._share(), max(1, self.viewport().height() // self._height())
        match event.key():
            case Qt.Key.Key_Left:
                self._go(self.row, (self.test // share - 1) * share)
            case Qt.Key.Key_Right:
                self._go(self.row, (self.test // share + 1) * share)
            case Qt.Key.Key_Up:
                self._go(self.row - 1, self.test)
            case Qt.Key.Key_Down:
                self._go(self.row + 1, self.test)
            case Qt.Key.Key_PageUp:
                self._go(self.row - page, self.test)
            case Qt.Key.Key_PageDown:
                self._go(self.row + page, self.test)
            case Qt.Key.Key_Home:
                self._go(self.row, 0)
            case Qt.Key.Key_End:
                self._go(self.row, len(self._state.table.tests) - 1)
            case Qt.Key.Key_Plus:
                self.zoom(1)
            case Qt.Key.Key_Minus:
                self.zoom(-1)
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self._open()
            case _:
                super().keyPressEvent(event)

    def _open(self) -> None:
        candidate = self.candidate()
        if candidate is not None:
            self.opened.emit(candidate)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        found = self._at(event.position().toPoint())
        if found is not None:
            self._go(*found)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self._at(event.position().toPoint()) is not None:
            self._open()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom(1 if event.angleDelta().y() > 0 else -1)
            return
        super().wheelEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lines.clear()
        self._adjust()

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            found = self._at(event.pos())
            if found is not None:
                row, test = found
                line = cell_line(self._state.table, self.candidates[row], test)
                QToolTip.showText(event.globalPos(), tip(line), self)
            else:
                QToolTip.hideText()
            return True
        return super().viewportEvent(event)


def _mixed(one: QColor, other: QColor, share: float) -> QColor:
    """``share`` of the first colour."""
    pairs = ((one.red(), other.red()), (one.green(), other.green()), (one.blue(), other.blue()))
    return QColor(*(round(a * share + b * (1 - share)) for a, b in pairs))
