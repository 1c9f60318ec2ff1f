"""A question as a card: its options on 1 to 5, *Other* on O, *Decide for me* on D."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton, QWidget

from core import events as ev
from core.types import DECIDE, OTHER, Option, Question
from ui.flow import Flow
from ui.questions.words import answer_line, heading, is_code, placeholder, spoken
from ui.theme.look import Look
from ui.widgets import button, card, clear, column, label, restyle, row
from ui.words import tr


class QuestionCard(QWidget):
    """One question, from being asked to being answered; keys count while the focus is in it."""

    answered = Signal(int, int, str)
    """The question, the choice and the text of :class:`core.commands.AnswerQuestion`."""
    taken_back = Signal(int)
    requested = Signal(str)
    """A change in words, for what no fix gives."""

    def __init__(self, question: Question, waiting: int, look: Look) -> None:
        super().__init__()
        self.question = question
        self._look = look
        self.options: list[QPushButton] = []
        self._keys: dict[str, Callable[[], None]] = {}
        self._conflict = 0
        self._frame = card("attention")
        self.setAccessibleName(tr("Question: {text}", text=question.text))
        self._sign = label("?", look="title", tone="attention")
        self._body = column(gap=8)
        column(self, (16, 8, 16, 8)).addWidget(self._frame)
        layout = row(self._frame, (16, 12, 16, 14), 12)
        layout.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(self._body, 1)
        self._say(question, waiting)

    def _say(self, question: Question, waiting: int) -> None:
        self._body.addWidget(label(heading(question, waiting), look="small"))
        self._body.addWidget(label(question.text, look="lead", wrap=True))
        self._body.addWidget(label(question.why, look="muted", wrap=True))
        self.refusal = label(look="strong", tone="failed", wrap=True)
        self.refusal.hide()
        self._body.addWidget(self.refusal)
        self.undo_earlier = button(tr("Take the earlier answer back"), self._undo_earlier)
        self.undo_earlier.hide()
        self._body.addWidget(self.undo_earlier, 0, Qt.AlignmentFlag.AlignLeft)
        code = is_code(question)
        rows = column(gap=4)
        for place, option in enumerate(question.options, 1):
            made = self._row(place, option, code=code)
            self.options.append(made)
            rows.addWidget(made)
            self._keys[str(place)] = partial(self._choose, place)
        self._body.addLayout(rows)
        self.other = button(tr("Other…  O"), self._write, name=tr("Another answer, in your own words"))
        self.decide = button(
            tr("Decide for me  D"), lambda: self._choose(DECIDE), name=tr("Decide for me: keep the best")
        )
        self._keys |= {"O": self._write, "D": partial(self._choose, DECIDE)}
        buttons = Flow()
        buttons.addWidget(self.other)
        buttons.addWidget(self.decide)
        self._body.addLayout(buttons)
        self._body.addWidget(self._make_field(question))
        if question.looked_up:
            places = tr("Looked up first: {places}.", places="; ".join(question.looked_up))
            self._body.addWidget(label(places, look="small", wrap=True))
        self.setFocusProxy(self.options[0])

    def _make_field(self, question: Question) -> QWidget:
        self._writing = QWidget()
        self.field = QLineEdit()
        self.field.setAccessibleName(tr("Your answer"))
        self.field.setPlaceholderText(placeholder(question))
        self.field.returnPressed.connect(self._send)
        layout = row(self._writing, gap=8)
        layout.addWidget(self.field, 1)
        layout.addWidget(button(tr("Answer"), self._send, "primary"))
        self._writing.hide()
        return self._writing

    def _row(self, place: int, option: Option, *, code: bool) -> QPushButton:
        made = QPushButton()
        made.setProperty("look", "row")
        made.setAccessibleName(spoken(place, option))
        made.clicked.connect(lambda _checked=False: self._choose(place))
        name = label(option.label, look="" if code else "strong", wrap=True)
        if code:
            name.setFont(self._look.code_font())
        words = column(gap=2)
        words.addStretch(1)
        first = row(gap=8)
        first.addWidget(name, 1)
        if place == 1:
            first.addWidget(label(tr("recommended"), look="small"), 0, Qt.AlignmentFlag.AlignTop)
        words.addLayout(first)
        if option.consequence:
            words.addWidget(label(option.consequence, look="small", wrap=True))
        words.addStretch(1)
        layout = row(made, (12, 4, 12, 4), 12)
        layout.addWidget(label(str(place), look="strong"))
        layout.addLayout(words, 1)
        for child in made.findChildren(QWidget):
            child.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        return made

    # --- answers ---------------------------------------------------------------------------------

    def refuse(self, refused: ev.AnswerRefused) -> None:
        """Say why the answer was none; what was written stays to be mended."""
        self.refusal.setText(refused.sentence)
        self.refusal.show()
        self._conflict = refused.conflict
        self.undo_earlier.setVisible(bool(refused.conflict))
        (self.undo_earlier if refused.conflict else self.field).setFocus()

    def settle(self, answered: ev.QuestionAnswered) -> None:
        """It is answered: the card shrinks to what was asked, what was said and what follows."""
        focused = QApplication.focusWidget()
        had = focused is not None and self.isAncestorOf(focused)
        self._strip()
        said = answer_line(self.question, answered.choice, answered.text)
        restyle(self._frame, tone="")
        self._sign.setText("✓" if answered.choice != DECIDE else "–")
        restyle(self._sign, tone="idle")
        self._body.addWidget(label(self.question.text, look="muted", wrap=True))
        self._body.addWidget(label(said, look="strong", wrap=True))
        line = row(gap=8)
        line.addWidget(label(answered.sentence, look="small", wrap=True), 1)
        if answered.choice != DECIDE:
            self._back = button(tr("Take back"), self._take_back, "link", tr("Take this answer back"))
            line.addWidget(self._back, 0, Qt.AlignmentFlag.AlignTop)
            if had:
                self._back.setFocus()
        self._body.addLayout(line)
        if answered.request:
            text = tr("Ask for it: {words}", words=answered.request)
            made = button(text, lambda: self.requested.emit(answered.request))
            self._body.addWidget(made, 0, Qt.AlignmentFlag.AlignLeft)

    def show_taken_back(self) -> None:
        """The answer counts no longer."""
        self._strip()
        restyle(self._frame, tone="")
        self._sign.setText("–")
        text = tr("{text} The answer was taken back.", text=self.question.text)
        self._body.addWidget(label(text, look="muted", wrap=True))

    def _strip(self) -> None:
        self._keys.clear()
        self.setFocusProxy(None)
        self.options.clear()
        clear(self._body)

    def _choose(self, choice: int, text: str = "") -> None:
        self.answered.emit(self.question.id, choice, text)

    def _write(self) -> None:
        self._writing.show()
        self.field.setFocus()

    def _send(self) -> None:
        self._choose(OTHER, self.field.text())

    def _take_back(self) -> None:
        self.taken_back.emit(self.question.id)

    def _undo_earlier(self) -> None:
        self.taken_back.emit(self._conflict)
        self.refusal.hide()
        self.undo_earlier.hide()

    # --- Qt --------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keys come here from whatever has the focus in the card and does not want them: not from the
        field, which takes what is typed."""
        act = self._keys.get(event.text().upper())
        if act is None or event.modifiers() & ~Qt.KeyboardModifier.ShiftModifier:
            super().keyPressEvent(event)
            return
        act()
