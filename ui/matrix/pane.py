"""The *Matrix* tab: the matrix, what its colours mean, and the current cell in words."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from ui.flow import Flow
from ui.matrix.view import MatrixView
from ui.matrix.words import cell_line
from ui.session import Session
from ui.theme.look import Look
from ui.widgets import button, card, column, label, row
from ui.words import tr


class MatrixPane(QWidget):
    """Says which candidate and which test are wanted."""

    opened = Signal(int)
    test_opened = Signal(str)

    def __init__(self, session: Session, look: Look) -> None:
        super().__init__()
        self._state = session.matrix
        self.view = MatrixView(session.matrix, look)
        self.view.current_changed.connect(self._describe)
        self.view.opened.connect(self.opened)
        self._empty = label(
            tr("No tests yet. Each candidate becomes a row here, each test a column."),
            look="muted",
            wrap=True,
        )
        self._empty.setContentsMargins(16, 16, 16, 16)
        self._line = label(look="strong", wrap=True)
        key = (
            tr("✓ fixed"),
            tr("! broken"),
            tr("✗ still fails"),
            tr("· passes as before"),
            tr("– skipped"),
            tr("grey: not run"),
        )
        # Lines break between the entries only.
        self._key = label(
            "   ".join(e.replace(" ", "\N{NO-BREAK SPACE}") for e in key), "muted", wrap=True
        )
        self.show_diff = button(tr("Show the diff"), self._open)
        self.show_test = button(tr("Show the test"), self._open_test)
        self._strip = card(look="strip")
        words = column(gap=4)
        words.addWidget(self._line)
        words.addWidget(self._key)
        buttons = Flow()
        wider = button("+", lambda: self.view.zoom(1), name=tr("Wider cells"))
        narrower = button("−", lambda: self.view.zoom(-1), name=tr("Narrower cells"))
        for part in (narrower, wider, self.show_test, self.show_diff):
            buttons.addWidget(part)
        inside = row(self._strip, (16, 12, 16, 12), 16)
        inside.addLayout(words, 1)
        inside.addLayout(buttons)
        layout = column(self)
        layout.addWidget(self._empty)
        layout.addWidget(self.view, 1)
        layout.addWidget(self._strip)
        layout.addStretch(0)
        self.setFocusProxy(self.view)
        self.refresh()

    def refresh(self) -> None:
        """Show the session as it is now; does nothing while nobody looks."""
        some = self._state.has_tests
        self._empty.setVisible(not some)
        self.view.setVisible(some)
        self._strip.setVisible(some)
        if self.isVisible():
            self.view.refresh()

    def _describe(self) -> None:
        table, candidate = self._state.table, self.view.candidate()
        self.show_diff.setEnabled(candidate is not None)
        if table.tests:
            self._line.setText(cell_line(table, candidate, self.view.test))
            self.view.setAccessibleDescription(self._line.text())

    def _open(self) -> None:
        candidate = self.view.candidate()
        if candidate is not None:
            self.opened.emit(candidate)

    def _open_test(self) -> None:
        if self._state.table.tests:
            self.test_opened.emit(self._state.table.tests[self.view.test])

    def showEvent(self, event: object) -> None:
        self.view.refresh()
