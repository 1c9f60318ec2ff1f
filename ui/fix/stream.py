"""The tail of what the model writes, as it writes it; bounded, so that a long answer costs nothing."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QPlainTextEdit

from core.types import TokenUsage
from ui.theme.look import Look
from ui.theme.tokens import SMALL
from ui.words import amount, tr

_KEPT_LINES = 400
_PAINT_MS = 66


class StreamTail(QPlainTextEdit):
    """Text is gathered and put in a few times a second, and only while it can be seen."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._gathered: list[str] = []
        self._request = -1
        self._who = ""
        self._done = ""
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setMaximumBlockCount(_KEPT_LINES)
        self.setTabChangesFocus(True)
        self.setAccessibleName(tr("What the model writes"))
        look.fit(self, "setFixedHeight", 200)
        self.document().setDocumentMargin(8)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_PAINT_MS)
        self._timer.timeout.connect(self._put_in)
        self._restyle()
        look.changed.connect(self._restyle)

    def is_blank(self) -> bool:
        return self._request < 0

    def title(self) -> str:
        if self._done:
            return tr("What the model wrote ({who}, {done})", who=self._who, done=self._done)
        return tr("The model is writing ({who})", who=self._who)

    def start_over(self) -> None:
        """A new fix: forget everything."""
        self._request, self._who, self._done = -1, "", ""
        self._gathered.clear()
        self.clear()

    def begin(self, request: int, proposer: str) -> None:
        if self._request >= 0:
            self._gathered.append("\n\n")
        self._gathered.append(f"── {proposer} ──\n")
        self._request, self._who, self._done = request, proposer, ""
        self._schedule()

    def add(self, text: str) -> None:
        if self._request < 0:
            self._request = 0
        self._gathered.append(text)
        self._schedule()

    def end(self, usage: TokenUsage, tokens_per_second: float, cancelled: bool = False) -> None:
        if cancelled and not usage.completion:
            self._done = tr("stopped")
            return
        self._done = tr("{n} tokens", n=amount(usage.completion))
        if tokens_per_second:
            self._done += tr(", {n} tok/s", n=round(tokens_per_second))

    def showEvent(self, event: object) -> None:
        super().showEvent(event)  # type: ignore[arg-type]
        self._schedule()

    def _schedule(self) -> None:
        if self.isVisible() and self._gathered and not self._timer.isActive():
            self._timer.start()
        elif len(self._gathered) > 4 * _KEPT_LINES:
            # Nobody looks: keep what would still be shown.
            self._gathered = ["".join(self._gathered)[-40_000:]]

    def _put_in(self) -> None:
        text = "".join(self._gathered)
        self._gathered.clear()
        bar = self.verticalScrollBar()
        at_end = bar.value() >= bar.maximum() - 4
        cursor = self.textCursor()
        cursor.movePosition(cursor.MoveOperation.End)
        cursor.insertText(text)
        if at_end:
            bar.setValue(bar.maximum())

    def _restyle(self) -> None:
        family, size = self._look.code_font().family(), self._look.px(SMALL + 1)
        self.setStyleSheet(f'QPlainTextEdit {{ font-family: "{family}"; font-size: {size}px; }}')
