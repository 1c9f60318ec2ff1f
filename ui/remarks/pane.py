"""Under the diff: the box for a remark, how remarks are understood, refused hunks, and the next round."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QScrollArea, QWidget

from core.commands import AllowHunk, Command, CorrectRemark, DropRemark, Refine, RefuseHunk, Remark
from core.types import FileDiff, Hunk, HunkId, RemarkPlace, RemarkReading
from ui.remarks.card import RemarkCard
from ui.remarks.refused import RefusedStrip
from ui.session import Busy, Session
from ui.theme.look import Look
from ui.widgets import button, card, clear, column, label, row
from ui.words import counted, tr

_BOX: Final = 56
_LOW: Final = 140
_HIGH: Final = 320
"""Pixels as designed: what all of it may take from the diff in a low window, and in any."""
_SHARE: Final = 0.42
"""Of the review's height."""


class RemarksPane(QScrollArea):
    """Belongs to the review. ``wanted`` carries a command of core, and what runs until it has ended."""

    wanted = Signal(object, object)
    left = Signal()
    """The box is closed; the diff may have the focus again."""

    def __init__(self, session: Session, look: Look) -> None:
        super().__init__()
        self._session = session
        self._look = look
        self._place = RemarkPlace()
        self._chosen: tuple[HunkId, ...] = ()
        self._shown: tuple[int, int] = (-1, -1)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(tr("Remarks"))
        self._page = QWidget()
        self.box = QPlainTextEdit()
        self.box.setAccessibleName(tr("Remark"))
        self.box.setTabChangesFocus(True)
        self.box.setPlaceholderText(tr("What should be different here? For example: use >= instead of >"))
        self.box.setFixedHeight(look.px(_BOX))
        self.box.installEventFilter(self)
        self._at = label(look="strong", wrap=True)
        self._writing = card(look="well")
        self._send = button(tr("Remark"), self.send, "primary", tr("Make this remark"))
        self._build_box()
        self._reading = label(tr("Reading the remark…"), look="muted")
        self._cards = column(gap=8)
        self._round = label(look="muted", wrap=True)
        self.go = button(tr("New round"), self.refine, "primary")
        self._going = QWidget()
        going = row(self._going, gap=12)
        going.addWidget(self.go)
        going.addWidget(self._round, 1)
        self.refused = RefusedStrip(session.remarks)
        self.refused.allowed.connect(lambda number: self._want(AllowHunk(number)))
        self.refused.reasoned.connect(lambda *said: self._want(RefuseHunk(*said)))
        layout = column(self._page, (16, 8, 16, 8), 8)
        for part in (self._writing, self._reading):
            layout.addWidget(part)
        layout.addLayout(self._cards)
        layout.addWidget(self._going)
        layout.addWidget(self.refused)
        layout.addStretch(1)
        # A scroll area watches its page, so everything it looks at must be there.
        self.setWidget(self._page)
        self._writing.hide()
        self.refresh()

    def _build_box(self) -> None:
        layout = column(self._writing, (12, 8, 12, 8), 6)
        layout.addWidget(self._at)
        layout.addWidget(self.box)
        buttons = row(gap=8)
        buttons.addWidget(self._send)
        buttons.addWidget(button(tr("Cancel"), self.cancel, "quiet", tr("Write no remark")))
        buttons.addWidget(label(tr("Ctrl+Enter makes it, Esc leaves it"), look="small"))
        buttons.addStretch(1)
        layout.addLayout(buttons)

    # --- what the window asks ----------------------------------------------------------------------

    def begin(self, place: RemarkPlace) -> None:
        """Open the box for a remark at ``place``."""
        self._place = place
        self._at.setText(tr("On {place}", place=_words(place, self._files())))
        self._writing.show()
        self.refresh()
        self.box.setFocus()

    def cancel(self) -> None:
        """Close the box; what was written in it stays for the next time."""
        self._writing.hide()
        self.refresh()
        self.left.emit()

    def is_writing(self) -> bool:
        return not self._writing.isHidden()

    def send(self) -> None:
        """Make the remark that is written in the box."""
        review = self._session.review
        if review is None or self._session.is_busy():
            return
        text = self.box.toPlainText()
        self.box.clear()
        self._writing.hide()
        self._want(Remark(review.candidate, self._place, text), Busy.PREPARING)
        self.left.emit()

    def refine(self) -> None:
        """Begin a round that heeds the remarks, and keeps what is chosen and not remarked on."""
        review, state = self._session.review, self._session.remarks
        if review is None or self._session.is_busy() or not self.can_refine():
            return
        kept = state.kept(review.candidate, self._chosen)
        self._want(Refine(review.candidate, kept), Busy.FIXING)

    def can_refine(self) -> bool:
        """Whether there are remarks without doubt, or a hunk of what is shown is refused."""
        review = self._session.review
        if review is None or self._session.accepted is not None:
            return False
        return self._session.remarks.can_refine(review)

    def refuse(self, hunk: HunkId) -> None:
        """The user has left a hunk out for good."""
        review = self._session.review
        if review is not None:
            numbers = [one.id for one in self._hunks()]
            self._want(RefuseHunk(review.candidate, hunk))
            self.refused.ask_why(review.candidate, hunk, numbers.index(hunk) + 1)
            self.refresh()

    def allow(self, hunk: HunkId) -> None:
        """The user takes a hunk that was refused."""
        found = next((one for one in self._hunks() if one.id == hunk), None)
        refusal = self._session.remarks.refusal_of(found) if found is not None else None
        if refusal is not None:
            self._want(AllowHunk(refusal.id))
            self.refused.forget()
            self.refresh()

    # --- showing -----------------------------------------------------------------------------------

    def choose(self, chosen: tuple[HunkId, ...]) -> None:
        """What of the diff is chosen now."""
        self._chosen = chosen
        self.refresh()

    def refresh(self) -> None:
        session, review = self._session, self._session.review
        state = session.remarks
        now = (state.version, review.candidate if review else -1)
        if now != self._shown:
            if now[1] != self._shown[1]:
                self.refused.forget()
            self._shown = now
            self._show_cards()
        remarks = state.on(review.candidate) if review else []
        reading = session.busy is Busy.PREPARING and review is not None and self.box.toPlainText() == ""
        self._reading.setVisible(reading and not self.is_writing() and not remarks)
        self._going.setVisible(self.can_refine() or bool(remarks))
        self.go.setEnabled(self.can_refine() and not session.is_busy())
        self._round.setText(self._plan())
        self._send.setEnabled(not session.is_busy())
        self.refused.refresh()
        some = self.is_writing() or not self._going.isHidden() or not self.refused.isHidden()
        self.setVisible(review is not None and (some or not self._reading.isHidden()))
        self._fit()

    def _show_cards(self) -> None:
        clear(self._cards)
        review = self._session.review
        if review is None:
            return
        for remark in self._session.remarks.on(review.candidate):
            made = RemarkCard(remark, review.files)
            made.corrected.connect(self._correct)
            made.dropped.connect(lambda number: self._want(DropRemark(number)))
            self._cards.addWidget(made)

    def _plan(self) -> str:
        review, state = self._session.review, self._session.remarks
        if review is None:
            return ""
        if any(remark.doubt for remark in state.on(review.candidate)):
            return tr("A remark is in doubt. Correct it or drop it, then a round can begin.")
        kept = len(state.kept(review.candidate, self._chosen))
        if not kept:
            return tr("Starts from this candidate.")
        return counted(
            kept, "Starts from this candidate and keeps {n} hunk.", "Starts here and keeps {n} hunks."
        )

    def _correct(self, number: int, reading: RemarkReading) -> None:
        self._want(CorrectRemark(number, reading))

    def _want(self, command: Command, busy: Busy = Busy.NOTHING) -> None:
        self.wanted.emit(command, busy)

    def _files(self) -> Sequence[FileDiff]:
        return self._session.review.files if self._session.review else ()

    def _hunks(self) -> list[Hunk]:
        return [hunk for file in self._files() for hunk in file.hunks]

    def _fit(self) -> None:
        """As high as it needs, but the diff keeps its room."""
        layout = self._page.layout()
        assert layout is not None, "made with the page"
        wanted = layout.totalHeightForWidth(self.viewport().width())
        if wanted < 0:
            wanted = layout.totalSizeHint().height()
        above = self.parentWidget()
        share = round(above.height() * _SHARE) if above is not None and above.isVisible() else wanted
        self.setFixedHeight(min(wanted + 2, max(share, self._look.px(_LOW)), self._look.px(_HIGH)))

    # --- Qt ----------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._page and event.type() is QEvent.Type.LayoutRequest:
            self._fit()
        elif watched is self.box and isinstance(event, QKeyEvent):
            ours = self._action(event)
            if ours is not None and event.type() is QEvent.Type.ShortcutOverride:
                event.accept()  # the window has other uses for these keys
                return True
            if ours is not None and event.type() is QEvent.Type.KeyPress:
                ours()
                return True
        return super().eventFilter(watched, event)

    def _action(self, event: QKeyEvent) -> Callable[[], None] | None:
        if event.key() == Qt.Key.Key_Escape:
            return self.cancel
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        return self.send if control and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) else None


def _words(place: RemarkPlace, files: Sequence[FileDiff]) -> str:
    if not place.path:
        return tr("the whole patch")
    hunk = next((h for file in files for h in file.hunks if h.id == place.hunk), None)
    line = place.first or (hunk.new_start if hunk else 0)
    at = f"{place.path}:{line}" if line else place.path
    return f"{at}, {hunk.section}" if hunk is not None and hunk.section else at
