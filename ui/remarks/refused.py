"""Refused hunks: the newest with room for a reason, all of them under a fold, each to be taken back."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from core.types import HunkId, Refusal
from ui.remarks.state import RemarksState
from ui.widgets import Elided, Fold, button, clear, column, label, row
from ui.words import counted, tr

_SHOWN = 20
_MOST = 400
"""Characters of a reason."""


class RefusedStrip(QWidget):
    """Hidden while nothing is refused. It never takes the focus by itself."""

    reasoned = Signal(int, str, str)
    """A candidate, the id of its hunk, and why it is refused."""
    allowed = Signal(int)

    def __init__(self, state: RemarksState) -> None:
        super().__init__()
        self._state = state
        self._just: tuple[int, HunkId] | None = None
        self._shown: tuple[Refusal, ...] | None = None
        self._line = label(wrap=True)
        self.why = QLineEdit()
        self.why.setMaxLength(_MOST)
        self.why.setPlaceholderText(tr("Why? Not needed, but the model is told"))
        self.why.setAccessibleName(tr("Why this hunk is refused"))
        self.why.editingFinished.connect(self._say_why)
        self._asking = QWidget()
        asking = row(self._asking, gap=8)
        asking.addWidget(self._line)
        asking.addWidget(self.why, 1)
        self._list = QWidget()
        self._rows = column(self._list, gap=4)
        self._fold = Fold(tr("Refused hunks"), self._list)
        layout = column(self, gap=4)
        layout.addWidget(self._asking)
        layout.addWidget(self._fold)
        self.refresh()

    def ask_why(self, candidate: int, hunk: HunkId, number: int) -> None:
        """A hunk has just been refused; offer to say why."""
        self._just = (candidate, hunk)
        self._line.setText(tr("Hunk {n} is refused and will not be proposed again.", n=number))
        self.why.clear()
        self.refresh()

    def forget(self) -> None:
        """Another candidate is under review, or the hunk was taken back."""
        self._just = None
        self.refresh()

    def refresh(self) -> None:
        refusals = self._state.refusals
        self._asking.setVisible(self._just is not None)
        self._fold.setVisible(bool(refusals))
        self.setVisible(self._just is not None or bool(refusals))
        if refusals == self._shown:
            return
        self._shown = refusals
        self._fold.set_title(counted(len(refusals), "{n} refused hunk", "{n} refused hunks"))
        clear(self._rows)
        for refusal in reversed(refusals[-_SHOWN:]):
            self._rows.addWidget(self._row(refusal))

    def _row(self, refusal: Refusal) -> QWidget:
        made = QWidget()
        line = row(made, gap=8)
        change = "  ".join(text.strip() for text in refusal.lines[:3])
        words = f"{refusal.path}  {change}"
        if refusal.reason:
            words += f"  ({refusal.reason})"
        line.addWidget(Elided(words, look="muted"), 1)
        line.addWidget(
            button(
                tr("Take back"),
                lambda: self.allowed.emit(refusal.id),
                "quiet",
                tr("Allow refused hunk {n} again", n=refusal.id),
            )
        )
        return made

    def _say_why(self) -> None:
        text = self.why.text().strip()
        if self._just is None or not text:
            return
        candidate, hunk = self._just
        self._just = None
        self.reasoned.emit(candidate, hunk, text)
        self.refresh()
