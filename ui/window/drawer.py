"""The drawer at the foot: the log, one line for each thing worth noting, newest last."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from ui.theme.look import Look
from ui.theme.tokens import SMALL
from ui.widgets import Line, column, label
from ui.words import tr

_KEPT = 2000


class LogDrawer(QWidget):
    """Append-only; bounded."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setUndoRedoEnabled(False)
        self.text.setMaximumBlockCount(_KEPT)
        self.text.setTabChangesFocus(True)
        self.text.setAccessibleName(tr("Log"))
        self.text.document().setDocumentMargin(4)
        head = label(tr("LOG"), look="zone")
        head.setContentsMargins(16, 6, 16, 4)
        self.setProperty("look", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._last = ""
        layout = column(self)
        layout.addWidget(Line())
        layout.addWidget(head)
        layout.addWidget(self.text, 1)
        self._restyle()
        look.changed.connect(self._restyle)

    def note(self, time: float, sentence: str) -> None:
        """Append one line; ``time`` is seconds since the epoch. A repetition is left out."""
        if sentence == self._last:
            return
        self._last = sentence
        at = datetime.fromtimestamp(time).astimezone().strftime("%H:%M:%S")
        self.text.appendPlainText(f"{at}  {sentence}")

    def _restyle(self) -> None:
        family, size = self._look.code_font().family(), self._look.px(SMALL + 1)
        self.text.setStyleSheet(
            f'QPlainTextEdit {{ font-family: "{family}"; font-size: {size}px; border: none;'
            " padding-left: 12px; }"
        )
