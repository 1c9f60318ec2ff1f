"""The status strip: model, speed and context, budget of time, tokens and money, the sandbox in a line."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QLabel, QSizePolicy, QWidget

from core.types import RoleUsage
from ui.session import Busy, Session
from ui.theme.look import Look
from ui.tips import tip
from ui.widgets import Elided, button, label, row
from ui.words import amount, clock, tr

_METER: Final = QSize(48, 6)
FULL: Final = 0.85
"""From this share of the context on, the meter asks for attention."""


ROOMY: Final = 900
"""Pixels as designed; in less, what is also in a tool tip or in the conversation gives way."""


class ContextMeter(QWidget):
    """How much of the model's context the last prompt and its answer have taken."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._share = 0.0
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        look.changed.connect(self.update)

    def show_share(self, used: int, whole: int) -> None:
        """Tokens of tokens; the words are the label's beside it."""
        self._share = min(used / whole, 1.0) if whole else 0.0
        words = tr("Context: {used} of {whole} tokens", used=f"{used:,}", whole=f"{whole:,}")
        self.setToolTip(words)
        self.setAccessibleName(words)
        self.update()

    def sizeHint(self) -> QSize:
        return _METER

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._look.colour("idle_fill"))
        fill = "attention_fill" if self._share >= FULL else "accent"
        painter.fillRect(0, 0, round(self.width() * self._share), self.height(), self._look.colour(fill))


class StatusStrip(QFrame):
    """One line at the foot of the window."""

    model_clicked = Signal()

    def __init__(self, session: Session, look: Look) -> None:
        super().__init__()
        self._session = session
        self._look = look
        self.setProperty("look", "strip")
        look.fit(self, "setFixedHeight", 28)
        self._model = button("", self.model_clicked.emit, "status")
        self._speed = label(look="small")
        self._meter = ContextMeter(look)
        self._context = label(look="small")
        self._budget = label(look="small")
        self._tokens = label(look="small")
        self._cost = label(look="small")
        self._doing = label(look="small")
        self._sandbox = Elided(look="small")
        layout = row(self, (16, 0, 16, 0), 16)
        for part in (self._doing, self._model, self._speed):
            layout.addWidget(part)
        context = row(gap=6)
        context.addWidget(self._meter)
        context.addWidget(self._context)
        layout.addLayout(context)
        for part in (self._budget, self._tokens, self._cost):
            layout.addWidget(part)
        layout.addStretch(1)
        layout.addWidget(self._sandbox)

    def refresh(self) -> None:
        session = self._session
        _set(self._doing, _doing(session.busy))
        no_model = session.model_spec == "none" or bool(session.targets and not session.fix_model)
        name = tr("no model") if no_model else session.model or tr("model: none yet")
        self._model.setText(name)
        self._model.setAccessibleName(tr("Model: {name}. Open models and keys", name=name))
        speed = session.tokens_per_second
        roomy = self.width() >= self._look.px(ROOMY)
        _set(self._speed, tr("{n} tok/s", n=round(speed)) if speed and roomy else "")
        self._show_context()
        budget = session.budget
        fixing = bool(session.targets)
        spent = clock(session.spent_seconds)
        _set(
            self._budget, tr("{spent} of {all}", spent=spent, all=clock(budget.seconds)) if fixing else ""
        )
        used = session.spent_tokens.prompt + session.spent_tokens.completion
        tokens = amount(used)
        if budget.tokens:
            tokens = tr("{n} of {all}", n=tokens, all=amount(budget.tokens))
        about = "~" if session.spent_tokens.estimated else ""
        _set(
            self._tokens, tr("{n} tokens", n=about + tokens) if fixing and (used or budget.tokens) else ""
        )
        _set(self._cost, cost_words(session) if fixing and session.roles else "")
        self._tokens.setToolTip(tip("\n".join(role_words(row) for row in session.roles)))
        self._sandbox.setText(
            tr("sandbox: {sentence}", sentence=session.sandbox)
            if session.sandbox
            else tr("sandbox: none yet")
        )

    def _show_context(self) -> None:
        used, whole = context_used(self._session), self._session.context
        shown = bool(used and whole)
        self._meter.setVisible(shown)
        self._context.setVisible(shown and self.width() >= self._look.px(ROOMY))
        if shown:
            self._meter.show_share(used, whole)
            words = tr("{used} of {whole}", used=amount(used), whole=amount(whole))
            self._context.setText(words)


def context_used(session: Session) -> int:
    """Tokens that the last answered request and its answer have taken; 0 where nobody knows."""
    for call in reversed(session.calls.values()):
        if call.answered is not None and call.answered.usage.prompt:
            return call.answered.usage.prompt + call.answered.usage.completion
    return 0


def cost_words(session: Session) -> str:
    """What the models of this fix have cost, and of what; nothing where they are free."""
    if any(row.dollars is None for row in session.roles):
        return tr("cost unknown")
    dollars = sum(row.dollars or 0.0 for row in session.roles)
    if session.budget.dollars:
        return tr("${spent} of ${all}", spent=f"{dollars:.4f}", all=f"{session.budget.dollars:.2f}")
    return f"${dollars:.4f}" if dollars else ""


def role_words(row: RoleUsage) -> str:
    """One role in a line: what was asked of which model, and what was saved."""
    used = amount(row.tokens.prompt + row.tokens.completion)
    words = tr("{role} ({model}): {n} tokens", role=tr(row.role.value), model=row.model, n=used)
    if row.stopped:
        early = "{n} answers stopped early, about {saved} tokens saved"
        words += f"; {tr(early, n=row.stopped, saved=row.saved)}"
    return words


def _set(part: QLabel, text: str) -> None:
    part.setText(text)
    part.setVisible(bool(text))


def _doing(busy: Busy) -> str:
    match busy:
        case Busy.NOTHING:
            return ""
        case Busy.OPENING:
            return tr("Opening…")
        case Busy.TESTING:
            return tr("Running tests…")
        case Busy.FIXING:
            return tr("Fixing…")
        case Busy.VERIFYING:
            return tr("Verifying…")
        case Busy.WRITING:
            return tr("Writing…")
        case Busy.PREPARING:
            return tr("Preparing…")
