"""The card of the task at hand: what fails, what is being tried, the best so far, and how it ended."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from ui.candidates.model import CandidateModel, Column, is_gain, result_text, tone_of
from ui.candidates.table import CandidateTable
from ui.fix.causes_card import CausesCard
from ui.fix.diagnosis_card import DiagnosisCard
from ui.fix.stream import StreamTail
from ui.fix.verdict import VerdictCard
from ui.session import Busy, Session
from ui.suspects.pane import SuspectsList
from ui.theme.look import Look
from ui.widgets import Elided, Fold, button, card, column, label, restyle, row
from ui.words import amount, clock, counted, short_name, tr

_ROWS_KEPT = 5
"""Rows of candidates that stay in sight in the lowest window."""


class FixPane(QWidget):
    """Lives in the conversation. ``action`` carries the id of an action in :mod:`ui.actions`."""

    action = Signal(str)
    candidate_opened = Signal(int)
    test_opened = Signal(str)
    marked = Signal(object, object)
    """A :class:`core.types.CodePlace`, and the mark that it gets."""
    tests_wanted = Signal(tuple)

    def __init__(self, session: Session, model: CandidateModel, look: Look) -> None:
        super().__init__()
        self._session = session
        self._model = model
        self.setAccessibleName(tr("Task"))
        self._title = label(look="title", wrap=True)
        self._words = label(look="muted", wrap=True)
        self._pace = label(look="muted", wrap=True)
        self._go = button(tr("Fix"), lambda: self.action.emit("fix"), "primary")
        self._again = button(tr("Run tests"), lambda: self.action.emit("run_tests"))
        self._verdict = VerdictCard(session, self._again)
        self._verdict.action.connect(self.action)
        self._causes = CausesCard(session, self._again)
        self._causes.test_opened.connect(self.test_opened)
        self._diagnoses = DiagnosisCard(session, self._again)
        self._diagnoses.tests_wanted.connect(self.tests_wanted)
        self._best = card(look="well")
        self._best_result = label(look="strong")
        self._best_title = Elided()
        best = row(self._best, (12, 8, 8, 8), 12)
        best.addWidget(label(tr("Best so far"), look="muted"))
        best.addWidget(self._best_result)
        best.addWidget(self._best_title, 1)
        best.addWidget(
            button(
                tr("Open"),
                lambda: self.action.emit("review_best"),
                "quiet",
                tr("Open the best candidate"),
            )
        )
        self._suspects = SuspectsList(look)
        self._suspects.marked.connect(self.marked)
        self._suspects_fold = Fold(tr("Suspects"), self._suspects)
        self._tally = label(look="zone")
        self.table = CandidateTable(model, look, without=(Column.LINES, Column.SECONDS))
        self.table.setAccessibleName(tr("Candidates, live"))
        self.table.opened.connect(self.candidate_opened)
        self.stream = StreamTail(look)
        self._stream_fold = Fold(tr("What the model writes"), self.stream)
        buttons = row(gap=8)
        buttons.addWidget(self._go)
        buttons.addWidget(self._again)
        buttons.addStretch(1)
        layout = column(self, (16, 20, 16, 16), 12)
        layout.addWidget(self._title)
        told = column(gap=4)
        told.addWidget(self._words)
        told.addWidget(self._pace)
        layout.addLayout(told)
        layout.addLayout(buttons)
        for part in (
            self._diagnoses,
            self._causes,
            self._verdict,
            self._best,
            self._tally,
            self.table,
            self._suspects_fold,
            self._stream_fold,
        ):
            layout.addWidget(part)
        # The table has all the room from its first row on: nothing moves while rows come in.
        self.table.setMinimumHeight(self.table.rows_height(_ROWS_KEPT))
        layout.setStretchFactor(self.table, 1000)
        layout.addStretch(1)
        self.refresh()

    def refresh(self) -> None:
        """Show the session as it now is; cheap enough for every batch of arrivals."""
        session = self._session
        started = bool(session.targets)
        self._title.setText(self._headline())
        restyle(self._title, tone="passed" if self._all_pass() else "")
        self._words.setText(self._sentence())
        self._words.setVisible(bool(self._words.text()))
        self._words.setToolTip(", ".join(session.proposers) if started else "")
        self._pace.setText(self._speed())
        self._pace.setVisible(bool(self._pace.text()))
        offers = not session.is_busy() and not started and bool(session.failing())
        self._go.setVisible(offers)
        if offers:
            wanted = len(session.failing()) - len(session.aside()) or len(session.failing())
            self._go.setText(counted(wanted, "Fix {n} test", "Fix {n} tests"))
            self._go.setAccessibleName(self._go.text())
        self._again.setVisible(
            not session.is_busy() and not started and not session.failing() and bool(session.order)
        )
        self._causes.refresh(shown=not started and session.busy in (Busy.NOTHING, Busy.TESTING))
        self._diagnoses.refresh(shown=not session.is_busy())
        self._verdict.refresh()
        self._show_best()
        some = bool(session.candidates)
        self._tally.setText(
            counted(len(session.candidates), "{n} CANDIDATE", "{n} CANDIDATES") if some else ""
        )
        self._tally.setVisible(some)
        self.table.setVisible(some)
        self._show_suspects()
        self._stream_fold.setVisible(not self.stream.is_blank())
        self._stream_fold.set_title(self.stream.title())

    def follow(self) -> None:
        """Keep the newest candidate in sight while a fix runs, and the best one once it has ended."""
        if self._session.busy is Busy.FIXING:
            self.table.follow()
        elif self._session.result is not None:
            self.table.follow(self._session.best)

    def _headline(self) -> str:
        session = self._session
        wanted = len(session.targets)
        if session.busy is Busy.FIXING:
            if wanted == 1:
                return tr("Fixing {test}", test=short_name(session.targets[0]))
            return counted(wanted, "Fixing {n} test", "Fixing {n} tests")
        if wanted and session.result is not None:
            return counted(wanted, "Fix of {n} test", "Fix of {n} tests")
        failing = len(session.failing())
        if session.busy in (Busy.OPENING, Busy.PREPARING):
            return tr("Getting ready")
        if session.busy is Busy.TESTING or (session.is_busy() and not session.order):
            return tr("Running the tests")
        if failing:
            return counted(failing, "{n} test fails", "{n} tests fail")
        if self._all_pass():
            return tr("✓  All tests pass")
        if session.run_ended and not session.order:
            return tr("No tests were found")
        return tr("The tests have not run yet")

    def _all_pass(self) -> bool:
        session = self._session
        idle = not session.is_busy() and not session.targets
        counts = session.counts()
        return idle and counts.passed > 0 and counts.failed == 0 and counts.waiting == 0

    def _sentence(self) -> str:
        session = self._session
        if session.targets and (session.busy is Busy.FIXING or session.result is not None):
            way = next((s for s in session.strategies if s.name == session.fix_strategy), None)
            parts = [session.fix_model or tr("no model"), tr(way.title) if way else ""]
            parts.append(counted(len(session.proposers), "{n} proposer", "{n} proposers"))
            if session.result is not None:
                parts.append(_ceiling(session))
            return "  ·  ".join(part for part in parts if part)
        if session.is_busy():
            return tr("Your files stay as they are; all work happens in a private copy.")
        if session.failing():
            return tr(
                "Fix tries small patches in a private copy, judges each by your tests, and shows the "
                "best one as a diff. Your files change only when you accept."
            )
        if session.run_detail:
            return session.run_detail
        return tr("Nothing to fix.") if self._all_pass() else ""

    def _speed(self) -> str:
        """Time, tokens and candidates a second, while a fix runs."""
        session = self._session
        if session.busy is not Busy.FIXING or session.result is not None:
            return ""
        seconds, tokens = session.spent_seconds, session.spent_tokens
        parts = [tr("{spent} of {all}", spent=clock(seconds), all=clock(session.budget.seconds))]
        if session.fix_model:
            used = ("~" if tokens.estimated else "") + amount(tokens.prompt + tokens.completion)
            if session.budget.tokens:
                used = tr("{n} of {all}", n=used, all=amount(session.budget.tokens))
            parts.append(tr("{n} tokens", n=used))
        if seconds >= 1 and session.candidates:
            rate = len(session.candidates) / seconds
            parts.append(tr("{n} candidates a second", n=f"{rate:.1f}"))
        return "  ·  ".join(parts)

    def _show_best(self) -> None:
        session = self._session
        record = session.candidates.get(session.best) if session.best is not None else None
        comparison = record.evidence.comparison if record and record.evidence else None
        useful = comparison is not None and is_gain(comparison)
        self._best.setVisible(useful and session.result is None)
        if record is not None and useful:
            self._best_result.setText(result_text(record))
            restyle(self._best_result, tone=tone_of(comparison))
            self._best_title.setText(record.title)

    def _show_suspects(self) -> None:
        session = self._session
        self._suspects_fold.setVisible(bool(session.suspects or session.marks))
        title = counted(len(session.suspects), "{n} suspect line", "{n} suspect lines")
        self._suspects_fold.set_title(title)
        self._suspects.show_suspects(session.suspects, session.marks)


def _ceiling(session: Session) -> str:
    most = tr("{n} s at most", n=round(session.budget.seconds))
    if session.budget.tokens:
        most += tr(", {n} tokens", n=amount(session.budget.tokens))
    return most
