"""The line under the green bar: counts, time, and what the numbers are about."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtWidgets import QLabel, QWidget

from core.types import Verdict
from ui.session import Session
from ui.widgets import Elided, label, row
from ui.words import counted, duration, tr, verdict_line


class CountsLine(QWidget):
    """``128 tests   121 pass   6 fail   1 skip   3.4 s        baseline 12:04``"""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._total = label(look="strong")
        self._passed = label(tone="passed")
        self._failed = label(tone="failed")
        self._skipped = label(tone="idle")
        self._waiting = label(tone="idle")
        self._seconds = label(look="muted")
        self._about = Elided(look="muted")
        layout = row(self, (16, 4, 16, 4), 16)
        for part in (
            self._total,
            self._passed,
            self._failed,
            self._skipped,
            self._waiting,
            self._seconds,
        ):
            layout.addWidget(part)
        layout.addStretch(1)
        layout.addWidget(self._about)

    def refresh(self) -> None:
        counts = self._session.counts()
        self._total.setText(counted(counts.total, "{n} test", "{n} tests"))
        _show(self._passed, counts.passed, tr("✓ {n} pass", n=f"{counts.passed:,}"))
        _show(self._failed, counts.failed, tr("✗ {n} fail", n=f"{counts.failed:,}"))
        _show(self._skipped, counts.skipped, tr("– {n} skip", n=f"{counts.skipped:,}"))
        _show(self._waiting, counts.waiting, tr("· {n} not run", n=f"{counts.waiting:,}"))
        seconds = self._session.run_seconds
        _show(self._seconds, seconds, duration(seconds))
        self._about.setText(self._sentence())

    def _sentence(self) -> str:
        session = self._session
        if session.purpose == "selection":
            return tr("these hunks only, in the private copy")
        if session.accepted is not None:
            return tr("written to your files")
        promised = session.judged()
        if promised is not None and session.best is not None:
            number = session.review.candidate if session.review else session.best
            if promised.verdict in (Verdict.GREEN, Verdict.IMPROVED):
                return tr(
                    "candidate {id}: {line}, not yet written", id=number, line=verdict_line(promised)
                )
        if session.run_ended:
            at = datetime.fromtimestamp(session.run_ended).astimezone().strftime("%H:%M")
            return tr("baseline {time}", time=at)
        return tr("running the tests") if session.run_started else ""


def _show(part: QLabel, number: float, text: str) -> None:
    part.setVisible(bool(number))
    part.setText(text)
