"""The drawer at the foot: what happened, what the sandbox isolates; others add pages of their own."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QPlainTextEdit, QScrollArea, QTabWidget, QWidget

from core.types import ReadinessState
from ui.flow import Flow
from ui.session import Session
from ui.theme.look import Look
from ui.theme.tokens import SMALL
from ui.widgets import Line, button, clear, column, label, restyle
from ui.words import tr

_KEPT = 2000
_SANDBOXES = ("Docker", "Podman", "Bubblewrap")


class Drawer(QWidget):
    """Pages under each other's tabs; ``log`` is the first."""

    action = Signal(str)
    """The id of an action of :mod:`ui.actions`."""

    def __init__(self, session: Session, look: Look) -> None:
        super().__init__()
        self.setProperty("look", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.log = LogPage(look)
        self.sandbox = SandboxPage(session)
        self.sandbox.action.connect(self.action)
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.tabBar().setDrawBase(False)
        self.tabs.tabBar().setAccessibleName(tr("Drawer"))
        self.tabs.setAccessibleName(tr("Drawer"))
        self.add(self.log, tr("Log"))
        self.add(self.sandbox, tr("Sandbox"))
        layout = column(self)
        layout.addWidget(Line())
        layout.addWidget(self.tabs, 1)
        look.fit(self, "setMinimumHeight", 96)

    def add(self, page: QWidget, title: str) -> None:
        """Give a page a tab, after those that are there."""
        self.tabs.addTab(page, title)

    def show_page(self, page: QWidget) -> None:
        self.tabs.setCurrentWidget(page)

    def refresh(self) -> None:
        if self.sandbox.isVisible():
            self.sandbox.refresh()


class LogPage(QPlainTextEdit):
    """One line for each thing worth noting, newest last; append-only, bounded."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setMaximumBlockCount(_KEPT)
        self.setTabChangesFocus(True)
        self.setAccessibleName(tr("Log"))
        self.document().setDocumentMargin(4)
        self._last = ""
        self._restyle()
        look.changed.connect(self._restyle)

    def note(self, time: float, sentence: str) -> None:
        """Append one line; ``time`` is seconds since the epoch. A repetition is left out."""
        if sentence == self._last:
            return
        self._last = sentence
        at = datetime.fromtimestamp(time).astimezone().strftime("%H:%M:%S")
        self.appendPlainText(f"{at}  {sentence}")

    def _restyle(self) -> None:
        family, size = self._look.code_font().family(), self._look.px(SMALL + 1)
        self.setStyleSheet(
            f'QPlainTextEdit {{ font-family: "{family}"; font-size: {size}px; border: none;'
            " padding-left: 12px; }"
        )


class SandboxPage(QScrollArea):
    """What isolates the tests here, what was tried of it, and what the tests were given."""

    action = Signal(str)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._shown: object = None
        self.setAccessibleName(tr("Sandbox"))
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        page = QWidget()
        self.setWidget(page)
        self._sentence = label(look="strong", wrap=True)
        self._rows = column(gap=4)
        buttons = Flow()
        for title, action in (
            (tr("Test the sandbox"), "run_self_test"),
            (tr("Set-up…"), "show_set_up"),
            (tr("Show the doctor"), "doctor"),
        ):
            buttons.addWidget(button(title, lambda action=action: self.action.emit(action)))  # type: ignore[misc]
        layout = column(page, (16, 8, 16, 12), 8)
        layout.addWidget(self._sentence)
        layout.addLayout(buttons)
        layout.addLayout(self._rows)
        layout.addStretch(1)

    def refresh(self) -> None:
        """Read the session anew; cheap where nothing has changed."""
        session = self._session
        seen = (
            session.sandbox,
            session.self_test,
            session.self_testing,
            session.set_up,
            session.readiness,
        )
        if seen == self._shown:
            return
        self._shown = seen
        self._sentence.setText(session.sandbox or tr("No sandbox has been chosen yet."))
        clear(self._rows)
        for sign, tone, words in self._lines():
            line = label(f"{sign}  {words}", wrap=True)
            restyle(line, tone=tone)
            self._rows.addWidget(line)

    def _lines(self) -> list[tuple[str, str, str]]:
        """Sign, tone and words of each thing that is known."""
        session = self._session
        lines: list[tuple[str, str, str]] = []
        if session.self_testing:
            lines.append(("·", "idle", session.self_testing))
        for check in session.self_test.checks if session.self_test else ():
            if check.kept:
                lines.append(("✓", "passed", tr(check.promise)))
            else:
                lines.append(("✗", "failed", f"{tr(check.promise)}: {check.detail}"))
        if session.set_up is not None and session.set_up.installed:
            lines.append(("·", "idle", session.set_up.installed))
        known = (row for row in session.readiness if row.state is not ReadinessState.LOOKING)
        lines += [("·", "idle", row.sentence) for row in known if row.subject in _SANDBOXES]
        return lines

    def showEvent(self, event: object) -> None:
        super().showEvent(event)  # type: ignore[arg-type]
        self.refresh()
