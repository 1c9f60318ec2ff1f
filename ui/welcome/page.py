"""The first page: open, try the sample, recent repositories with their last verdict, readiness."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy, QVBoxLayout, QWidget

from core.types import ReadinessRow, ReadinessState, Remedy
from ui.flow import Flow
from ui.page import Page
from ui.session import Session
from ui.state import RecentRepository, UiState
from ui.theme.look import Look
from ui.widgets import Elided, button, card, clear, column, label, row
from ui.words import counted, tr

_WIDTH = 720
_RECENT = 5
_ROW = 32
_ROWS_TO_COME = 7
_SIGNS = {
    ReadinessState.LOOKING: "·",
    ReadinessState.OK: "✓",
    ReadinessState.ATTENTION: "!",
    ReadinessState.MISSING: "–",
}
_TONES = {
    ReadinessState.LOOKING: "idle",
    ReadinessState.OK: "",
    ReadinessState.ATTENTION: "attention",
    ReadinessState.MISSING: "idle",
}


class MiniBar(QWidget):
    """The last verdict of a repository: passed, failed, other, as proportions."""

    def __init__(self, entry: RecentRepository, look: Look) -> None:
        super().__init__()
        self._entry = entry
        self._look = look
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        look.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(96, 6)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        entry, look = self._entry, self._look
        painter.fillRect(self.rect(), look.colour("idle_fill"))
        total = entry.passed + entry.failed + entry.other
        if not total:
            return
        passed = self.width() * entry.passed // total
        failed = max(2, self.width() * entry.failed // total) if entry.failed else 0
        passed = min(passed, self.width() - failed)
        painter.fillRect(0, 0, passed, self.height(), look.colour("passed_fill"))
        painter.fillRect(passed, 0, failed, self.height(), look.colour("failed_fill"))


class WordMark(QWidget):
    """The bar of the application icon, two thirds green, as a drawing."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self.setFixedSize(120, 10)
        look.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._look.colour("idle_fill"))
        painter.fillRect(0, 0, self.width() * 2 // 3, self.height(), self._look.colour("passed_fill"))


class RecentRow(QPushButton):
    """One recent repository; the whole row opens it."""

    def __init__(self, entry: RecentRepository, look: Look) -> None:
        super().__init__()
        self.setProperty("look", "row")
        self.setAccessibleName(tr("Open {name}, {verdict}", name=entry.name, verdict=_verdict(entry)))
        names = column(gap=2)
        names.addStretch(1)
        names.addWidget(Elided(entry.name, look="strong"))
        names.addWidget(Elided(entry.path, look="small", mode=Qt.TextElideMode.ElideMiddle))
        names.addStretch(1)
        layout = row(self, (12, 0, 12, 0), 16)
        layout.addLayout(names, 1)
        layout.addWidget(label(_verdict(entry), look="small"))
        layout.addWidget(MiniBar(entry, look))
        for child in self.findChildren(QWidget):
            child.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)


