"""The inspector's part on evidence: what holds for the patch under review, and who needs each hunk."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from core.types import HunkNeed, Proof, Verdict
from ui.evidence import words
from ui.session import Session
from ui.widgets import button, clear, column, label, row
from ui.words import tr, verdict_line, verdict_sign

_MOST_HUNKS = 12
_INDENT = 6
"""Pixels: the words of a link stand that far in."""
_LONG = 36
"""Characters of a place; of a longer one the end is shown."""


class EvidencePanel(QWidget):
    """Shows the proof of the candidate under review."""

    hunk_opened = Signal(int, str)
    """A candidate, and the hunk of it that the user wants to see."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._shown: tuple[object, ...] = ()
        self._lines = column(self, gap=4)

    def refresh(self) -> bool:
        """Show the session as it is now; ``False`` where there is nothing to say."""
        session = self._session
        review = session.review
        comparison = review.evidence.comparison if review and review.evidence else None
        if review is None or comparison is None:
            return False
        proof = session.evidence.proof(review.candidate)
        said = (session.evidence.committed, session.ledger.requirements)
        key = (review.candidate, comparison, proof, *said)
        if key != self._shown:
            self._shown = key
            clear(self._lines)
            touched = not all(file.is_offered for file in review.files)
            confirmed = any(file.confirmed for file in review.files)
            said = verdict_line(comparison, touched, confirmed)
            self._show(review.candidate, comparison.verdict, said, proof)
        return True

    def _show(self, candidate: int, verdict: Verdict, said: str, proof: Proof | None) -> None:
        self._line(verdict_sign(verdict), "passed" if verdict is Verdict.GREEN else "attention", said)
        if proof is not None:
            for text, sound in (
                (words.reverted(proof.reverted), proof.bites),
                (words.tests_alone(proof.with_tests_only), True),
                (words.hunks(proof.hunks), all(need.tests for need in proof.hunks)),
            ):
                if text:
                    self._line("✓" if sound else "!", "passed" if sound else "attention", text)
            for need in proof.hunks[:_MOST_HUNKS]:
                self._hunk(candidate, need)
        committed = self._session.evidence.committed
        if committed is not None:
            where = tr(
                "committed as {commit} on {branch}", commit=committed.commit, branch=committed.branch
            )
            self._line("✓", "passed", where)

    def _hunk(self, candidate: int, need: HunkNeed) -> None:
        place, said = need.place.rpartition("/")[2], words.note(need, self._session.ledger.requirements)
        opened = button(
            place if len(place) <= _LONG else f"…{place[1 - _LONG :]}",
            lambda: self.hunk_opened.emit(candidate, need.hunk),
            "link",
            tr("Show the hunk at {place}: {note}", place=need.place, note=said),
        )
        opened.setToolTip("\n".join((need.place, *need.tests)))
        self._lines.addWidget(opened, 0, Qt.AlignmentFlag.AlignLeft)
        # A line may break after the signs of long names.
        told = label(said.replace("_", "_\u200b"), look="muted", wrap=True)
        told.setIndent(_INDENT)
        self._lines.addWidget(told)

    def _line(self, sign: str, tone: str, text: str) -> None:
        line = row(gap=8)
        line.addWidget(label(sign, tone=tone), 0, Qt.AlignmentFlag.AlignTop)
        line.addWidget(label(text, wrap=True), 1)
        self._lines.addLayout(line)
