"""The card of the model in use: its grade, and every figure behind it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QGridLayout

from core.types import FormatScore, Grade, ProbeResult
from ui.theme.look import Look
from ui.widgets import button, card, clear, column, label, row
from ui.words import tr


class ProbeCard(QFrame):
    """``measure`` is asked for by its button."""

    measure = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        outer = column(self, (0, 0, 0, 0), 8)
        outer.addWidget(label(tr("THE MODEL IN USE, MEASURED"), look="zone"))
        box = card()
        inside = column(box, (16, 12, 16, 12), 8)
        head = row(gap=12)
        self._title = label(look="strong")
        head.addWidget(self._title)
        head.addStretch(1)
        self._button = button(tr("Measure"), self.measure.emit, name=tr("Measure the model in use"))
        head.addWidget(self._button)
        inside.addLayout(head)
        self._said = label(look="muted", wrap=True)
        inside.addWidget(self._said)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(look.px(20))
        self._grid.setVerticalSpacing(look.px(4))
        self._grid.setColumnStretch(1, 1)
        inside.addLayout(self._grid)
        outer.addWidget(box)
        self.show_result("", None, "")

    def show_result(self, model: str, result: ProbeResult | None, doing: str) -> None:
        """``doing`` is what the probe is at, empty where none runs."""
        clear(self._grid)
        self.setVisible(bool(model))
        self._button.setEnabled(not doing)
        self._button.setText(tr("Measure again") if result else tr("Measure"))
        if result is None:
            self._title.setText(model)
            waiting = tr("Not measured yet. That takes a minute, and waits for whatever else you do.")
            self._said.setText(doing or waiting)
            return
        self._title.setText(f"{result.name}: {grade_words(result.grade)}")
        self._said.setText(doing or advice(result))
        for line, (name, value) in enumerate(figures(result)):
            self._grid.addWidget(label(name, look="muted"), line, 0)
            self._grid.addWidget(label(value, wrap=True), line, 1)


def grade_words(grade: Grade) -> str:
    return tr(grade.value)


def advice(result: ProbeResult) -> str:
    """What the grade means for work."""
    match result.grade:
        case Grade.GOOD:
            return tr("It keeps to the form of an edit, and its answers can be used.")
        case Grade.USABLE:
            return tr("Most of its answers can be used; what cannot is tried again.")
        case Grade.WEAK:
            return tr("Few of its answers can be used, or it is slow; the ideas without a model do most.")
        case Grade.UNCLEAR:
            return tr("There was too little time for a judgement; measure again when less is going on.")
        case Grade.UNSUITABLE:
            return tr("None of its answers was an edit. Choose another model, or work without one.")


def figures(result: ProbeResult) -> list[tuple[str, str]]:
    """Name and value of each line of the card."""
    rows = [(tr(score.format.value), _score(score)) for score in result.formats]
    used = tr("{form}, prompts up to {n} tokens", form=result.edit_format, n=f"{result.prompt_tokens:,}")
    rows.append((tr("used"), used))
    rows.append((tr("context"), _context(result)))
    ended = tr("{n} of {all} answers ended by themselves", n=result.ended, all=result.answers)
    rows.append((tr("ending"), ended))
    speed = tr(
        "reads {read} and writes {write} tokens a second; first token after {first} s",
        read=round(result.prompt_speed),
        write=round(result.completion_speed, 1),
        first=round(result.first_seconds, 1),
    )
    if result.busy:
        speed = tr("{speed}, while other programs kept the machine busy", speed=speed)
    rows.append((tr("speed"), speed))
    return rows


def _score(score: FormatScore) -> str:
    if not score.asked:
        return tr("not tried")
    return tr(
        "{n} of {all} answers were edits, {right} the right ones",
        n=score.applied,
        all=score.asked,
        right=score.right,
    )


def _context(result: ProbeResult) -> str:
    claimed = tr("{n} tokens claimed", n=f"{result.context_claimed:,}")
    tried = f"{result.context_tried:,}"
    if not result.context_tried:
        return tr("{claimed}, not tried", claimed=claimed)
    if not result.context_held:
        return tr("{claimed}; the start of {n} tokens was forgotten", claimed=claimed, n=tried)
    return tr("{claimed}; the start of {n} tokens was remembered", claimed=claimed, n=tried)
