"""The *Prompts* tab: one request at a time, letter by letter, with what came back and what it cost."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QScrollArea, QWidget

from ui.session import CallRecord, Session
from ui.textblock import TextBlock
from ui.theme.look import Look
from ui.widgets import button, column, label, row
from ui.words import amount, duration, tr


class PromptsPane(QScrollArea):
    """Follows the newest request, until the user goes to another one."""

    def __init__(self, session: Session, look: Look) -> None:
        super().__init__()
        self._session = session
        self._request: int | None = None
        self.setAccessibleName(tr("Prompts"))
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        page = QWidget()
        self.setWidget(page)
        self._hint = label(
            tr("No model has been asked yet. Each prompt appears here exactly as it is sent."),
            look="muted",
            wrap=True,
        )
        self._title = label(look="lead", wrap=True)
        self._cost = label(look="muted", wrap=True)
        self._before = button(tr("Previous"), lambda: self._step(-1), name=tr("Previous prompt"))
        self._after = button(tr("Next"), lambda: self._step(1), name=tr("Next prompt"))
        self._newest = button(tr("Newest"), lambda: self.show_request(None), name=tr("Newest prompt"))
        self._copy = button(tr("Copy"), self._copy_prompt, name=tr("Copy the prompt"))
        self._prompt = TextBlock(look, tr("Prompt"))
        self._answer_title = label(tr("ANSWER"), look="zone")
        self._answer = TextBlock(look, tr("Answer"))
        ways = row(gap=8)
        for one in (self._before, self._after, self._newest):
            ways.addWidget(one)
        ways.addStretch(1)
        ways.addWidget(self._copy)
        self._body = QWidget()
        inside = column(self._body, gap=8)
        inside.addWidget(self._title)
        inside.addWidget(self._cost)
        inside.addLayout(ways)
        inside.addWidget(label(tr("PROMPT"), look="zone"))
        for part in (self._prompt, self._answer_title, self._answer):
            inside.addWidget(part)
        layout = column(page, (16, 20, 16, 16), 12)
        layout.addWidget(self._hint)
        layout.addWidget(self._body)
        layout.addStretch(1)
        self.refresh()

    def show_request(self, request: int | None) -> None:
        """Show one request, or with ``None`` always the newest."""
        self._request = request
        self.refresh()

    def refresh(self) -> None:
        """Show the session as it is now; does nothing while nobody can see it."""
        calls = self._session.calls
        if not calls:
            self._request = None
        self._hint.setVisible(not calls)
        self._body.setVisible(bool(calls))
        if not calls or not self.isVisible():
            return
        call = calls.get(self._request) if self._request is not None else None
        call = call or calls[next(reversed(calls))]
        numbers = list(calls)
        self._title.setText(
            tr("Request {n} of {all}, by {who}", n=call.request, all=numbers[-1], who=call.proposer)
        )
        self._cost.setText(cost_line(call))
        self._before.setEnabled(call.request != numbers[0])
        self._after.setEnabled(call.request != numbers[-1])
        self._newest.setEnabled(self._request is not None)
        _fill(self._prompt, call.prompt)
        _fill(self._answer, call.answer)
        self._answer.setVisible(bool(call.answer))
        self._answer_title.setVisible(bool(call.answer))

    def showEvent(self, event: object) -> None:
        super().showEvent(event)  # type: ignore[arg-type]
        self.refresh()

    def _shown(self) -> int:
        numbers = list(self._session.calls)
        return numbers.index(self._request) if self._request in numbers else len(numbers) - 1

    def _step(self, step: int) -> None:
        numbers = list(self._session.calls)
        place = min(max(self._shown() + step, 0), len(numbers) - 1)
        self.show_request(numbers[place])

    def _copy_prompt(self) -> None:
        QGuiApplication.clipboard().setText(self._prompt.toPlainText())


def cost_line(call: CallRecord) -> str:
    """``612 tokens read, 580 of them known already, 24 written in 1.3 s``, once it is over."""
    answered = call.answered
    if answered is None:
        return tr("The model is answering.")
    usage = answered.usage
    about = "~" if usage.estimated else ""
    parts = [tr("{n} tokens read", n=about + amount(usage.prompt))]
    if usage.cached:
        parts.append(tr("{n} of them known already", n=amount(usage.cached)))
    written = about + amount(usage.completion)
    parts.append(tr("{n} written in {time}", n=written, time=duration(answered.seconds)))
    if answered.stopped:
        parts.append(tr("stopped early: {why}", why=answered.stopped))
    elif answered.cancelled:
        parts.append(tr("cancelled"))
    return ", ".join(parts)


def _fill(block: TextBlock, text: str) -> None:
    if block.toPlainText() != text:
        block.show_text(text)
