"""The doctor's page: a row for each thing that Greenbar needs, and the self-test of the sandbox."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from core.types import ReadinessRow, ReadinessState, Remedy, SelfTestReport
from ui.flow import Flow
from ui.page import Page
from ui.session import Session
from ui.theme.look import Look
from ui.widgets import Line, button, card, clear, column, label, restyle, row
from ui.words import duration, tr

_WIDTH = 820
_SIGNS = {
    ReadinessState.LOOKING: "·",
    ReadinessState.OK: "✓",
    ReadinessState.ATTENTION: "!",
    ReadinessState.MISSING: "–",
}
_TONES = {
    ReadinessState.LOOKING: "idle",
    ReadinessState.OK: "passed",
    ReadinessState.ATTENTION: "attention",
    ReadinessState.MISSING: "idle",
}


class DoctorRow(QWidget):
    """One subject. Made once and then kept up to date, so that the focus stays where it is."""

    remedy = Signal(object)

    def __init__(self, subject: str, look: Look) -> None:
        super().__init__()
        self._remedy: Remedy | None = None
        self._sign = label(look="strong")
        look.fit(self._sign, "setFixedWidth", 20)
        name = label(subject, look="strong")
        look.fit(name, "setFixedWidth", 112)
        self._sentence = label(wrap=True)
        self._command = label(look="muted", wrap=True)
        self._command.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._command.setFont(look.code_font())
        self._do = button("", self._mend)
        self._copy = button(tr("Copy"), self._copied, "quiet")
        words = column(gap=2)
        words.addWidget(self._sentence)
        words.addWidget(self._command)
        line = row(self, (0, 8, 0, 8), 4)
        line.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        line.addWidget(name, 0, Qt.AlignmentFlag.AlignTop)
        line.addLayout(words, 1)
        line.addSpacing(8)
        line.addWidget(self._copy, 0, Qt.AlignmentFlag.AlignTop)
        line.addWidget(self._do, 0, Qt.AlignmentFlag.AlignTop)
        self._subject = subject

    def show_row(self, shown: ReadinessRow) -> None:
        self._sign.setText(_SIGNS[shown.state])
        restyle(self._sign, tone=_TONES[shown.state])
        self._sentence.setText(shown.sentence)
        restyle(self._sentence, look="muted" if shown.state is ReadinessState.LOOKING else "")
        remedy = self._remedy = shown.remedy
        shell = remedy.shell if remedy is not None and shown.state is not ReadinessState.OK else ""
        self._command.setText(shell)
        self._command.setVisible(bool(shell))
        self._copy.setVisible(bool(shell))
        self._copy.setAccessibleName(tr("Copy the command for {subject}", subject=self._subject))
        self._do.setVisible(remedy is not None and bool(remedy.action))
        if remedy is not None:
            self._do.setText(remedy.label)
            self._do.setAccessibleName(
                tr("{subject}: {label}", subject=self._subject, label=remedy.label)
            )

    def _mend(self) -> None:
        self.remedy.emit(self._remedy)

    def _copied(self) -> None:
        if self._remedy is not None:
            self.remedy.emit(Remedy(self._remedy.label, shell=self._remedy.shell))


class DoctorPage(Page):
    """``action`` carries the id of an action in :mod:`ui.actions`, ``remedy`` a Remedy."""

    action = Signal(str)
    remedy = Signal(object)

    def __init__(self, session: Session, look: Look) -> None:
        super().__init__(look, tr("Doctor"), "welcome", _WIDTH)
        self._session = session
        self._look = look
        self._rows: dict[str, DoctorRow] = {}
        self._shown: object = None
        layout = self.column
        self.back = button(tr("← Back"), lambda: self.action.emit("back_from_doctor"), "link", tr("Back"))
        layout.addWidget(self.back, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addSpacing(8)
        layout.addWidget(label(tr("Doctor"), look="display"))
        layout.addSpacing(4)
        words = tr("What Greenbar needs, what is there, and what mends what is not.")
        layout.addWidget(label(words, look="muted", wrap=True))
        layout.addSpacing(16)
        self.again = button(tr("Check again"), lambda: self.action.emit("run_doctor"), "primary")
        self.test = button(tr("Test the sandbox"), lambda: self.action.emit("run_self_test"))
        buttons = Flow()
        buttons.addWidget(self.again)
        buttons.addWidget(self.test)
        layout.addLayout(buttons)
        layout.addSpacing(24)
        layout.addWidget(label(tr("SANDBOX, AS TRIED"), look="zone"))
        layout.addSpacing(8)
        self._tested = card()
        self._tested_box = column(self._tested, (16, 10, 16, 10), 4)
        layout.addWidget(self._tested)
        layout.addSpacing(24)
        layout.addWidget(label(tr("READINESS"), look="zone"))
        layout.addSpacing(8)
        box = card()
        self._box = column(box, (16, 4, 8, 4), 0)
        layout.addWidget(box)
        layout.addStretch(1)
        self.refresh()

    def refresh(self) -> None:
        """Show the session as it is now."""
        for shown in self._session.readiness:
            self._row(shown.subject).show_row(shown)
        self.test.setEnabled(not self._session.self_testing)
        state = (self._session.self_test, self._session.self_testing)
        if state != self._shown:
            self._shown = state
            self._show_test(*state)

    def _row(self, subject: str) -> DoctorRow:
        known = self._rows.get(subject)
        if known is None:
            known = self._rows[subject] = DoctorRow(subject, self._look)
            known.remedy.connect(self.remedy)
            if self._box.count():
                self._box.addWidget(Line())
            self._box.addWidget(known)
        return known

    def _show_test(self, report: SelfTestReport | None, doing: str) -> None:
        clear(self._tested_box)
        if doing:
            self._say("·", "idle", doing, "muted")
        elif report is None:
            self._say("·", "idle", tr("The sandbox has not been tried yet."), "muted")
        elif not report.isolated:
            self._say("!", "attention", tr("Nothing is isolated. {words}.", words=report.sentence))
        elif report.broken:
            words = tr(
                "The sandbox does not hold what it promises. Do not run code that you do not trust."
            )
            self._say("✗", "failed", words, "strong")
            for check in report.broken:
                words = tr("Not so: {promise}", promise=check.promise)
                detail = f" ({check.detail})" if check.detail else ""
                self._say("", "failed", f"{words}{detail}.")
        else:
            self._say("✓", "passed", f"{report.sentence}.", "strong")
            promises = "; ".join(check.promise for check in report.checks)
            words = tr("Tried in {time}: {promises}.", time=duration(report.seconds), promises=promises)
            self._say("", "", words, "muted")

    def _say(self, sign: str, tone: str, words: str, look: str = "") -> None:
        mark: QLabel = label(sign, look="strong", tone=tone)
        self._look.fit(mark, "setFixedWidth", 20)
        text = label(words, look=look, wrap=True)
        text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        line = row(gap=4)
        line.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
        line.addWidget(text, 1)
        self._tested_box.addLayout(line)
