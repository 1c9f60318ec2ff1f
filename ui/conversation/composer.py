"""Where a message is written: several lines, attachments, mentions, and what sending it will do."""

from __future__ import annotations

import re
from typing import Final

from PySide6.QtCore import QEvent, QMimeData, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QAction, QFocusEvent, QKeyEvent, QKeySequence, QResizeEvent, QTextCursor
from PySide6.QtWidgets import QMenu, QPlainTextEdit, QWidget

from core.commands import Say
from core.types import Attachment, Intent, Name
from ui.conversation.completion import NamesPopup
from ui.conversation.intent import likely_intent
from ui.conversation.pasted import attachment_of
from ui.flow import Flow
from ui.session import Session
from ui.theme.look import Look
from ui.widgets import button, clear, column, label, row
from ui.words import tr

_MOST_LINES: Final = 10
_MENTION: Final = re.compile(r"(?<![\w@])@([^\s@`]*)$")
_WORDS: Final = {
    Intent.FIX: ("Fix", "Fix: search a patch that makes the failing tests pass"),
    Intent.CHANGE: ("Change", "Change: restate it, propose tests for it, then search a patch"),
    Intent.ASK: ("Ask", "Ask: the model answers in words, nothing is changed"),
}


class MessageEdit(QPlainTextEdit):
    """The text itself; grows with its lines up to a bound."""

    sent = Signal()
    attached = Signal(object)
    recalled = Signal(int)
    """The message before (-1) or after (1) is wanted."""
    name_typed = Signal(object)
    """What stands behind the ``@`` before the cursor, or ``None``."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self.popup: NamesPopup | None = None
        self.setAccessibleName(tr("Message"))
        self.setPlaceholderText(
            tr("Ask, or say what to fix or change. @ mentions a file, a test, a symbol.")
        )
        self.setTabChangesFocus(True)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.document().setDocumentMargin(4)
        self.textChanged.connect(self._fit)
        self.cursorPositionChanged.connect(self._look_for_name)
        self.textChanged.connect(self._look_for_name)
        look.changed.connect(self._fit)
        self._fit()

    def complete(self, name: Name) -> None:
        """Put the mention in the place of what has been typed of it."""
        cursor = self.textCursor()
        typed = self._typed()
        if typed is None:
            return
        cursor.movePosition(QTextCursor.MoveOperation.Left, QTextCursor.MoveMode.KeepAnchor, len(typed))
        cursor.insertText(f"{name.mention} ")
        self.setTextCursor(cursor)

    def _typed(self) -> str | None:
        cursor = self.textCursor()
        line = cursor.block().text()[max(0, cursor.positionInBlock() - 200) : cursor.positionInBlock()]
        found = _MENTION.search(line)
        return found[1] if found else None

    def _look_for_name(self) -> None:
        self.name_typed.emit(self._typed())

    def _fit(self) -> None:
        """As high as its lines; the document counts lines that are wrapped as well."""
        lines = min(max(round(self.document().size().height()), 1), _MOST_LINES)
        margins = 2 * (round(self.document().documentMargin()) + self.frameWidth())
        padding = self.contentsMargins().top() + self.contentsMargins().bottom()
        high = lines * self.fontMetrics().lineSpacing() + margins + padding
        if high != self.height() or self.maximumHeight() != high:
            self.setFixedHeight(high)

    # --- Qt ----------------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        overrides = event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent)
        if overrides and (_is_send(event) or (self.popup is not None and self.popup.wants(event))):
            event.accept()  # before the window takes it for a shortcut of its own
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.popup is not None and self.popup.wants(event):
            self.popup.press(event)
            return
        if _is_send(event):
            self.sent.emit()
            return
        cursor = self.textCursor()
        plain = event.modifiers() in (
            Qt.KeyboardModifier.NoModifier,
            Qt.KeyboardModifier.KeypadModifier,
        )
        if plain and event.key() == Qt.Key.Key_Up and cursor.atStart():
            self.recalled.emit(-1)
        elif plain and event.key() == Qt.Key.Key_Down and cursor.atEnd():
            self.recalled.emit(1)
        else:
            super().keyPressEvent(event)

    def insertFromMimeData(self, source: QMimeData) -> None:
        text = source.text()
        attachment = attachment_of(text) if text else None
        if attachment is not None:
            self.attached.emit(attachment)
        elif text:
            self.insertPlainText(text)

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        return source.hasText()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._fit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.name_typed.emit(None)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, super().minimumSizeHint().height())


class Composer(QWidget):
    """Tells what is to be sent, as a :class:`core.commands.Say`; it is then empty again."""

    sent = Signal(object)
    names_wanted = Signal(str)
    attachment_opened = Signal(object)

    def __init__(self, session: Session, look: Look) -> None:
        super().__init__()
        self._session = session
        self._chosen: Intent | None = None
        self._attachments: list[Attachment] = []
        self._replaces = 0
        self._recalled = 0
        self._draft = ""
        self.edit = MessageEdit(look)
        self.popup = NamesPopup(self.edit, look)
        self.edit.popup = self.popup
        self.edit.sent.connect(self.send)
        self.edit.attached.connect(self.attach)
        self.edit.recalled.connect(self._recall)
        self.edit.name_typed.connect(self._name_typed)
        self.edit.textChanged.connect(self.refresh)
        self.popup.chosen.connect(self.edit.complete)
        self._chips = QWidget()
        self._chip_flow = Flow(4)
        column(self._chips).addLayout(self._chip_flow)
        self._replacing = QWidget()
        replacing = row(self._replacing, gap=8)
        self._replacing_words = label(look="small")
        replacing.addWidget(self._replacing_words)
        replacing.addWidget(
            button(tr("Do not"), self.stop_replacing, "quiet", tr("Send as a new message"))
        )
        replacing.addStretch(1)
        self.go = button(tr("Ask"), self.send, "primary")
        self.choice = button("▾", self._open_menu, "quiet", tr("What sending does"))
        self.choice.setToolTip(tr("What sending does"))
        self._menu = QMenu(self)
        for intent, (_, words) in _WORDS.items():
            action = QAction(tr(words), self._menu)
            action.triggered.connect(lambda _checked=False, intent=intent: self.choose(intent))
            self._menu.addAction(action)
        line = row(gap=4)
        line.addWidget(self.edit, 1)
        line.addWidget(self.go, 0, Qt.AlignmentFlag.AlignBottom)
        line.addWidget(self.choice, 0, Qt.AlignmentFlag.AlignBottom)
        layout = column(self, (12, 6, 12, 8), 4)
        layout.addWidget(self._replacing)
        layout.addWidget(self._chips)
        layout.addLayout(line)
        self._show_chips()
        self.stop_replacing()
        self.refresh()

    @property
    def intent(self) -> Intent:
        """What sending does: the user's choice, else the likely one."""
        if self._chosen is not None:
            return self._chosen
        failing = self._session.counts().failed > 0
        return likely_intent(self._begins_and_ends(), self._attachments, failing)

    @property
    def attachments(self) -> tuple[Attachment, ...]:
        return tuple(self._attachments)

    def choose(self, intent: Intent) -> None:
        """The user says what this message is for."""
        self._chosen = intent
        self.refresh()
        self.edit.setFocus()

    def attach(self, attachment: Attachment) -> None:
        if attachment not in self._attachments:
            self._attachments.append(attachment)
            self._show_chips()

    def replace(
        self, message: int, text: str, attachments: tuple[Attachment, ...], intent: Intent
    ) -> None:
        """Let the user change a message that was sent, and send it again."""
        self._replaces = message
        self._attachments = list(attachments)
        self._chosen = intent
        self.edit.setPlainText(text)
        self.edit.moveCursor(QTextCursor.MoveOperation.End)
        self._replacing_words.setText(
            tr("Sending this folds away the message you edit and all that came after it.")
        )
        self._replacing.show()
        self._show_chips()
        self.edit.setFocus()

    def stop_replacing(self) -> None:
        self._replaces = 0
        self._replacing.hide()

    def send(self) -> None:
        """Hand over what is there, if there is anything."""
        text = self.edit.toPlainText().strip()
        if not text and not self._attachments:
            return
        said = Say(text, self.intent, tuple(self._attachments), self._replaces)
        self._attachments.clear()
        self._chosen, self._recalled, self._draft = None, 0, ""
        self.stop_replacing()
        self.edit.clear()
        self._show_chips()
        self.sent.emit(said)

    def refresh(self) -> None:
        """Say what sending will do; cheap enough for every key."""
        word, words = _WORDS[self.intent]
        if self.go.text() != tr(word):
            self.go.setText(tr(word))
            self.go.setAccessibleName(tr("Send: {what}", what=tr(word)))
        keys = QKeySequence(Qt.Modifier.CTRL | Qt.Key.Key_Return)
        tip = f"{tr(words)} ({keys.toString(QKeySequence.SequenceFormat.NativeText)})"
        if self.go.toolTip() != tip:
            self.go.setToolTip(tip)
        if self.popup.isVisible() or self._session.talk.names_for:
            self.popup.show_names(self._session.talk.names_for, self._session.talk.names)

    # --- inner -------------------------------------------------------------------------------------

    def _open_menu(self) -> None:
        """Above the button, for the message stands at the bottom of the window."""
        high = self._menu.sizeHint().height()
        self._menu.popup(self.choice.mapToGlobal(QPoint(0, -high)))

    def _begins_and_ends(self) -> str:
        """What says what a message is for: how it begins, and the sign at its end."""
        document = self.edit.document()
        begins = document.firstBlock().text()[:2000]
        ends = document.lastBlock().text()[-200:] if document.blockCount() > 1 else ""
        return f"{begins}\n{ends}" if ends else begins

    def _name_typed(self, typed: str | None) -> None:
        if self.popup.expect(typed) and typed is not None:
            self.names_wanted.emit(typed)

    def _recall(self, step: int) -> None:
        said = self._session.talk.said()
        if self._recalled == 0 and step < 0:
            self._draft = self.edit.toPlainText()
        wanted = min(max(self._recalled - step, 0), len(said))
        if wanted == self._recalled:
            return
        self._recalled = wanted
        text = said[-wanted] if wanted else self._draft
        self.edit.setPlainText(text)
        end = QTextCursor.MoveOperation.Start if step < 0 else QTextCursor.MoveOperation.End
        self.edit.moveCursor(end)

    def _show_chips(self) -> None:
        clear(self._chip_flow)
        for one in self._attachments:
            self._chip_flow.addWidget(
                button(one.title, lambda one=one: self.attachment_opened.emit(one), "chip")  # type: ignore[misc]
            )
            self._chip_flow.addWidget(
                button(
                    "✕", lambda one=one: self._detach(one), "close", tr("Remove {what}", what=one.title)
                )  # type: ignore[misc]
            )
        self._chips.setVisible(bool(self._attachments))
        self.refresh()

    def _detach(self, attachment: Attachment) -> None:
        self._attachments.remove(attachment)
        self._show_chips()
        self.edit.setFocus()


def _is_send(event: QKeyEvent) -> bool:
    keys = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
    return event.key() in keys and bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
