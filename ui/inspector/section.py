"""A part of the right zone under a heading of its own, absent while there is nothing to say."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from ui.widgets import Line, column, label


class Section(QWidget):
    """A heading and what stands under it; hidden until it holds something."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self.setAccessibleName(title)
        self._layout = column(self, gap=8)
        self._layout.addWidget(Line())
        self._layout.addWidget(label(title, look="zone"))
        self.hide()

    def hold(self, content: QWidget) -> None:
        """Put ``content`` in, and come into sight."""
        self._layout.addWidget(content)
        self.show()
