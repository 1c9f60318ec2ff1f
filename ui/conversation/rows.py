"""A list of very many rows of which only those in sight have a widget.

A conversation of two thousand messages would otherwise be ten thousand widgets: a row is built when it
comes near the viewport and let go of when it is far from it. Heights are guessed until a row has been
built; what is being read stays where it is while guesses are replaced. Measured against ``QListView``
with ``setIndexWidget`` and a delegate that paints documents: both ask for the height of every row when
the width changes, and text in a painted row can be neither selected nor read by a screen reader.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import Final

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from ui.conversation.geometry import Heights
from ui.widgets import tab_after

_NEAR: Final = 400
"""Pixels above and below the viewport in which rows are ready."""
_FAR: Final = 1600
"""Beyond this rows are let go of."""
_SLICE_SECONDS: Final = 0.004
"""For rows that are near and not yet in sight, in one go."""
_SIGHT_SECONDS: Final = 0.008
_ORDER_MS: Final = 150
_STEP: Final = 48
_SLACK: Final = 4
"""Pixels from the end that still count as being at the end."""


class Row:
    """One row. Subclasses build its widget, as often as it is needed."""

    fills = False
    """As high as the viewport, at least, where it is the last row."""

    def guess(self, width: int) -> int:
        """About how high it is at this width, in pixels."""
        raise NotImplementedError

    def build(self) -> QWidget:
        raise NotImplementedError

    def let_go(self, widget: QWidget) -> None:
        """Its widget is out of sight."""
        widget.hide()
        widget.deleteLater()


class CardRow(Row):
    """A widget that lives as long as its row: it has a state of its own."""

    def __init__(self, widget: QWidget, *, fills: bool = False) -> None:
        self.widget = widget
        self.fills = fills

    def guess(self, width: int) -> int:
        return height_of(self.widget, width)

    def build(self) -> QWidget:
        return self.widget

    def let_go(self, widget: QWidget) -> None:
        """Kept, out of sight but in the order of the Tab key."""


def height_of(widget: QWidget, width: int) -> int:
    """How high a widget wants to be at this width."""
    layout = widget.layout()
    if layout is not None and layout.hasHeightForWidth():
        return layout.totalMinimumHeightForWidth(width)
    if widget.hasHeightForWidth():
        return widget.heightForWidth(width)
    return max(widget.sizeHint().height(), widget.minimumSizeHint().height())


def _focusable(widget: QWidget) -> list[QWidget]:
    """What the Tab key reaches inside, in the order of its making.

    Not by ``nextInFocusChain``: PySide takes what that returns for a child of the widget that was asked,
    and lets go of both together, though Qt still uses one of them.
    """
    tab = Qt.FocusPolicy.TabFocus
    return [part for part in widget.findChildren(QWidget) if part.focusPolicy() & tab]


class RowList(QAbstractScrollArea):
    """Rows from top to bottom. Follows the last one as long as the user is at the end."""

    def __init__(self) -> None:
        super().__init__()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._rows: list[Row] = []
        self._heights = Heights()
        self._alive: dict[Row, QWidget] = {}
        self._width = 0
        self._at_end = True
        self._laying_out = False
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(0)
        self._later.timeout.connect(self._lay_out)
        self._order_later = QTimer(self)
        self._order_later.setSingleShot(True)
        self._order_later.setInterval(_ORDER_MS)
        self._order_later.timeout.connect(self._order)
        self.verticalScrollBar().setSingleStep(_STEP)
        self.verticalScrollBar().valueChanged.connect(self._scrolled)

    # --- rows --------------------------------------------------------------------------------------

    @property
    def rows(self) -> Sequence[Row]:
        return self._rows

    def alive(self) -> int:
        """How many rows have a widget now."""
        return len(self._alive)

    def widget_of(self, row: Row) -> QWidget | None:
        return self._alive.get(row)

    def insert(self, place: int, rows: Sequence[Row]) -> None:
        """Put rows in before the row at ``place``."""
        self._rows[place:place] = rows
        self._heights.insert(place, [row.guess(self._room()) for row in rows])
        if not self._at_end and rows and self._heights.top(place) < self.verticalScrollBar().value():
            self._shift(sum(self._heights[place + n] for n in range(len(rows))))
        for row in rows:
            if isinstance(row, CardRow):
                self._bring(row)
        self.lay_out_soon()

    def append(self, rows: Sequence[Row]) -> None:
        self.insert(len(self._rows), rows)

    def remove(self, rows: Iterable[Row]) -> None:
        for row in rows:
            place = self._rows.index(row)
            above = self._heights.top(place) < self.verticalScrollBar().value()
            if above and not self._at_end:
                self._shift(-self._heights[place])
            del self._rows[place]
            self._heights.remove(place)
            self._drop(row)
        self.lay_out_soon()

    def clear(self) -> None:
        """Take every row out but cards, which their owners take out themselves."""
        self.remove([row for row in self._rows if not isinstance(row, CardRow)])
        self._at_end = True

    def place_of(self, row: Row) -> int:
        return self._rows.index(row)

    def changed(self, row: Row) -> None:
        """What ``row`` shows is another thing now: build it anew if it is in sight."""
        self._drop(row)
        place = self.place_of(row)
        self._heights.set(place, row.guess(self._room()))
        self.lay_out_soon()

    # --- scrolling ---------------------------------------------------------------------------------

    def is_at_end(self) -> bool:
        return self._at_end

    def go_to_end(self) -> None:
        self._at_end = True
        self._lay_out()

    def reveal(self, row: Row) -> QWidget:
        """Bring ``row`` into sight, a little below the top, and give its widget."""
        place = self.place_of(row)
        bar = self.verticalScrollBar()
        for _ in range(3):  # the heights around it are known better each time
            self._at_end = False
            bar.setMaximum(max(0, self._heights.total() - self.viewport().height()))
            bar.setValue(self._heights.top(place) - _STEP)
            self._lay_out()
        return self._bring(row)

    def lay_out_soon(self) -> None:
        if not self._later.isActive():
            self._later.start()

    # --- inner -------------------------------------------------------------------------------------

    def _room(self) -> int:
        return max(self.viewport().width(), 1)

    def _shift(self, pixels: int) -> None:
        """Keep what is being read where it is while something above it comes or goes."""
        bar = self.verticalScrollBar()
        was = bar.blockSignals(True)
        bar.setMaximum(max(0, bar.maximum() + pixels))
        bar.setValue(bar.value() + pixels)
        bar.blockSignals(was)

    def _scrolled(self, value: int) -> None:
        if not self._laying_out:
            self._at_end = value >= self.verticalScrollBar().maximum() - _SLACK
            self._lay_out()

    def _bring(self, row: Row) -> QWidget:
        widget = self._alive.get(row)
        if widget is None:
            widget = row.build()
            self._alive[row] = widget
            widget.setParent(self.viewport())
            widget.resize(self._room(), max(widget.height(), 1))
            widget.installEventFilter(self)
            widget.show()
            self._order_later.start()
        return widget

    def _drop(self, row: Row) -> None:
        widget = self._alive.pop(row, None)
        if widget is not None:
            widget.removeEventFilter(self)
            row.let_go(widget)

    def _measure(self, place: int) -> None:
        row = self._rows[place]
        height = height_of(self._bring(row), self._room())
        if row.fills and place == len(self._rows) - 1:
            height = max(height, self.viewport().height())
        self._heights.set(place, height)

    def _lay_out(self) -> None:
        """Build what is near, measure it, put it where it belongs, let go of what is far."""
        if self._laying_out:
            return
        self._laying_out = True
        try:
            self._later.stop()
            if self._rows:
                value = self.verticalScrollBar().value()
                anchor = self._heights.at(value)
                offset = value - self._heights.top(anchor)
                if self._width != self._room():
                    self._width = self._room()
                    self._heights.reset(row.guess(self._width) for row in self._rows)
                self._measure_what_is_near(anchor, offset)
            self._place()
        finally:
            self._laying_out = False

    def _measure_what_is_near(self, anchor: int, offset: int) -> None:
        """``anchor`` is the first row in sight, and stays ``offset`` pixels above the viewport's top."""
        high = self.viewport().height()
        until = time.perf_counter() + _SLICE_SECONDS
        if self._at_end:
            self._measure_on(len(self._rows) - 1, -1, high, until)
            self._set_range(self._heights.total() - high)
            return
        self._measure_on(anchor, 1, high + offset, until)
        self._measure_on(anchor - 1, -1, 0, until)
        self._set_range(self._heights.top(anchor) + offset)

    def _measure_on(self, place: int, step: int, pixels: int, until: float) -> None:
        """Measure rows from ``place`` on, for so many pixels, and those near behind them, while there is
        time; the others follow in a moment. What is in sight has more time than what is only near."""
        while 0 <= place < len(self._rows) and pixels > -_NEAR:
            late = until if pixels <= 0 else until + _SIGHT_SECONDS
            if time.perf_counter() > late and self._rows[place] not in self._alive:
                self.lay_out_soon()
                return
            self._measure(place)
            pixels -= self._heights[place]
            place += step

    def _set_range(self, value: int) -> None:
        bar, high = self.verticalScrollBar(), self.viewport().height()
        bar.setPageStep(high)
        bar.setRange(0, max(0, self._heights.total() - high))
        bar.setValue(value)

    def _place(self) -> None:
        top, high = self.verticalScrollBar().value(), self.viewport().height()
        for row in list(self._alive):
            place = self._rows.index(row) if len(self._rows) < 50 else self._find(row, top)
            if place is None:
                self._drop(row)
                continue
            y = self._heights.top(place) - top
            height = self._heights[place]
            if not isinstance(row, CardRow) and (y + height < -_FAR or y > high + _FAR):
                self._drop(row)
                continue
            wanted = QRect(0, y, self._room(), height)
            widget = self._alive[row]
            if widget.geometry() != wanted:
                widget.setGeometry(wanted)

    def _find(self, row: Row, top: int) -> int | None:
        """The place of a row that is most likely near ``top``."""
        near = self._heights.at(top)
        for place in range(max(0, near - 200), min(len(self._rows), near + 200)):
            if self._rows[place] is row:
                return place
        return self._rows.index(row) if isinstance(row, CardRow) else None

    def _order(self) -> None:
        """Let the Tab key go through the rows as the eye does, whenever each was built."""
        anchor: QWidget = self
        for row in [row for row in self._rows if row in self._alive]:
            parts = _focusable(self._alive[row])
            if not isinstance(row, CardRow):  # which has an order of its own
                tab_after(anchor, parts)
            anchor = parts[-1] if parts else anchor

    # --- Qt ----------------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.LayoutRequest and not self._laying_out:
            self.lay_out_soon()
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """Rows are put where they belong by ``_place``; nothing to scroll."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        bar = self.verticalScrollBar()
        if event.key() == Qt.Key.Key_Home:
            bar.setValue(0)
        elif event.key() == Qt.Key.Key_End:
            self.go_to_end()
        else:
            super().keyPressEvent(event)

    def focusNextPrevChild(self, forwards: bool) -> bool:
        moved = super().focusNextPrevChild(forwards)
        focused = self.focusWidget()
        if moved and focused is not None and self.viewport().isAncestorOf(focused):
            self._show_focused(focused)
        return moved

    def _show_focused(self, focused: QWidget) -> None:
        top = focused.mapTo(self.viewport(), QPoint(0, 0)).y()
        bar, high = self.verticalScrollBar(), self.viewport().height()
        if top < 0 or focused.height() > high:
            bar.setValue(bar.value() + top - _SLACK)
        elif top + focused.height() > high:
            bar.setValue(bar.value() + top + focused.height() - high + _SLACK)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, 80)
