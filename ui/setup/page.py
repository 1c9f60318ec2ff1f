"""The page of the set-up: what the tests need, whose word that is, and the user's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QPlainTextEdit, QVBoxLayout

from core.commands import ChooseSetUp, Command, LookAtSetUp, SetUpEnvironment
from core.types import SetUpChoice, SetUpInfo
from ui.flow import Flow
from ui.page import Page
from ui.session import Busy, Session
from ui.theme.look import Look
from ui.widgets import button, card, clear, column, label
from ui.words import tr

_WIDTH: Final = 820
_LINES: Final = 3
"""Of commands in sight."""
_WHOSE: Final = {
    SetUpChoice.FOUND: "Greenbar has found this in the repository's files.",
    SetUpChoice.COMMANDS: "You have named these commands for this repository.",
    SetUpChoice.NOTHING: "You have said that nothing is to be installed for this repository.",
}


class SetUpPage(Page):
    """``send`` hands a command to core, with what runs until it has ended."""

    left = Signal()

    def __init__(self, session: Session, send: Callable[[Command, Busy], None], look: Look) -> None:
        super().__init__(look, tr("Set-up"), "models", _WIDTH)
        self._session = session
        self._send = send
        self._look = look
        self._shown: object = self
        layout = self.column
        self.back = button(tr("← Back"), self.left.emit, "link", tr("Back"))
        layout.addWidget(self.back, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addSpacing(8)
        layout.addWidget(label(tr("Set-up"), look="display"))
        layout.addSpacing(4)
        words = tr(
            "What the tests need is installed once, with network, outside your repository. The tests "
            "themselves never have network."
        )
        layout.addWidget(label(words, look="muted", wrap=True))
        layout.addSpacing(20)
        layout.addWidget(label(tr("WHAT IS INSTALLED"), look="zone"))
        layout.addSpacing(8)
        box = card()
        self._found = column(box, (16, 12, 16, 12), 6)
        layout.addWidget(box)
        layout.addSpacing(12)
        self.now = button(tr("Set up and run the tests"), self._set_up, "primary")
        layout.addWidget(self.now, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addSpacing(24)
        self._add_own_word(layout)
        layout.addStretch(1)
        self.refresh()

    def look(self) -> None:
        """Ask core what it finds now."""
        self._send(LookAtSetUp(), Busy.NOTHING)

    def refresh(self) -> None:
        """Show the session as it is now."""
        found, idle = self._session.set_up, not self._session.is_busy()
        for choice in (self.now, self.instead, self.nothing):
            choice.setEnabled(idle and found is not None)
        self.forget.setEnabled(idle and found is not None and found.choice is not SetUpChoice.FOUND)
        if found != self._shown:
            self._shown = found
            self._show(found)

    def _add_own_word(self, layout: QVBoxLayout) -> None:
        layout.addWidget(label(tr("INSTEAD, FROM NOW ON"), look="zone"))
        layout.addSpacing(8)
        self.commands = QPlainTextEdit()
        self.commands.setAccessibleName(tr("Commands, one on each line"))
        self.commands.setPlaceholderText(tr("pip install -e .[test]"))
        self.commands.setFont(self._look.code_font())
        self.commands.setTabChangesFocus(True)
        lines = self.commands.fontMetrics().lineSpacing() * _LINES
        self.commands.setFixedHeight(lines + self._look.px(20))
        layout.addWidget(self.commands)
        layout.addSpacing(4)
        words = tr("One command on each line. They run in a copy of the repository, with network.")
        layout.addWidget(label(words, look="muted", wrap=True))
        layout.addSpacing(8)
        buttons = Flow()
        self.instead = button(tr("Run these commands"), self._run_commands)
        self.nothing = button(tr("Install nothing"), lambda: self._choose(()))
        self.forget = button(tr("Find it out again"), lambda: self._choose(None))
        for choice in (self.instead, self.nothing, self.forget):
            buttons.addWidget(choice)
        layout.addLayout(buttons)

    def _show(self, found: SetUpInfo | None) -> None:
        clear(self._found)
        if found is None:
            self._say(tr("Looking…"), "muted")
            return
        if found.choice is SetUpChoice.COMMANDS:
            self.commands.setPlainText("\n".join(found.commands))
        self._say(found.source or tr("The tests need nothing installed."), "strong")
        if found.source or found.choice is not SetUpChoice.FOUND:
            self._say(tr(_WHOSE[found.choice]), "muted")
        for title, entries in (
            (tr("Packages"), found.packages),
            (tr("Commands"), found.commands),
            (tr("Python"), (found.python,) if found.python else ()),
        ):
            if entries:
                self._say(title, "muted")
                self._say("\n".join(entries), code=True)
        if found.source:
            self._say(
                tr("You have allowed it for this repository.")
                if found.allowed
                else tr("You are asked before anything is installed."),
                "muted",
            )
        if found.installed:
            self._say(found.installed)

    def _say(self, words: str, look: str = "", code: bool = False) -> None:
        made = label(words, look=look, wrap=True)
        if code:
            made.setFont(self._look.code_font())
            made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._found.addWidget(made)

    # --- what the user wants ---------------------------------------------------------------------

    def _set_up(self) -> None:
        self._send(SetUpEnvironment(), Busy.PREPARING)
        self.left.emit()

    def _run_commands(self) -> None:
        lines = (line.strip() for line in self.commands.toPlainText().splitlines())
        commands = tuple(filter(None, lines))
        if commands:
            self._choose(commands)
        else:
            self.commands.setFocus()

    def _choose(self, commands: tuple[str, ...] | None) -> None:
        self._send(ChooseSetUp(commands), Busy.PREPARING)
        self.left.emit()
