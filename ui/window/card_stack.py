"""Where cards stand: as high as they need, but never more than their share of the window."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from ui.widgets import column

_SHARE: Final = 0.4
"""Of the window's height; what does not fit is scrolled to."""


class CardStack(QScrollArea):
    """Cards under each other; ``box`` is their layout."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("cards")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._page = QWidget()
        self.box: QVBoxLayout = column(self._page, margins=(16, 8, 16, 8), gap=8)
        self.setWidget(self._page)
        self._page.installEventFilter(self)

    def fit(self) -> None:
        """Take the height that the cards need at this width; again when the window's size changes."""
        wanted = self.box.totalHeightForWidth(self.viewport().width())
        if wanted < 0:  # nothing in it wraps
            wanted = self.box.totalSizeHint().height()
        self.setFixedHeight(min(wanted, round(self.window().height() * _SHARE)))

    # --- Qt --------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._page and event.type() is QEvent.Type.LayoutRequest:
            self.fit()
        return super().eventFilter(watched, event)
