"""The card of a request in words: the task as understood, and tests proposed for it, to be changed."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QCheckBox, QFrame, QPlainTextEdit, QVBoxLayout, QWidget

from core.commands import ConfirmTask, ConfirmTests, DropRequest
from core.types import DroppedTest, NodeId, ProposedTest
from ui.flow import Flow
from ui.ledger.state import LedgerState
from ui.theme.look import Look
from ui.theme.tokens import BASE
from ui.widgets import Fold, button, card, clear, column, label, restyle, row
from ui.words import counted, short_name, tr

_MOST_LINES = 14


class RequestCard(QWidget):
    """Belongs to one request. What the user confirms leaves it as a command by ``wanted``."""

    wanted = Signal(object)

    def __init__(self, state: LedgerState, look: Look) -> None:
        super().__init__()
        self._state = state
        self._look = look
        self._request = state.restated
        self._proposed: object = None
        self._busy = False
        self.tests: list[ProposedTestRow] = []
        self.setAccessibleName(tr("Request"))
        frame = card("proposed")
        column(self, (16, 8, 16, 8)).addWidget(frame)
        layout = column(frame, (16, 12, 16, 14), 8)
        layout.addWidget(label(tr("THE TASK, AS UNDERSTOOD"), look="zone"))
        self.task = QPlainTextEdit()
        self.task.setAccessibleName(tr("The task; change it if it is not what you mean"))
        self.task.setTabChangesFocus(True)
        self.task.textChanged.connect(self._fit)
        layout.addWidget(self.task)
        self._about = label(look="muted", wrap=True)
        layout.addWidget(self._about)
        self._tests = QWidget()
        self._tests_layout: QVBoxLayout = column(self._tests, gap=8)
        layout.addWidget(self._tests)
        self._state_line = label(look="strong", wrap=True)
        layout.addWidget(self._state_line)
        self._verbs = QWidget()
        verbs = Flow()
        self._verbs.setLayout(verbs)
        self.propose = button(tr("Propose tests"), self._confirm_task, "primary")
        self.confirm = button(tr("Make these the target"), self._confirm_tests, "primary")
        self.discard = button(tr("Give up this request"), lambda: self.wanted.emit(DropRequest()))
        for part in (self.confirm, self.propose, self.discard):
            verbs.addWidget(part)
        layout.addWidget(self._verbs)
        assert self._request is not None, "a card is made for a request"
        self.task.setPlainText(self._request.text)
        places = ", ".join(self._request.places)
        model = self._request.model
        said = tr("Restated by {model}.", model=model) if model else tr("In your own words.")
        self._about.setText(tr("{said} About {places}.", said=said, places=places) if places else said)
        look.changed.connect(self._fit)
        self.refresh(busy=False)

    def refresh(self, *, busy: bool) -> None:
        """Show the request as it now stands; ``busy``: something runs, so that nothing can be sent."""
        state = self._state
        self._busy = busy
        if state.restated is not self._request:
            self._verbs.hide()
            for part in (self.task, *self.tests):
                part.setEnabled(False)
            if state.restated is None and not state.confirmed:
                self._state_line.setText(tr("Given up."))
            return
        if state.proposed is not self._proposed:
            self._proposed = state.proposed
            self._show_tests()
        confirmed = bool(state.confirmed)
        self._verbs.setVisible(True)
        self.task.setReadOnly(confirmed)
        for test in self.tests:
            test.setEnabled(not confirmed)
        self.propose.setVisible(not confirmed)
        self.propose.setText(tr("Propose again") if self.tests else tr("Propose tests"))
        restyle(self.propose, look="" if self.tests else "primary")
        self.confirm.setVisible(bool(self.tests) and not confirmed)
        self._count()
        for part in (self.propose, self.discard):
            part.setEnabled(not busy)
        if confirmed:
            many = counted(len(state.confirmed), "1 test is", "{n} tests are")
            self._state_line.setText(
                tr(
                    "{many} the target now, in the private copy. Accept writes them with the code.",
                    many=many,
                )
            )
        elif self.tests:
            self._state_line.setText(
                tr("Proposed, and red on the present code. They count once you confirm them.")
            )
        self._state_line.setVisible(bool(self._state_line.text()))

    def _show_tests(self) -> None:
        clear(self._tests_layout)
        self.tests = []
        proposed = self._state.proposed
        if proposed is None:
            return
        for test in proposed.tests:
            made = ProposedTestRow(test, self._look)
            made.changed.connect(self._count)
            self.tests.append(made)
            self._tests_layout.addWidget(made)
        if proposed.dropped:
            body = QWidget()
            lines = column(body, gap=4)
            for dropped in proposed.dropped:
                lines.addWidget(label(dropped_line(dropped), look="small", wrap=True))
            title = counted(len(proposed.dropped), "1 was left out", "{n} were left out")
            self._tests_layout.addWidget(Fold(title, body))

    def _count(self) -> None:
        chosen = sum(test.is_chosen() for test in self.tests)
        self.confirm.setText(
            counted(chosen, "Make this test the target", "Make these {n} tests the target")
            if chosen
            else tr("Choose a test")
        )
        self.confirm.setAccessibleName(self.confirm.text())
        self.confirm.setEnabled(bool(chosen) and not self._busy)

    def _fit(self) -> None:
        """Give every text room for its lines, at the text size that is set."""
        self.task.setFixedHeight(_height(self.task, 2, 6))
        for test in self.tests:
            test.fit()

    def _confirm_task(self) -> None:
        text = self.task.toPlainText().strip()
        if text:
            self.wanted.emit(ConfirmTask(text))

    def _confirm_tests(self) -> None:
        chosen = [test for test in self.tests if test.is_chosen()]
        edited: dict[NodeId, str] = {t.test.node_id: t.source() for t in chosen if t.is_edited()}
        self.wanted.emit(ConfirmTests(tuple(t.test.node_id for t in chosen), edited))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()


class ProposedTestRow(QFrame):
    """One proposed test: chosen or not, and its source, which can be changed."""

    changed = Signal()

    def __init__(self, test: ProposedTest, look: Look) -> None:
        super().__init__()
        self.test = test
        self.setProperty("look", "well")
        self.setAccessibleName(tr("Proposed test {name}", name=test.node_id))
        layout = column(self, (12, 8, 12, 8), 4)
        head = row(gap=8)
        self.choice = QCheckBox(short_name(test.node_id))
        self.choice.setChecked(True)
        self.choice.setAccessibleName(tr("Take the test {name}", name=test.node_id))
        self.choice.toggled.connect(lambda _chosen: self.changed.emit())
        head.addWidget(self.choice, 1)
        head.addWidget(
            label(tr("proposed"), look="strong", tone="proposed"), 0, Qt.AlignmentFlag.AlignRight
        )
        layout.addLayout(head)
        layout.addWidget(
            label(tr("{path}. {why}", path=test.path, why=test.why), look="small", wrap=True)
        )
        self.code = QPlainTextEdit(test.source.rstrip("\n"))
        self.code.setAccessibleName(tr("Source of {name}", name=test.node_id))
        self.code.setTabChangesFocus(True)
        self.code.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self._look = look
        self.fit()
        layout.addWidget(self.code)

    def fit(self) -> None:
        """Give the source room for its lines."""
        self.code.setFont(self._look.code_font(BASE))
        self.code.setFixedHeight(_height(self.code, 3, _MOST_LINES))

    def is_chosen(self) -> bool:
        return self.choice.isChecked()

    def is_edited(self) -> bool:
        return self.code.toPlainText().strip() != self.test.source.strip()

    def source(self) -> str:
        return f"{self.code.toPlainText().rstrip()}\n"


def dropped_line(dropped: DroppedTest) -> str:
    """What was left out and why, on a line."""
    lines = [line.strip() for line in dropped.source.splitlines() if line.strip()]
    return tr("{said}: {why}", said=lines[-1] if lines else "", why=dropped.why)


def _height(text: QPlainTextEdit, least: int, most: int) -> int:
    """Room for the lines that there are, within bounds."""
    # Of a plain text, the document's height is its number of lines, broken ones included.
    lines = max(least, min(most, round(text.document().size().height())))
    margins = text.contentsMargins()
    inside = round(2 * text.document().documentMargin()) + text.horizontalScrollBar().sizeHint().height()
    return lines * text.fontMetrics().lineSpacing() + margins.top() + margins.bottom() + inside
