"""The *Candidates* tab: the table, and in words how the selected one fared."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from ui.candidates.model import CandidateModel, tone_of
from ui.candidates.table import CandidateTable
from ui.session import Busy, Session
from ui.theme.look import Look
from ui.widgets import button, card, column, label, restyle, row
from ui.words import (
    counted,
    first_line,
    flaky_lines,
    rung_word,
    short_name,
    tr,
    verdict_line,
    verdict_sign,
)


class CandidatesPane(QWidget):
    """Every candidate of the fix; ``opened`` asks for the diff of one."""

    opened = Signal(int)
    prompt_opened = Signal(int)
    """The number of the request to the model that a candidate came of."""
    failure_opened = Signal(int)
    """A candidate whose failure is to be shown whole."""

    def __init__(self, session: Session, model: CandidateModel, look: Look) -> None:
        super().__init__()
        self._session = session
        self.table = CandidateTable(model, look)
        self.table.opened.connect(self.opened)
        self.table.candidate_selected.connect(lambda _: self.refresh())
        self._empty = label(
            tr("No candidates yet. Each patch that a fix tries appears here with its result."),
            look="muted",
            wrap=True,
        )
        self._detail = card(look="strip")
        self._line = label(look="strong", wrap=True)
        self._why = label(look="muted", wrap=True)
        self._open = button(tr("Show the diff"), self._open_current)
        self._failure = button(tr("Show the failure"), self._open_failure)
        self._prompt = button(tr("Show the prompt"), self._open_prompt)
        words = column(gap=4)
        words.addWidget(self._line)
        words.addWidget(self._why)
        inside = row(self._detail, (16, 12, 16, 12), 16)
        inside.addLayout(words, 1)
        inside.addWidget(self._failure)
        inside.addWidget(self._prompt)
        inside.addWidget(self._open)
        self._empty.setContentsMargins(16, 16, 16, 16)
        layout = column(self)
        layout.addWidget(self._empty)
        layout.addWidget(self.table, 1)
        layout.addWidget(self._detail)
        layout.addStretch(0)
        self.refresh()

    def refresh(self) -> None:
        """Show or hide the empty state, and describe the selected candidate."""
        some = bool(self._session.candidates)
        self._empty.setVisible(not some)
        self.table.setVisible(some)
        current = self.table.current()
        record = self._session.candidates.get(current) if current is not None else None
        self._detail.setVisible(record is not None)
        if record is None:
            return
        self._prompt.setVisible(record.request in self._session.calls)
        self._failure.setVisible(record.evidence is not None and record.evidence.failure is not None)
        comparison = record.evidence.comparison if record.evidence else None
        if comparison is None or record.evidence is None:
            self._line.setText(tr("Candidate {id} waits to be verified.", id=record.id))
            self._why.setText(record.title)
        else:
            sign = verdict_sign(comparison.verdict)
            self._line.setText(f"{sign}  {verdict_line(comparison)}")
            ran = counted(record.evidence.tests_run, "{n} test run", "{n} tests run")
            parts = [tr("Stopped at: {rung}, {ran}.", rung=rung_word(record.evidence.rung), ran=ran)]
            parts.extend(comparison.reasons)
            parts.extend(flaky_lines(comparison))
            if record.evidence.failure is not None:
                failure = record.evidence.failure
                parts.append(
                    tr(
                        "{test}: {message}",
                        test=short_name(failure.node_id),
                        message=first_line(failure.message),
                    )
                )
            self._why.setText("\n".join(parts))
        restyle(self._line, tone=tone_of(comparison))

    def follow(self) -> None:
        """Keep the newest candidate in sight while a fix runs, unless one is selected."""
        if self._session.busy is Busy.FIXING and self.table.current() is None:
            self.table.follow()

    def _open_failure(self) -> None:
        current = self.table.current()
        if current is not None:
            self.failure_opened.emit(current)

    def _open_prompt(self) -> None:
        record = self._session.candidates.get(self.table.current() or 0)
        if record is not None and record.request:
            self.prompt_opened.emit(record.request)

    def _open_current(self) -> None:
        current = self.table.current()
        if current is not None:
            self.opened.emit(current)
