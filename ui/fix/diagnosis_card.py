"""What the failures say of where their fault lies, and for what no patch can mend a way to try anyway."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QWidget

from core.types import Diagnosis
from ui.session import Session
from ui.widgets import button, clear, column, label, row, tab_after
from ui.words import counted, tr

_SHOWN = 5


class DiagnosisCard(QFrame):
    """Hidden while there is nothing to say or work goes on. The Tab key comes to it from ``before``."""

    tests_wanted = Signal(tuple)
    """The user wants a patch searched for these tests all the same."""

    def __init__(self, session: Session, before: QWidget) -> None:
        super().__init__()
        self._session = session
        self._before = before
        self._shown: tuple[Diagnosis, ...] = ()
        self.setProperty("look", "card")
        self.setProperty("tone", "attention")
        self._lines = column(gap=8)
        layout = row(self, (16, 12, 16, 14), 12)
        layout.addWidget(label("!", look="title", tone="attention"), 0, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(self._lines, 1)

    def refresh(self, shown: bool) -> None:
        diagnoses = self._session.diagnoses if shown else ()
        self.setVisible(bool(diagnoses))
        if not diagnoses or diagnoses == self._shown:
            return
        self._shown = diagnoses
        clear(self._lines)
        for diagnosis in sorted(diagnoses, key=lambda diagnosis: diagnosis.aside)[:_SHOWN]:
            self._lines.addWidget(label(diagnosis.sentence, wrap=True))
        if len(diagnoses) > _SHOWN:
            self._lines.addWidget(label(tr("and {n} more", n=len(diagnoses) - _SHOWN), look="muted"))
        if aside := self._session.aside():
            self._offer(aside)

    def _offer(self, aside: tuple[str, ...]) -> None:
        words = counted(
            len(aside),
            "Fix leaves 1 test aside: no patch of the code can mend it.",
            "Fix leaves {n} tests aside: no patch of the code can mend them.",
        )
        self._lines.addWidget(label(words, look="muted", wrap=True))
        text = counted(len(aside), "Try to fix that test anyway", "Try to fix those {n} tests anyway")
        made = button(text, lambda: self.tests_wanted.emit(aside))
        self._lines.addWidget(made, 0, Qt.AlignmentFlag.AlignLeft)
        tab_after(self._before, [made])