class WelcomePage(Page):
    """Shown while no repository is open."""

    action = Signal(str)
    opened = Signal(str)
    remedy = Signal(object)

    def __init__(self, session: Session, state: UiState, look: Look) -> None:
        super().__init__(look, tr("Welcome"), "welcome", _WIDTH, top=24)
        self._session = session
        self._state = state
        self._look = look
        layout = self.column
        # A little above the middle, where the eye expects it; at the top where there is no room.
        layout.addStretch(2)
        self._back = button(tr("Back"), lambda: self.action.emit("back"), "link")
        layout.addWidget(self._back, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addSpacing(8)
        layout.addWidget(WordMark(look))
        layout.addSpacing(16)
        layout.addWidget(label("Greenbar", look="display"))
        layout.addSpacing(4)
        layout.addWidget(
            label(
                tr(
                    "Open a repository whose tests fail. Greenbar finds a fix, proves it, "
                    "and asks before it writes."
                ),
                look="muted",
                wrap=True,
            )
        )
        layout.addSpacing(20)
        buttons = Flow()
        self.open_button = button(tr("Open repository…"), lambda: self.action.emit("open"), "primary")
        buttons.addWidget(self.open_button)
        buttons.addWidget(button(tr("Try the sample"), lambda: self.action.emit("open_sample")))
        drop = label(tr("or drop a folder here"), look="muted")
        drop.setMinimumHeight(self.open_button.sizeHint().height())
        drop.setContentsMargins(8, 0, 0, 0)
        buttons.addWidget(drop)
        layout.addLayout(buttons)
        layout.addSpacing(32)
        self._recent = column(gap=0)
        layout.addLayout(self._recent)
        self._readiness = column(gap=0)
        layout.addLayout(self._readiness)
        layout.addStretch(3)
        self._shown: object = None
        self.refresh_recent()
        self.refresh()

    def refresh_recent(self) -> None:
        clear(self._recent)
        if not self._state.recent:
            return
        self._recent.addWidget(label(tr("RECENT"), look="zone"))
        self._recent.addSpacing(8)
        box = card()
        inside = column(box, (1, 4, 1, 4), 0)
        for entry in self._state.recent[:_RECENT]:
            line = RecentRow(entry, self._look)
            line.clicked.connect(lambda _checked=False, path=entry.path: self.opened.emit(path))
            inside.addWidget(line)
        self._recent.addWidget(box)
        self._recent.addSpacing(24)

    def refresh(self) -> None:
        """Show the doctor's rows as the session has them."""
        rows = self._session.readiness
        repository = self._session.repository
        self._back.setVisible(repository is not None)
        if repository is not None:
            self._back.setText(tr("← Back to {name}", name=repository.name))
            self._back.setAccessibleName(tr("Back to {name}", name=repository.name))
        if rows is self._shown:
            return
        self._shown = rows
        clear(self._readiness)
        self._readiness.addWidget(label(tr("READINESS"), look="zone"))
        self._readiness.addSpacing(8)
        box = card()
        inside = column(box, (16, 8, 8, 8), 0)
        if not rows:
            looking = label(tr("Looking for a sandbox and a model…"), look="muted")
            # As high as the rows to come, so that the page does not jump when they do.
            self._look.fit(looking, "setMinimumHeight", _ROWS_TO_COME * _ROW)
            looking.setAlignment(Qt.AlignmentFlag.AlignTop)
            looking.setContentsMargins(0, 8, 0, 0)
            inside.addWidget(looking)
        for place in needed(rows):
            self._add_row(inside, place)
        self._readiness.addWidget(box)
        self._readiness.addSpacing(4)
        more = button(tr("Show the doctor"), lambda: self.action.emit("doctor"), "link")
        self._readiness.addWidget(more, 0, Qt.AlignmentFlag.AlignLeft)

    def _add_row(self, inside: QVBoxLayout, place: ReadinessRow) -> None:
        sign = label(_SIGNS[place.state], look="strong", tone=_TONES[place.state])
        self._look.fit(sign, "setFixedWidth", 20)
        subject = label(place.subject, look="strong")
        self._look.fit(subject, "setFixedWidth", 96)
        words = label(place.sentence, look="muted", wrap=True)
        line = row(margins=(0, 4, 0, 4), gap=4)
        line.addWidget(sign)
        line.addWidget(subject)
        line.addWidget(words, 1)
        if place.remedy is not None and place.remedy.action:  # commands are on the doctor's page
            line.addWidget(self._remedy_button(place.remedy))
        holder = QWidget()
        self._look.fit(holder, "setMinimumHeight", _ROW)
        holder.setLayout(line)
        inside.addWidget(holder)

    def _remedy_button(self, remedy: Remedy) -> QPushButton:
        return button(remedy.label, lambda: self.remedy.emit(remedy))


def needed(rows: tuple[ReadinessRow, ...]) -> tuple[ReadinessRow, ...]:
    """Without Podman where it is missing: nobody needs it who has another sandbox. Pure."""
    works = any(r.state is ReadinessState.OK for r in rows if r.subject in ("Docker", "Bubblewrap"))
    return tuple(
        r for r in rows if not (works and r.subject == "Podman" and r.state is ReadinessState.MISSING)
    )


def _verdict(entry: RecentRepository) -> str:
    if entry.failed:
        return counted(entry.failed, "✗ {n} test fails", "✗ {n} tests fail")
    if entry.passed:
        return counted(entry.passed, "✓ {n} test passes", "✓ {n} tests pass")
    return tr("not run yet")
