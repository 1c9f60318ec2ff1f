"""The left zone: tests and changed files; in a small window a drawer over the rest."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QFrame, QSplitter, QWidget

from ui.theme.look import Look
from ui.widgets import column, restyle

_DESIGNED = 320


class Side(QFrame):
    """``tests`` above ``changes``. As a drawer it lies over ``ground``, at its left edge."""

    def __init__(self, tests: QWidget, changes: QWidget, look: Look) -> None:
        super().__init__()
        self._look = look
        self._ground: QWidget | None = None
        self.parts = QSplitter(Qt.Orientation.Vertical)
        self.parts.setChildrenCollapsible(False)
        self.parts.setHandleWidth(1)
        self.parts.addWidget(tests)
        self.parts.addWidget(changes)
        self.parts.setStretchFactor(0, 1)
        self.parts.setSizes([900, 100])  # changes: as little as they take
        column(self).addWidget(self.parts)

    def is_drawer(self) -> bool:
        return self._ground is not None

    def lie_over(self, ground: QWidget) -> None:
        """Become a drawer of ``ground``, closed."""
        self._ground = ground
        ground.installEventFilter(self)
        restyle(self, look="popover")
        self.setParent(ground)
        self.hide()

    def stand(self) -> None:
        """Be a zone again; who calls puts it where it belongs."""
        if self._ground is not None:
            self._ground.removeEventFilter(self)
        self._ground = None
        restyle(self, look="panel")

    def open_drawer(self) -> None:
        if self._ground is not None:
            self._fit()
            self.show()
            self.raise_()

    def _fit(self) -> None:
        """As high as the ground, and at most nine tenths as wide."""
        if self._ground is not None:
            room = self._ground.rect()
            wide = min(self._look.px(_DESIGNED), room.width() * 9 // 10)
            self.setGeometry(0, 0, wide, room.height())

    # --- Qt --------------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._ground and event.type() is QEvent.Type.Resize:
            self._fit()
        return super().eventFilter(watched, event)
