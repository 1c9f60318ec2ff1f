"""The failing tests by cause, before a fix is asked for; each line opens its first test."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QPushButton, QWidget

from core.types.causes import FailureGroup, group_failures
from ui.session import Session
from ui.widgets import Elided, clear, column, label, row, tab_after
from ui.words import counted, first_line, tr

_SHOWN = 6


class CausesCard(QFrame):
    """Hidden while nothing fails or a fix is under way. The Tab key comes to it from ``before``."""

    test_opened = Signal(str)

    def __init__(self, session: Session, before: QWidget) -> None:
        super().__init__()
        self._session = session
        self._before = before
        self._shown: tuple[FailureGroup, ...] = ()
        self._more = label(look="muted")
        self._more.setContentsMargins(16, 4, 16, 8)
        self.setProperty("look", "card")
        self._lines = column()
        layout = column(self, (1, 4, 1, 4))
        layout.addLayout(self._lines)
        layout.addWidget(self._more)

    def refresh(self, shown: bool) -> None:
        results = self._session.results
        failing = (results[node] for node in self._session.failing()) if shown else ()
        causes = group_failures(failing)
        self.setVisible(bool(causes))
        self._more.setVisible(len(causes) > _SHOWN)
        self._more.setText(tr("and {n} more", n=len(causes) - _SHOWN))
        if not causes or causes[:_SHOWN] == self._shown:
            return
        self._shown = causes[:_SHOWN]
        clear(self._lines)
        lines = [self._line(cause) for cause in self._shown]
        for line in lines:
            self._lines.addWidget(line)
        tab_after(self._before, lines)

    def _line(self, cause: FailureGroup) -> QPushButton:
        first = cause.members[0]
        made = QPushButton()
        made.setProperty("look", "row")
        number = counted(len(cause.members), "{n} test", "{n} tests")
        said = first_line(first.message.strip()) or cause.cause
        made.setAccessibleName(tr("{tests}: {message}", tests=number, message=said))
        made.clicked.connect(lambda _checked=False: self.test_opened.emit(first.node_id))
        words = column(gap=2)
        words.addStretch(1)
        words.addWidget(Elided(said))
        if cause.place:
            words.addWidget(Elided(cause.place, look="small", mode=Qt.TextElideMode.ElideLeft))
        words.addStretch(1)
        layout = row(made, (12, 0, 12, 0), 12)
        layout.addWidget(label("✗", look="strong", tone="failed"))
        layout.addLayout(words, 1)
        layout.addWidget(label(number, look="small"))
        for child in made.findChildren(QWidget):
            child.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        return made
