"""A page in the place of the workspace: one column in the middle, which scrolls where it is long."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from ui.theme.look import Look
from ui.widgets import column, row


class Page(QScrollArea):
    """Subclasses fill ``column``."""

    def __init__(self, look: Look, title: str, style: str, width: int, top: int = 20) -> None:
        """``title`` is for screen readers, ``style`` the name that the style sheet knows; ``width``, the
        most that the column takes, is in pixels of text at its usual size, ``top`` in pixels."""
        super().__init__()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setAccessibleName(title)
        self.setObjectName(style)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        outer, middle = QWidget(), QWidget()
        self.setWidget(outer)
        look.fit(middle, "setMaximumWidth", width)
        centre = row(outer, (24, 0, 24, 0))
        centre.addStretch(1)
        centre.addWidget(middle, 100)
        centre.addStretch(1)
        self.column: QVBoxLayout = column(middle, (0, top, 0, 24), 0)
