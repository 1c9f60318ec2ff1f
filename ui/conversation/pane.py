"""The *Conversation* tab: messages and answers in their order, and among them the cards of others."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable
from typing import Final

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QWidget

from core import events as ev
from core.commands import FindNames, Say, ShowSource, StopAnswer
from core.types import Attachment, Author, ChatMessage, Hunk, Intent
from ui.coalesce import Shown
from ui.conversation.composer import Composer
from ui.conversation.find import FindBar
from ui.conversation.mapping import hunk_attachment, mentions_in, path_under_review, wanted_tests
from ui.conversation.messages import FoldRow, FootRow, HeadRow, Kit, LiveAnswer, rows_of
from ui.conversation.rows import CardRow, Row, RowList
from ui.conversation.viewer import Viewer
from ui.session import Session
from ui.theme.look import Look
from ui.widgets import Line, column
from ui.words import tr

_PAINT_MS: Final = 66
"""Between two looks of an answer that streams in."""
_FIRST: Final = 16
"""Messages that are shown at once when a conversation is opened; the older ones follow in slices."""
_SLICE_SECONDS: Final = 0.006


class ConversationPane(QWidget):
    """``task`` is the card of the task at hand; it stands where that task began."""

    command = Signal(object)
    """Something that core is to do."""
    fix_wanted = Signal(tuple)
    change_wanted = Signal(str, tuple)
    """The words, and what they mention."""
    review_wanted = Signal(str)
    """A file of the patch under review."""
    remedy = Signal(object)

    def __init__(self, session: Session, task: QWidget, look: Look) -> None:
        super().__init__()
        self._session = session
        self._look = look
        self._cards: dict[QWidget, CardRow] = {}
        self._of: dict[int, list[Row]] = {}
        """The rows of each message that is shown."""
        self._live: LiveAnswer | None = None
        self._held: ChatMessage | None = None
        """How the task ended whose card is still shown; said in words once that is another one's."""
        self._older: deque[ChatMessage] = deque()
        self._viewer: Viewer | None = None
        self._kit = Kit(look, lambda info, code: path_under_review(session.review, info, code))
        self.rows = RowList()
        self.rows.setAccessibleName(tr("Conversation"))
        self._task = CardRow(task, fills=True)
        self.rows.append([self._task])
        self.composer = Composer(session, look)
        self.find_bar = FindBar(self.rows)
        layout = column(self)
        for part in (self.find_bar, self.rows, Line(), self.composer):
            layout.addWidget(part, int(part is self.rows))
        self.setFocusProxy(self.rows)
        self._paint = QTimer(self)
        self._paint.setSingleShot(True)
        self._paint.setInterval(_PAINT_MS)
        self._paint.timeout.connect(self._show_live)
        self._load = QTimer(self)
        self._load.setInterval(0)
        self._load.timeout.connect(self._show_older)
        self._connect()
        look.changed.connect(self._rebuild)

    def _connect(self) -> None:
        kit, composer = self._kit, self.composer
        kit.edit_wanted.connect(self.edit_message)
        kit.copied.connect(self._copy)
        kit.stop_wanted.connect(self.stop)
        kit.attachment_opened.connect(self._open_attachment)
        kit.prompt_wanted.connect(self._open_prompt)
        kit.place_opened.connect(self._open_place)
        kit.review_wanted.connect(self.review_wanted)
        kit.remedy.connect(self.remedy)
        kit.fold_toggled.connect(self._toggle_fold)
        composer.sent.connect(self._send)
        composer.names_wanted.connect(lambda typed: self.command.emit(FindNames(typed)))
        composer.attachment_opened.connect(self._open_attachment)
        self.find_bar.closed.connect(self.rows.setFocus)

    # --- cards -------------------------------------------------------------------------------------

    def add_card(self, widget: QWidget) -> None:
        """Put a card at the end; it is the conversation's until :meth:`remove_card`, or until another
        repository is opened.

        Its layout says how high it is at a given width; a card that changes need only change.
        """
        self._cards[widget] = made = CardRow(widget)
        self.rows.append([made])

    def remove_card(self, widget: QWidget) -> None:
        """Take a card out, which is its owner's again. Quiet where it is not there."""
        if (row := self._cards.pop(widget, None)) is not None:
            self.rows.remove([row])
            widget.hide()

    def show_card(self, widget: QWidget) -> None:
        """Bring a card into sight."""
        if (row := self._cards.get(widget)) is not None:
            self.rows.reveal(row)

    def begin_task(self) -> None:
        """A task begins: its card goes to the end, and how the one before ended stands in its place."""
        place = self.rows.place_of(self._task)
        self.rows.remove([self._task])
        if self._held is not None:
            held, self._held = self._held, None
            self._of[held.id] = made = rows_of(self._kit, held)
            self.rows.insert(place, made)
        self.rows.append([self._task])
        self.rows.go_to_end()

    def start_over(self) -> None:
        """Another repository: nothing of the one before is left."""
        for widget in list(self._cards):
            self.remove_card(widget)
            widget.deleteLater()
        self._forget_messages()

    # --- what the user wants -------------------------------------------------------------------------

    def write(self) -> None:
        """Let the user write a message."""
        self.composer.edit.setFocus()

    def find(self) -> None:
        self.find_bar.open()

    def stop(self) -> None:
        """Stop the answer that is being written."""
        self.command.emit(StopAnswer())

    def close_top(self) -> bool:
        """Close what lies on top, or stop the answer; whether there was any."""
        if self.find_bar.isVisible():
            self.find_bar.close_bar()
            return True
        if self._session.talk.is_answering and not self._session.is_busy():
            self.stop()
            return True
        return False

    def edit_message(self, number: int) -> None:
        """Let the user change a message of theirs and send it again."""
        message = self._session.talk.messages.get(number)
        if message is not None:
            self.composer.replace(number, message.text, message.attachments, message.intent)

    def edit_last(self) -> None:
        """The same with the last message that still counts."""
        for message in reversed(self._session.talk.messages.values()):
            if message.author is Author.USER and not message.folded_by:
                self.edit_message(message.id)
                return

    def mention_hunk(self, hunk: Hunk) -> None:
        """Let the user write about a hunk."""
        self.composer.attach(hunk_attachment(hunk))
        self.write()

    def _send(self, said: Say) -> None:
        self.rows.go_to_end()
        self.command.emit(said)
        if said.intent is Intent.FIX:
            self.fix_wanted.emit(wanted_tests(said, self._session.failing()))
        elif said.intent is Intent.CHANGE:
            attached = "".join(f"\n\n{one.title}:\n{one.text}" for one in said.attachments)
            self.change_wanted.emit(said.text + attached, mentions_in(said.text))

    # --- what happens --------------------------------------------------------------------------------

    def take(self, body: Shown) -> None:
        """Show one event that the session has taken in already."""
        match body:
            case ev.ConversationOpened(messages):
                self._open(messages)
            case ev.MessageAdded(message) if message.author is Author.TASK:
                self._held = message
            case ev.MessageAdded(message):
                self._add(message)
            case ev.MessagesFolded(numbers, _):
                self._fold(numbers)
            case ev.AnswerStarted(number, model, _, _):
                self._begin_answer(number, model)
            case ev.AnswerStreamed(_, text):
                if self._live is not None:
                    self._live.feed(text)
                    if not self._paint.isActive():
                        self._paint.start()
            case ev.AnswerEnded(message=message):
                self._end_answer(message)
            case ev.NamesFound(text, names):
                self.composer.popup.show_names(text, names)
            case ev.SourceShown(path, line, text):
                self._show_text(path, text, line)
            case _:
                pass

    def refresh(self) -> None:
        """Show the session as it now is; cheap enough for every batch of arrivals."""
        self.composer.refresh()

    # --- messages ------------------------------------------------------------------------------------

    def _forget_messages(self) -> None:
        self._load.stop()
        self._paint.stop()
        self._older.clear()
        self._live = self._held = None
        self._of.clear()
        self.rows.clear()

    def _open(self, messages: Iterable[ChatMessage]) -> None:
        """Show what was said before: the end of it now, the rest in slices that nobody feels."""
        self._forget_messages()
        every = list(messages)
        self._older.extend(every[:-_FIRST])
        made = self._rows_of_all(every[-_FIRST:])
        self.rows.insert(0, made)
        self.rows.go_to_end()
        if self._older:
            self._load.start()

    def _show_older(self) -> None:
        until = time.perf_counter() + _SLICE_SECONDS
        while self._older and time.perf_counter() < until:
            some = [self._older.pop() for _ in range(min(8, len(self._older)))]
            self.rows.insert(0, self._rows_of_all(some[::-1]))
        if not self._older:
            self._load.stop()

    def _rows_of_all(self, messages: Iterable[ChatMessage]) -> list[Row]:
        rows: list[Row] = []
        folded: FoldRow | None = None
        for message in messages:
            if message.folded_by:
                if folded is None:
                    folded = FoldRow(self._kit, [])
                    rows.append(folded)
                folded.messages.append(message)
                continue
            folded = None
            rows += self._rows(message)
        return rows

    def _rows(self, message: ChatMessage) -> list[Row]:
        talk = self._session.talk
        remedies = talk.remedies.get(message.id, ())
        made = rows_of(self._kit, message, remedies, has_prompt=message.id in talk.prompts)
        self._of[message.id] = made
        return made

    def _add(self, message: ChatMessage) -> None:
        self.rows.append(self._rows(message))

    def _fold(self, numbers: Iterable[int]) -> None:
        """Put one line in the place of these messages."""
        talk = self._session.talk
        rows = [row for number in numbers for row in self._of.pop(number, ())]
        if not rows:
            return
        place = min(self.rows.place_of(row) for row in rows)
        self.rows.remove(rows)
        folded = FoldRow(self._kit, [talk.messages[n] for n in numbers if n in talk.messages])
        self.rows.insert(place, [folded])

    def _toggle_fold(self, fold: FoldRow) -> None:
        if fold.shown:
            self.rows.remove(fold.shown)
            fold.shown = []
        else:
            fold.shown = [row for message in fold.messages for row in rows_of(self._kit, message)]
            self.rows.insert(self.rows.place_of(fold) + 1, fold.shown)
        self.rows.changed(fold)

    # --- the answer under way ------------------------------------------------------------------------

    def _begin_answer(self, number: int, model: str) -> None:
        message = ChatMessage(number, time.time(), Author.MODEL, "", model=model)
        head = HeadRow(self._kit, message, writing=True)
        self._live = LiveAnswer(self._kit, self.rows, head)
        self.rows.append([head])

    def _show_live(self) -> None:
        if self._live is None:
            return
        began = time.perf_counter()
        self._live.show()
        # What is slow to lay out is laid out less often: the window stays at hand on a busy machine.
        self._paint.setInterval(max(_PAINT_MS, round((time.perf_counter() - began) * 4000)))

    def _end_answer(self, message: ChatMessage) -> None:
        self._paint.stop()
        live, self._live = self._live, None
        if live is None:
            self._add(message)
            return
        remedies = self._session.talk.remedies.get(message.id, ())
        foot = FootRow(self._kit, message, remedies) if FootRow.is_wanted(message) else None
        self._of[message.id] = live.end(message, foot)

    # --- showing -------------------------------------------------------------------------------------

    def _rebuild(self) -> None:
        """Another theme or text size: what is in sight is built anew."""
        for row in list(self.rows.rows):
            if not isinstance(row, CardRow) and self.rows.widget_of(row) is not None:
                self.rows.changed(row)

    def _copy(self, number: int) -> None:
        message = self._session.talk.messages.get(number)
        if message is not None:
            QGuiApplication.clipboard().setText(message.text)

    def _open_attachment(self, attachment: Attachment) -> None:
        self._show_text(attachment.title, attachment.text)

    def _open_prompt(self, number: int) -> None:
        self._show_text(tr("What the model was sent"), self._session.talk.prompts.get(number, ""))

    def _open_place(self, path: str, line: int) -> None:
        review = self._session.review
        if review is not None and any(file.path == path for file in review.files):
            self.review_wanted.emit(path)
        else:
            self.command.emit(ShowSource(path, line))

    def _show_text(self, title: str, text: str, line: int = 0) -> None:
        if self._viewer is None:
            self._viewer = Viewer(self, self._look)
        self._viewer.show_text(title, text, line)

    # --- Qt ------------------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        overrides = event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent)
        if overrides and event.matches(QKeySequence.StandardKey.Find):  # type: ignore[attr-defined]
            event.accept()  # here it looks in the conversation, elsewhere it filters the tests
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Find):
            self.find()
        elif event.key() == Qt.Key.Key_Escape and self.find_bar.isVisible():
            self.find_bar.close_bar()
        else:
            super().keyPressEvent(event)
