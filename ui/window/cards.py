"""Cards above the panes: a consent to give, a trouble to mend, long work under way.

None of them blocks: the rest of the window keeps working while they stand.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QProgressBar, QPushButton, QWidget

from core import events as ev
from core.types import ConsentKind, ConsentRequest, Remedy
from ui.flow import Flow
from ui.theme.look import Look
from ui.widgets import Elided, Fold, button, column, label, row, tab_after
from ui.window.card_stack import CardStack
from ui.words import tr

MAX_TROUBLES = 2


class ConsentCard(QFrame):
    """A permission that only the user can give; the safe answer is as near as the other."""

    answered = Signal(object, bool)

    def __init__(self, request: ConsentRequest) -> None:
        super().__init__()
        self.kind: ConsentKind = request.kind
        self.setProperty("look", "card")
        self.setProperty("tone", "attention")
        self.setAccessibleName(request.title)
        sign = label("?", look="title", tone="attention")
        words = column(gap=6)
        words.addWidget(label(request.title, look="lead", wrap=True))
        words.addWidget(label(request.text, wrap=True))
        self.refuse = button(request.refuse_label, lambda: self.answered.emit(self.kind, False))
        self.accept = button(request.accept_label, lambda: self.answered.emit(self.kind, True), "primary")
        buttons = Flow()
        buttons.addWidget(self.accept)
        buttons.addWidget(self.refuse)
        words.addSpacing(4)
        words.addLayout(buttons)
        layout = row(self, (16, 12, 16, 14), 12)
        layout.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(words, 1)


class TroubleCard(QFrame):
    """One sentence, the remedies as buttons, details folded."""

    dismissed = Signal()

    def __init__(self, trouble: ev.TroubleRaised, apply: Callable[[Remedy], None], look: Look) -> None:
        super().__init__()
        self.trouble = trouble
        self.setProperty("look", "card")
        self.setProperty("tone", "failed")
        self.setAccessibleName(trouble.sentence)
        words = column(gap=6)
        words.addWidget(label(trouble.sentence, look="strong", wrap=True))
        buttons = Flow()
        for remedy in trouble.remedies:
            if remedy.action:
                buttons.addWidget(button(remedy.label, lambda remedy=remedy: apply(remedy)))  # type: ignore[misc]
            elif remedy.shell:
                text = tr("Copy: {command}", command=remedy.shell)
                buttons.addWidget(button(text, lambda remedy=remedy: copy(remedy.shell), name=text))  # type: ignore[misc]
            else:
                words.addWidget(label(remedy.label, look="muted", wrap=True))
        if trouble.remedies:
            words.addLayout(buttons)
        if trouble.details.strip():
            from ui.textblock import TextBlock

            block = TextBlock(look, tr("Details"))
            block.show_text(trouble.details.strip())
            words.addWidget(Fold(tr("Details"), block))
        layout = row(self, (16, 12, 12, 12), 12)
        layout.addWidget(label("✗", look="lead", tone="failed"), 0, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(words, 1)
        close = button("✕", self.dismissed.emit, "close", tr("Dismiss"))
        layout.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)


class JobLine(QWidget):
    """One job of long work: what it does, how far it is."""

    def __init__(self) -> None:
        super().__init__()
        self._text = Elided(look="muted")
        self._share = label(look="muted")
        self._share.setMinimumWidth(40)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setFixedWidth(220)
        self._bar.setAccessibleName(tr("ev.Progress"))
        layout = row(self, (16, 5, 16, 5), 12)
        layout.addWidget(self._bar)
        layout.addWidget(self._share)
        layout.addWidget(self._text, 1)

    def show_progress(self, progress: ev.Progress) -> None:
        self._text.setText(progress.text)
        if progress.fraction is None:
            self._bar.setRange(0, 0)
            self._share.setText("")
        else:
            self._bar.setRange(0, 1000)
            self._bar.setValue(round(progress.fraction * 1000))
            self._share.setText(tr("{n} %", n=int(progress.fraction * 100)))


class Notices(QWidget):
    """Stacks jobs, consents and troubles, in this order; as high as what it holds."""

    answered = Signal(object, bool)

    def __init__(self, apply: Callable[[Remedy], None], look: Look) -> None:
        super().__init__()
        self._apply = apply
        self._look = look
        self.before: QWidget | None = None
        """What comes before the cards for the Tab key; they come last where there is none."""
        self._jobs: dict[str, JobLine] = {}
        self._consents: dict[ConsentKind, ConsentCard] = {}
        self._troubles: list[TroubleCard] = []
        self._job_box = column(gap=0)
        self._cards = CardStack()
        layout = column(self)
        layout.addLayout(self._job_box)
        layout.addWidget(self._cards)
        self._fit()

    def show_progress(self, progress: ev.Progress) -> None:
        if progress.done:
            line = self._jobs.pop(progress.job, None)
            if line is not None:
                line.hide()
                line.deleteLater()
            self._fit()
            return
        line = self._jobs.get(progress.job)
        if line is None:
            line = self._jobs[progress.job] = JobLine()
            self._job_box.addWidget(line)
        line.show_progress(progress)
        self._fit()

    def end_jobs(self, only: str = "", but: str = "") -> None:
        """The work is over, however it ended: nothing may go on turning.

        ``only`` those whose name begins so; ``but`` not those: a download outlives the work beside it.
        """
        for job in list(self._jobs):
            if job.startswith(only) and not (but and job.startswith(but)):
                self.show_progress(ev.Progress(job, "", None, done=True))

    def ask(self, request: ConsentRequest) -> None:
        self.settle(request.kind)
        made = ConsentCard(request)
        made.answered.connect(self._answer)
        self._consents[request.kind] = made
        self._cards.box.insertWidget(0, made)
        self._take_turn(made.accept, made.refuse)
        self._fit()

    def settle(self, kind: ConsentKind) -> None:
        """The question has been answered, here or elsewhere."""
        made = self._consents.pop(kind, None)
        if made is not None:
            made.hide()
            made.deleteLater()
        self._fit()

    def raise_trouble(self, trouble: ev.TroubleRaised) -> None:
        """Show a trouble; the same one again replaces itself, and only the newest few stand."""
        for known in [t for t in self._troubles if t.trouble.code == trouble.code]:
            self._drop(known)
        while len(self._troubles) >= MAX_TROUBLES:
            self._drop(self._troubles[0])
        made = TroubleCard(trouble, self._mend, self._look)
        made.dismissed.connect(lambda: self._drop(made))
        self._troubles.append(made)
        self._cards.box.addWidget(made)
        self._take_turn(*made.findChildren(QPushButton))
        self._fit()

    def dismiss_last(self) -> bool:
        """Close the newest trouble; ``False`` where there is none."""
        if not self._troubles:
            return False
        self._drop(self._troubles[-1])
        return True

    def dismiss_all(self) -> None:
        while self.dismiss_last():
            pass

    def fit(self) -> None:
        """The window's size has changed: the cards keep to their share of it."""
        if not self._cards.isHidden():
            self._cards.fit()

    def waits_for_answer(self) -> bool:
        return bool(self._consents)

    def _mend(self, remedy: Remedy) -> None:
        self.dismiss_all()
        self._apply(remedy)

    def _drop(self, made: TroubleCard) -> None:
        if made in self._troubles:
            self._troubles.remove(made)
            made.hide()
            made.deleteLater()
            self._fit()

    def _answer(self, kind: ConsentKind, granted: bool) -> None:
        self.settle(kind)
        self.answered.emit(kind, granted)

    def _take_turn(self, *buttons: QWidget) -> None:
        if self.before is not None:
            tab_after(self.before, buttons)

    def _fit(self) -> None:
        cards = bool(self._consents or self._troubles)
        self._cards.setVisible(cards)
        self.setVisible(cards or bool(self._jobs))
        self.fit()


def copy(text: str) -> None:
    """Put ``text`` on the clipboard."""
    QGuiApplication.clipboard().setText(text)
