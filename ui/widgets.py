"""Small widgets that several panes use: labels with a look, buttons, folds, cards, layouts."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QPushButton,
    QSizePolicy,
    QStyleOption,
    QVBoxLayout,
    QWidget,
)

from ui.tips import tip


def restyle(widget: QWidget, **properties: str) -> None:
    """Set dynamic properties (``look``, ``tone``) and let the style sheet see them."""
    changed = False
    for name, value in properties.items():
        if widget.property(name) != value:
            widget.setProperty(name, value)
            changed = True
    if changed:
        widget.style().unpolish(widget)
        widget.style().polish(widget)


def label(text: str = "", look: str = "", tone: str = "", wrap: bool = False) -> QLabel:
    """A plain-text label; nothing from outside is ever read as markup."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setWordWrap(wrap)
    if look:
        made.setProperty("look", look)
    if tone:
        made.setProperty("tone", tone)
    return made


def button(text: str, clicked: Callable[[], None], look: str = "", name: str = "") -> QPushButton:
    """A push button; ``name`` is for screen readers where the text alone does not say enough."""
    made = QPushButton(text)
    made.setAccessibleName(name or text)
    if look:
        made.setProperty("look", look)
    made.clicked.connect(lambda _checked=False: clicked())
    return made


def column(
    parent: QWidget | None = None, margins: tuple[int, int, int, int] = (0, 0, 0, 0), gap: int = 0
) -> QVBoxLayout:
    made = QVBoxLayout(parent) if parent is not None else QVBoxLayout()
    made.setContentsMargins(*margins)
    made.setSpacing(gap)
    return made


def row(
    parent: QWidget | None = None, margins: tuple[int, int, int, int] = (0, 0, 0, 0), gap: int = 8
) -> QHBoxLayout:
    made = QHBoxLayout(parent) if parent is not None else QHBoxLayout()
    made.setContentsMargins(*margins)
    made.setSpacing(gap)
    return made


def card(tone: str = "", look: str = "card") -> QFrame:
    made = QFrame()
    made.setProperty("look", look)
    if tone:
        made.setProperty("tone", tone)
    return made


def clear(layout: QLayout) -> None:
    """Take everything out of ``layout`` and delete it, nested layouts included."""
    while (item := layout.takeAt(0)) is not None:
        widget, inner = item.widget(), item.layout()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
        elif inner is not None:
            clear(inner)


def tab_after(anchor: QWidget, parts: Iterable[QWidget]) -> None:
    """Let the Tab key reach ``parts``, in this order, right after ``anchor``.

    Widgets made late come last otherwise. All of them must take the focus and be in one window.
    """
    for part in parts:
        QWidget.setTabOrder(anchor, part)
        anchor = part


class Elided(QLabel):
    """One line that gives way: cut with an ellipsis, whole in the tool tip."""

    def __init__(
        self,
        text: str = "",
        look: str = "",
        mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
    ) -> None:
        super().__init__()
        self._mode = mode
        self.setTextFormat(Qt.TextFormat.PlainText)
        if look:
            self.setProperty("look", look)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setText(text)

    def _refresh_tip(self) -> None:
        cut = self.fontMetrics().horizontalAdvance(self.text()) > self.width()
        self.setToolTip(tip(self.text()) if cut else "")

    def minimumSizeHint(self) -> QSize:
        return QSize(self.fontMetrics().horizontalAdvance("…") * 2, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._refresh_tip()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        option = QStyleOption()
        option.initFrom(self)
        area = self.contentsRect()
        text = self.fontMetrics().elidedText(self.text(), self._mode, area.width())
        self.style().drawItemText(
            painter,
            area,
            int(self.alignment() | Qt.AlignmentFlag.AlignVCenter),
            option.palette,
            self.isEnabled(),
            text,
            self.foregroundRole(),
        )


class Fold(QWidget):
    """A headline that shows and hides what lies under it."""

    toggled = Signal(bool)

    def __init__(self, title: str, body: QWidget, is_open: bool = False) -> None:
        super().__init__()
        self._title = title
        self._body = body
        self._head = QPushButton()
        self._head.setProperty("look", "fold")
        self._head.setCheckable(True)
        self._head.setChecked(is_open)
        self._head.toggled.connect(self._show)
        layout = column(self, gap=4)
        layout.addWidget(self._head, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addWidget(body)
        self._show(is_open)

    def set_title(self, title: str) -> None:
        self._title = title
        self._show(self._head.isChecked())

    def set_open(self, is_open: bool) -> None:
        self._head.setChecked(is_open)

    def is_open(self) -> bool:
        return self._head.isChecked()

    def _show(self, is_open: bool) -> None:
        self._head.setText(f"{'▾' if is_open else '▸'}  {self._title}")
        self._head.setAccessibleName(self._title)
        if self._body.isHidden() is is_open:
            self._body.setVisible(is_open)
            self.toggled.emit(is_open)


class Line(QFrame):
    """A hairline across."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("look", "line")
        self.setFixedHeight(1)
