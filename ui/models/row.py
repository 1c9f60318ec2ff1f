"""One model on the page: what it is, how it stands, its one button, the rest in a menu."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QProgressBar, QToolButton, QWidget

from core.events import Progress
from core.types import MemoryFit, ModelRow, ModelState
from ui.models import words
from ui.models.words import Act
from ui.theme.look import Look
from ui.widgets import Elided, button, column, label, row
from ui.words import tr

_SIGN = 20
_FACTS = 232


class ModelLine(QWidget):
    """Rebuilt when its row changes; progress only moves its bar."""

    acted = Signal(str, object)
    """The spec, and an :class:`ui.models.words.Act`."""
    verify = Signal(str)
    delete = Signal(object)
    """The row: its name is asked about before."""

    def __init__(self, model: ModelRow, look: Look, *, fetching: bool, in_use: bool) -> None:
        super().__init__()
        self.model = model
        self.fetching = fetching
        self.in_use = in_use
        self.setAccessibleName(
            f"{model.name}, {words.state_words(model, in_use=in_use, fetching=fetching)}"
        )
        signed = label(words.sign(model), look="strong", tone=_tone(model))
        look.fit(signed, "setFixedWidth", _SIGN)
        names = column(gap=2)
        names.addWidget(Elided(model.name, look="strong"))
        names.addWidget(label(words.second_line(model), look="small", wrap=True))
        stands = words.state_words(model, in_use=in_use, fetching=fetching)
        facts = QWidget()
        # All alike, so that the columns of the rows stand under each other.
        look.fit(facts, "setFixedWidth", _FACTS)
        below = column(facts, gap=2)
        below.addStretch(1)
        below.addWidget(label(stands, look="muted", wrap=True))
        if memory := words.memory_words(model):
            scarce = model.fit in (MemoryFit.TIGHT, MemoryFit.TOO_LARGE)
            below.addWidget(label(memory, "small", "attention" if scarce else "", wrap=True))
        below.addStretch(1)
        line = row(margins=(0, 0, 0, 0), gap=12)
        line.addWidget(signed)
        line.addLayout(names, 1)
        line.addWidget(facts)
        self._add_buttons(line, look)
        whole = column(self, (16, 8, 8, 8), 6)
        whole.addLayout(line)
        self._text = Elided(look="small")
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(tr("Progress of {name}", name=model.name))
        self._progress = QWidget()
        inner = column(self._progress, (look.px(_SIGN) + 12, 0, 8, 0), 4)
        inner.addWidget(self._bar)
        inner.addWidget(self._text)
        whole.addWidget(self._progress)
        self._progress.hide()

    def show_progress(self, progress: Progress | None) -> None:
        """``None`` where nothing goes on."""
        self._progress.setVisible(progress is not None)
        if progress is None:
            return
        self._text.setText(progress.text)
        if progress.fraction is None:
            self._bar.setRange(0, 0)
        else:
            self._bar.setRange(0, 1000)
            self._bar.setValue(round(progress.fraction * 1000))

    def take_focus(self) -> None:
        """To its button, or to its menu where it has none."""
        (self._more if self._first.isHidden() else self._first).setFocus()

    def _add_buttons(self, line: QHBoxLayout, look: Look) -> None:
        model = self.model
        offered = words.primary(model, fetching=self.fetching, in_use=self.in_use)
        # An empty place where there is no button, so that the columns stand under each other.
        first = self._first = button(
            offered.label or tr("Use"),
            lambda: self.acted.emit(model.spec, offered.act),
            name=f"{offered.label} {model.name}",
        )
        policy = first.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        first.setSizePolicy(policy)
        look.fit(first, "setMinimumWidth", 132)
        first.setVisible(offered.act is not Act.NONE)
        line.addWidget(first)
        more = self._more = QToolButton()
        more.setText("⋯")
        more.setProperty("look", "quiet")
        more.setAccessibleName(tr("More for {name}", name=model.name))
        more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        kept = more.sizePolicy()
        kept.setRetainSizeWhenHidden(True)
        more.setSizePolicy(kept)
        menu = QMenu(more)
        if words.can_be_verified(model) and not self.fetching:
            menu.addAction(tr("Verify the file")).triggered.connect(lambda: self.verify.emit(model.spec))
        if words.can_be_deleted(model) and not self.fetching:
            remove = menu.addAction(words.delete_label(model))
            remove.triggered.connect(lambda: self.delete.emit(model))
        more.setMenu(menu)
        more.setVisible(not menu.isEmpty())
        line.addWidget(more)


def _tone(model: ModelRow) -> str:
    if model.state in (ModelState.DAMAGED, ModelState.MISSING):
        return "attention"
    return "" if model.state.is_ready else "idle"
