"""The *Candidates* tab: a list or a tree, and in words how the selected one fared."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from ui.candidates.compare import CompareDialog
from ui.candidates.model import CandidateModel, tone_of
from ui.candidates.table import CandidateTable
from ui.candidates.tree import CandidateTree
from ui.candidates.tree_model import CandidateTreeModel
from ui.flow import Flow
from ui.session import Busy, CandidateRecord, Session
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
        tree_model = CandidateTreeModel(self)
        tree_model.follow(model)
        self._look = look
        self.tree = CandidateTree(tree_model, look)
        self.tree.opened.connect(self.opened)
        self.tree.candidate_selected.connect(lambda _: self.refresh())
        self.views = QStackedWidget()
        self.views.addWidget(self.table)
        self.views.addWidget(self.tree)
        self.as_tree = button(tr("As a tree"), self.toggle_tree, "link")
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
        self._compare = button(tr("Compare with the best"), self.compare)
        words = column(gap=4)
        words.addWidget(self._line)
        words.addWidget(self._why)
        inside = column(self._detail, (16, 12, 16, 12), 8)
        inside.addLayout(words)
        buttons = Flow()
        for part in (self._compare, self._failure, self._prompt, self._open):
            buttons.addWidget(part)
        inside.addLayout(buttons)
        self._empty.setContentsMargins(16, 16, 16, 16)
        layout = column(self)
        layout.addWidget(self._empty)
        self._head = QWidget()
        head = row(self._head, (16, 4, 16, 4))
        head.addStretch(1)
        head.addWidget(self.as_tree)
        layout.addWidget(self._head)
        layout.addWidget(self.views, 1)
        layout.addWidget(self._detail)
        layout.addStretch(0)
        self.refresh()

    def refresh(self) -> None:
        """Show or hide the empty state, and describe the selected candidate."""
        some = bool(self._session.candidates)
        self._empty.setVisible(not some)
        self.views.setVisible(some)
        self._head.setVisible(some)
        self._compare.setVisible(len(self._pair()) == 2)
        two = self.shows_tree() and len(self.tree.chosen()) > 1
        self._compare.setText(tr("Compare the two") if two else tr("Compare with the best"))
        current = self.current()
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

    def current(self) -> int | None:
        """The candidate that is selected in the view that is shown."""
        if self.shows_tree():
            return next(iter(self.tree.chosen()), None)
        return self.table.current()

    def shows_tree(self) -> bool:
        return self.views.currentWidget() is self.tree

    def toggle_tree(self) -> None:
        """Change between the list and the tree; the selected candidate stays in sight."""
        current = self.current()
        self.views.setCurrentWidget(self.table if self.shows_tree() else self.tree)
        self.as_tree.setText(tr("As a list") if self.shows_tree() else tr("As a tree"))
        wanted = current if current is not None else self._session.best
        if self.shows_tree() and wanted is not None:
            self.tree.show_candidate(wanted)
        self.views.currentWidget().setFocus()
        self.refresh()

    def compare(self) -> None:
        """Show the two selected candidates side by side."""
        pair = self._pair()
        if len(pair) == 2:
            dialog = CompareDialog(self.window(), pair, self._session.matrix.table, self._look)
            dialog.finished.connect(dialog.deleteLater)
            dialog.open()

    def _pair(self) -> list[CandidateRecord]:
        """The two that are selected; of one, it and the best."""
        chosen = self.tree.chosen() if self.shows_tree() else [self.table.current() or 0]
        wanted = dict.fromkeys([*chosen, self._session.best or 0])
        return [self._session.candidates[one] for one in wanted if one in self._session.candidates][:2]

    def follow(self) -> None:
        """Keep the newest candidate in sight while a fix runs, unless one is selected."""
        if self._session.busy is Busy.FIXING and self.table.current() is None:
            self.table.follow()

    def _open_failure(self) -> None:
        current = self.current()
        if current is not None:
            self.failure_opened.emit(current)

    def _open_prompt(self) -> None:
        record = self._session.candidates.get(self.current() or 0)
        if record is not None and record.request:
            self.prompt_opened.emit(record.request)

    def _open_current(self) -> None:
        current = self.current()
        if current is not None:
            self.opened.emit(current)
