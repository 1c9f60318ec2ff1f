"""The ledger in the inspector zone: numbered lines with their state, source and tests, to be changed."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from core.commands import AddRequirement, DropRequirement, EditRequirement
from core.types import HunkNeed, Proof, Requirement
from ui.ledger.state import LedgerState
from ui.ledger.words import SIGNS, TONES, source_word, spoken, state_word
from ui.widgets import Elided, Fold, button, clear, column, label, row
from ui.words import counted, short_name, tr


class LedgerPane(QWidget):
    """Shows ``state``; what the user does leaves it as a command by ``wanted``."""

    wanted = Signal(object)
    test_opened = Signal(str)
    hunk_opened = Signal(str)

    def __init__(self, state: LedgerState) -> None:
        super().__init__()
        self._state = state
        self._shown: tuple[object, ...] | None = None
        self._rows: list[RequirementRow] = []
        self._open: set[int] = set()
        self.setAccessibleName(tr("Requirements"))
        layout = column(self, gap=8)
        self._lines: QVBoxLayout = column(gap=8)
        layout.addLayout(self._lines)
        self.add = QLineEdit()
        self.add.setPlaceholderText(tr("Add what the code has to do"))
        self.add.setAccessibleName(tr("Add a requirement"))
        self.add.returnPressed.connect(self._add)
        layout.addWidget(self.add)
        self.refresh()

    def refresh(self, proof: Proof | None = None) -> None:
        """Show the requirements as they now are, each with the hunks that its tests need."""
        lines = self._state.requirements
        if (lines, proof) == self._shown:
            return
        self._shown = (lines, proof)
        clear(self._lines)
        self._rows = [self._line(line, _needed(proof, line)) for line in lines]
        for made in self._rows:
            self._lines.addWidget(made)

    def rows(self) -> list[RequirementRow]:
        return self._rows

    def _line(self, line: Requirement, needs: tuple[HunkNeed, ...]) -> RequirementRow:
        made = RequirementRow(line, needs, is_open=line.id in self._open)
        made.hunk_opened.connect(self.hunk_opened)
        made.edited.connect(lambda text: self.wanted.emit(EditRequirement(line.id, text)))
        made.dropped.connect(lambda: self.wanted.emit(DropRequirement(line.id)))
        made.test_opened.connect(self.test_opened)
        made.opened.connect(lambda is_open: self._note(line.id, is_open=is_open))
        return made

    def _note(self, number: int, *, is_open: bool) -> None:
        (self._open.add if is_open else self._open.discard)(number)

    def _add(self) -> None:
        text = self.add.text().strip()
        if text:
            self.add.clear()
            self.wanted.emit(AddRequirement(text))


class RequirementRow(QWidget):
    """One line of the ledger; its verbs and tests unfold under it."""

    edited = Signal(str)
    dropped = Signal()
    opened = Signal(bool)
    test_opened = Signal(str)
    hunk_opened = Signal(str)

    def __init__(
        self, line: Requirement, needs: tuple[HunkNeed, ...] = (), *, is_open: bool = False
    ) -> None:
        super().__init__()
        self.line = line
        self._needs = needs
        self.setAccessibleName(spoken(line))
        layout = row(self, gap=8)
        sign = label(SIGNS[line.state], look="strong", tone=TONES[line.state])
        sign.setToolTip(state_word(line.state))
        layout.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
        words = column(gap=2)
        words.addWidget(label(tr("{n}. {text}", n=line.id, text=line.text), wrap=True))
        tests = counted(len(line.tests), "1 test", "{n} tests") if line.tests else tr("no test")
        more = tr("{source}, {tests}", source=source_word(line.source), tests=tests)
        body = QWidget()
        self._build(column(body, gap=4))
        self.fold = Fold(more, body, is_open)
        self.fold.toggled.connect(self.opened)
        words.addWidget(self.fold)
        layout.addLayout(words, 1)

    def _build(self, layout: QVBoxLayout) -> None:
        for node_id in self.line.tests:
            show = button(
                short_name(node_id),
                partial(self.test_opened.emit, node_id),
                "link",
                tr("Show the test {name}", name=node_id),
            )
            layout.addWidget(show, 0, Qt.AlignmentFlag.AlignLeft)
        for need in self._needs:
            show = button(
                tr("Hunk at {place}", place=need.place.rpartition("/")[2]),
                partial(self.hunk_opened.emit, need.hunk),
                "link",
                tr("Show the hunk at {place}", place=need.place),
            )
            layout.addWidget(show, 0, Qt.AlignmentFlag.AlignLeft)
        if not self.line.tests:
            layout.addWidget(Elided(state_word(self.line.state), look="small"))
        self.edit = QLineEdit(self.line.text)
        self.edit.setAccessibleName(tr("Words of requirement {n}", n=self.line.id))
        self.edit.setCursorPosition(0)
        self.edit.returnPressed.connect(self._change)
        layout.addWidget(self.edit)
        verbs = row(gap=8)
        verbs.addWidget(
            button(tr("Change"), self._change, name=tr("Change requirement {n}", n=self.line.id))
        )
        drop = button(tr("Drop"), self.dropped.emit, name=tr("Drop requirement {n}", n=self.line.id))
        verbs.addWidget(drop)
        verbs.addStretch(1)
        layout.addLayout(verbs)

    def _change(self) -> None:
        text = self.edit.text().strip()
        if text and text != self.line.text:
            self.edited.emit(text)


def _needed(proof: Proof | None, line: Requirement) -> tuple[HunkNeed, ...]:
    """The hunks that the tests of a requirement need, as leaving them out has shown."""
    hunks = proof.needing(line.tests) if proof else ()
    return tuple(need for need in proof.hunks if need.hunk in hunks) if proof else ()
