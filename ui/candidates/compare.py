"""Two candidates side by side: what each changes, how each fares, and the tests that tell them apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QListWidget, QVBoxLayout, QWidget

from ui.candidates.model import result_text, tone_of
from ui.matrix.table import Cell, MatrixTable
from ui.matrix.words import cell_word
from ui.session import CandidateRecord
from ui.textblock import TextBlock
from ui.theme.look import Look
from ui.widgets import Elided, button, column, label, restyle, row
from ui.words import counted, short_name, tr

MOST_TESTS: Final = 500


def differing(table: MatrixTable, one: int, other: int) -> list[tuple[str, Cell, Cell]]:
    """Tests that were run for both and stand differently, in the order of the matrix. Pure."""
    if one not in table.order or other not in table.order:
        return []
    pairs = zip(table.tests, table.row(one), table.row(other), strict=True)
    return [
        (test, Cell(left), Cell(right))
        for test, left, right in pairs
        if left != right and Cell.UNKNOWN not in (left, right)
    ]


class CompareDialog(QDialog):
    """Shows what is known of two candidates; asks core for nothing."""

    def __init__(
        self, parent: QWidget, records: Sequence[CandidateRecord], table: MatrixTable, look: Look
    ) -> None:
        super().__init__(parent)
        one, other = records
        self.setWindowTitle(tr("Candidates {a} and {b}", a=one.id, b=other.id))
        self.resize(look.px(900), look.px(560))
        layout = column(self, (20, 16, 20, 16), 12)
        beside = row(gap=16)
        for record in records:
            beside.addLayout(self._side(record, look), 1)
        layout.addLayout(beside, 2)
        found = differing(table, one.id, other.id)
        layout.addWidget(label(self._headline(len(found), records), look="strong", wrap=True))
        self.tests = QListWidget()
        self.tests.setAccessibleName(tr("Tests that tell them apart"))
        for test, left, right in found[:MOST_TESTS]:
            said = tr(
                "{test}: {left}, {right}",
                test=short_name(test),
                left=cell_word(left),
                right=cell_word(right),
            )
            self.tests.addItem(said)
        self.tests.setVisible(bool(found))
        layout.addWidget(self.tests, 1)
        layout.addWidget(button(tr("Close"), self.accept), 0, Qt.AlignmentFlag.AlignRight)

    def _side(self, record: CandidateRecord, look: Look) -> QVBoxLayout:
        inside = column(gap=6)
        who = tr("Candidate {n}, {proposer}", n=record.id, proposer=record.proposer.replace("_", " "))
        inside.addWidget(label(who, "strong"))
        inside.addWidget(Elided(record.title))
        result = label(result_text(record))
        restyle(result, tone=tone_of(record.evidence.comparison if record.evidence else None))
        inside.addWidget(result)
        block = TextBlock(look, tr("What candidate {n} changes", n=record.id))
        block.show_text(record.diff)
        inside.addWidget(block)
        inside.addStretch(1)
        return inside

    @staticmethod
    def _headline(found: int, records: Sequence[CandidateRecord]) -> str:
        if found:
            return counted(found, "{n} test tells them apart:", "{n} tests tell them apart:")
        if any(record.evidence is None for record in records):
            return tr("One of them is not verified yet.")
        return tr("No test that was run for both tells them apart.")
