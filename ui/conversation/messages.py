"""The rows of a message: who has said it, its prose and code, what goes with it, how it ended."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from core.types import AnswerState, Attachment, Author, ChatMessage, Intent, Reference, Remedy
from ui.conversation.blocks import SIDE, CodeBlock, Prose
from ui.conversation.export import author_name
from ui.conversation.pieces import pieces
from ui.conversation.prose import ProseWriter, links_of
from ui.conversation.rows import Row, RowList
from ui.conversation.split import Part, Splitter, split
from ui.flow import Flow
from ui.review.lexers import LexerFinder
from ui.theme.look import Look
from ui.widgets import button, card, column, label, row
from ui.words import counted, tr

_MOST_PLACES: Final = 6


class Kit(QObject):
    """What every row needs, and what rows tell. One for a pane."""

    edit_wanted = Signal(int)
    copied = Signal(int)
    stop_wanted = Signal()
    attachment_opened = Signal(object)
    prompt_wanted = Signal(int)
    place_opened = Signal(str, int)
    review_wanted = Signal(str)
    remedy = Signal(object)
    fold_toggled = Signal(object)

    def __init__(self, look: Look, path_of: Callable[[str, str], str]) -> None:
        super().__init__()
        self.look = look
        self.path_of = path_of
        self.writer = ProseWriter(look)
        self.lexers = LexerFinder()


class HeadRow(Row):
    """Who speaks, and what can be done with what was said."""

    def __init__(
        self, kit: Kit, message: ChatMessage, *, writing: bool = False, has_prompt: bool = False
    ) -> None:
        self._kit = kit
        self.message = message
        self.writing = writing
        self.has_prompt = has_prompt

    def guess(self, width: int) -> int:
        return self._kit.look.px(38)

    def build(self) -> QWidget:
        message, kit = self.message, self._kit
        made = QWidget()
        side = kit.look.px(SIDE)
        layout = row(made, (side, 10, side, 0), 8)
        layout.addWidget(label(author_name(message), look="strong"))
        layout.addWidget(label(self._detail(), look="small"))
        layout.addStretch(1)
        if self.writing:
            layout.addWidget(button(tr("Stop"), kit.stop_wanted.emit, "quiet", tr("Stop the answer")))
            return made
        if message.author is Author.USER and not message.folded_by:
            edit = button(
                tr("Edit"), lambda: kit.edit_wanted.emit(message.id), "quiet", tr("Edit and send again")
            )
            layout.addWidget(edit)
        if self.has_prompt:
            layout.addWidget(
                button(
                    tr("Prompt"),
                    lambda: kit.prompt_wanted.emit(message.id),
                    "quiet",
                    tr("Show what the model was sent"),
                )
            )
        copy = button(tr("Copy"), lambda: kit.copied.emit(message.id), "quiet", tr("Copy the message"))
        layout.addWidget(copy)
        return made

    def _detail(self) -> str:
        if self.writing:
            return tr("is answering")
        said = time.strftime("%H:%M", time.localtime(self.message.time))
        if self.message.author is not Author.USER or self.message.intent is Intent.ASK:
            return said
        what = tr("Fix") if self.message.intent is Intent.FIX else tr("Change")
        return f"{what}  ·  {said}"


class ProseRow(Row):
    """A run of prose: Markdown, or with ``plain`` characters as they are."""

    def __init__(self, kit: Kit, text: str, *, plain: bool = False) -> None:
        self._kit = kit
        self.text = text
        self._plain = plain
        self.links: Mapping[str, str] = {}

    def guess(self, width: int) -> int:
        look = self._kit.look
        signs = max(width - 2 * SIDE, 40) // max(look.px(7), 1)
        lines = self.text.count("\n") + 1 + len(self.text) // max(signs, 8)
        return lines * look.px(20) + 6

    def build(self) -> QWidget:
        made = Prose(self._kit.look)
        made.place_opened.connect(self._kit.place_opened)
        self.fill(made)
        return made

    def fill(self, widget: QWidget) -> None:
        assert isinstance(widget, Prose)
        if self._plain:
            self._kit.writer.write_plain(widget.document(), self.text)
        else:
            self._kit.writer.write(widget.document(), self.text, self.links)
        widget.updateGeometry()


class CodeRow(Row):
    """A block of code."""

    def __init__(self, kit: Kit, part: Part) -> None:
        self._kit = kit
        self._part = part
        self.tail = ""
        """The beginning of a line that is still being written."""

    @property
    def text(self) -> str:
        return self._part.text

    def guess(self, width: int) -> int:
        lines = min(max(self._part.text.count("\n"), 2), 26)
        return lines * self._kit.look.px(16) + self._kit.look.px(66)

    def build(self) -> QWidget:
        kit = self._kit
        made = CodeBlock(kit.look, self._part.info, kit.path_of, kit.lexers)
        made.review_wanted.connect(kit.review_wanted)
        self.fill(made)
        return made

    def fill(self, widget: QWidget) -> None:
        assert isinstance(widget, CodeBlock)
        widget.show_code(self._part.text + self.tail, closed=self._part.closed)


class ChipsRow(Row):
    """What is attached to a message; each opens."""

    def __init__(self, kit: Kit, attachments: Sequence[Attachment]) -> None:
        self._kit = kit
        self._attachments = attachments

    def guess(self, width: int) -> int:
        return self._kit.look.px(38)

    def build(self) -> QWidget:
        made = QWidget()
        flow = Flow()
        side = self._kit.look.px(SIDE)
        around = column(made, (side, 4, side, 4))
        around.addLayout(flow)
        for one in self._attachments:
            flow.addWidget(
                button(one.title, lambda one=one: self._kit.attachment_opened.emit(one), "chip")  # type: ignore[misc]
            )
        return made


class FootRow(Row):
    """How an answer ended, and what the model was shown."""

    def __init__(self, kit: Kit, message: ChatMessage, remedies: Sequence[Remedy] = ()) -> None:
        self._kit = kit
        self._message = message
        self._remedies = tuple(remedies)

    @staticmethod
    def is_wanted(message: ChatMessage) -> bool:
        return bool(message.looked_at) or message.state is not AnswerState.WHOLE

    def guess(self, width: int) -> int:
        return self._kit.look.px(90 if self._message.state is AnswerState.FAILED else 30)

    def build(self) -> QWidget:
        message, kit = self._message, self._kit
        made = QWidget()
        side = kit.look.px(SIDE)
        layout = column(made, (side, 4, side, 4), 6)
        if message.state is AnswerState.FAILED:
            trouble = card("attention")
            inside = column(trouble, (12, 10, 12, 10), 8)
            inside.addWidget(label(message.trouble, wrap=True))
            if self._remedies:
                flow = Flow()
                for one in self._remedies:
                    flow.addWidget(button(tr(one.label), lambda one=one: kit.remedy.emit(one)))  # type: ignore[misc]
                inside.addLayout(flow)
            layout.addWidget(trouble)
        elif message.state is AnswerState.STOPPED:
            layout.addWidget(label(tr("Stopped."), look="small"))
        elif message.state is AnswerState.CUT:
            layout.addWidget(label(tr("Cut off: the answer was longer than allowed."), look="small"))
        if message.looked_at:
            layout.addLayout(self._places(message.looked_at))
        return made

    def _places(self, places: Sequence[Reference]) -> Flow:
        flow = Flow(4)
        words = label(tr("Shown to the model:"), look="small")
        words.setMinimumHeight(self._kit.look.px(30))
        flow.addWidget(words)
        for one in places[:_MOST_PLACES]:
            name = f"{one.path}:{one.line}" if one.line else one.path
            flow.addWidget(
                button(
                    name.rpartition("/")[2],
                    lambda one=one: self._kit.place_opened.emit(one.path, one.line),  # type: ignore[misc]
                    "link",
                    tr("Open {name}", name=name),
                )
            )
        if len(places) > _MOST_PLACES:
            more = tr("and {n} more", n=len(places) - _MOST_PLACES)
            flow.addWidget(label(more, look="small"))
        return flow


class FoldRow(Row):
    """Stands for messages that were folded away; shows and hides them."""

    def __init__(self, kit: Kit, messages: Sequence[ChatMessage]) -> None:
        self._kit = kit
        self.messages = list(messages)
        self.shown: list[Row] = []

    def guess(self, width: int) -> int:
        return self._kit.look.px(34)

    def build(self) -> QWidget:
        made = QWidget()
        number = len(self.messages)
        words = counted(number, "{n} earlier message, replaced", "{n} earlier messages, replaced")
        fold = button(
            f"{'▾' if self.shown else '▸'}  {words}",
            lambda: self._kit.fold_toggled.emit(self),
            "fold",
            words,
        )
        layout = row(made, (self._kit.look.px(SIDE), 4, 0, 0))
        layout.addWidget(fold)
        layout.addStretch(1)
        return made


def rows_of(
    kit: Kit, message: ChatMessage, remedies: Sequence[Remedy] = (), *, has_prompt: bool = False
) -> list[Row]:
    """All rows of a message that is whole."""
    rows: list[Row] = [HeadRow(kit, message, has_prompt=has_prompt)]
    if message.author is Author.MODEL:
        links = links_of(message.references)
        rows += [row_of(kit, part, links) for part in split(message.text)]
        if FootRow.is_wanted(message):
            rows.append(FootRow(kit, message, remedies))
        return rows
    if message.text:
        rows += [ProseRow(kit, piece, plain=True) for piece in pieces(message.text)]
    if message.attachments:
        rows.append(ChipsRow(kit, message.attachments))
    return rows


def row_of(kit: Kit, part: Part, links: Mapping[str, str]) -> Row:
    if part.is_code:
        return CodeRow(kit, part)
    made = ProseRow(kit, part.text)
    made.links = links
    return made


@dataclass(slots=True)
class LiveAnswer:
    """An answer while it is written: its rows grow, and only the open part is laid out anew."""

    kit: Kit
    into: RowList
    head: HeadRow
    splitter: Splitter = field(default_factory=Splitter)
    rows: list[Row] = field(default_factory=list)
    _dirty: int = 0
    """The first part that has changed since it was last shown."""

    def feed(self, text: str) -> None:
        self._dirty = min(self._dirty, max(len(self.splitter.parts) - 1, 0))
        self.splitter.feed(text)

    def show(self) -> None:
        """Bring the rows up to date."""
        parts = self.splitter.parts
        for number in range(self._dirty, len(parts)):
            if number >= len(self.rows):
                made = row_of(self.kit, parts[number], {})
                after = self.rows[-1] if self.rows else self.head
                self.rows.append(made)
                self._refresh(number)
                self.into.insert(self.into.place_of(after) + 1, [made])
            else:
                self._refresh(number)
        self._dirty = max(len(parts) - 1, 0)
        self._show_tail(parts)

    def end(self, message: ChatMessage, foot: Row | None) -> list[Row]:
        """Nothing more comes; gives all rows of the answer. Only now is it known what it refers to."""
        self.splitter.finish()
        self._dirty = 0
        self.show()
        surplus = self.rows[len(self.splitter.parts) :]
        self.into.remove(surplus)
        del self.rows[len(self.splitter.parts) :]
        self.head.message, self.head.writing, self.head.has_prompt = message, False, True
        self.into.changed(self.head)
        links = links_of(message.references)
        for made in self.rows if links else ():
            if isinstance(made, ProseRow):
                made.links = links
                if (widget := self.into.widget_of(made)) is not None:
                    made.fill(widget)
        every: list[Row] = [self.head, *self.rows]
        if foot is not None:
            self.into.insert(self.into.place_of(every[-1]) + 1, [foot])
            every.append(foot)
        return every

    def _show_tail(self, parts: list[Part]) -> None:
        """A first line without an end has no part yet."""
        tail = self.splitter.tail
        if tail.strip() and (not parts or parts[-1].closed):
            place = len(parts)
            if place >= len(self.rows):
                after = self.rows[-1] if self.rows else self.head
                made = ProseRow(self.kit, tail)
                self.rows.append(made)
                self.into.insert(self.into.place_of(after) + 1, [made])
            else:
                self._fill(self.rows[place], tail)

    def _refresh(self, number: int) -> None:
        part = self.splitter.parts[number]
        is_last = number == len(self.splitter.parts) - 1 and not part.closed
        tail = self.splitter.tail if is_last else ""
        made = self.rows[number]
        if isinstance(made, ProseRow) is part.is_code:  # begun as the other kind
            fresh = row_of(self.kit, part, {})
            place = self.into.place_of(made)
            self.into.remove([made])
            self.into.insert(place, [fresh])
            self.rows[number] = made = fresh
        if isinstance(made, CodeRow):
            made.tail = tail
            if (widget := self.into.widget_of(made)) is not None:
                made.fill(widget)
        else:
            self._fill(made, part.text + tail)

    def _fill(self, made: Row, text: str) -> None:
        if not isinstance(made, ProseRow) or made.text == text:
            return
        made.text = text
        widget = self.into.widget_of(made)
        if widget is not None:
            made.fill(widget)
