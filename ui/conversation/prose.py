"""Markdown into a text document, block by block, with the theme's own type and colours.

markdown-it-py parses, and nothing it finds is ever taken as HTML: what a model or a file says becomes
plain characters with formats. Addresses are shown as they are and lead nowhere, images are not loaded;
the only links are places of the repository that core has found there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.token import Token
from PySide6.QtGui import (
    QFont,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFrameFormat,
    QTextLength,
    QTextTableFormat,
)

from core.types import Reference
from ui.theme.look import Look
from ui.theme.tokens import BASE, LEAD, SMALL

PLACE: Final = "place:"
"""What the address of a place in the repository begins with; ``path:line`` follows."""
_STEP: Final = 20
_SIGNS: Final = ("•", "–", "·")


def make_parser() -> MarkdownIt:
    """CommonMark with tables and struck text, without HTML, images and addresses that make themselves."""
    made = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    return made.disable(["html_block", "html_inline", "image", "reference", "autolink"])


def links_of(references: Iterable[Reference]) -> dict[str, str]:
    """What a place is called in a text, and where that leads."""
    links: dict[str, str] = {}
    for one in references:
        name = one.path.rpartition("/")[2]
        if one.line:
            for path in (one.path, name):
                links.setdefault(f"{path}:{one.line}", f"{PLACE}{one.path}:{one.line}")
        links.setdefault(one.path, f"{PLACE}{one.path}:0")
        links.setdefault(name, f"{PLACE}{one.path}:0")
    return links


@dataclass(slots=True)
class _List:
    number: int | None
    """Of the next item; ``None`` where they have none."""


class ProseWriter:
    """Writes Markdown into documents. One for a pane; the parser is costly to make."""

    def __init__(self, look: Look) -> None:
        self._look = look
        self._parser = make_parser()

    def write(self, document: QTextDocument, text: str, links: Mapping[str, str] | None = None) -> None:
        """Replace what ``document`` holds."""
        document.setUndoRedoEnabled(False)
        document.clear()
        document.setDocumentMargin(0)
        document.setDefaultFont(self._look.font(BASE))
        _Writing(self._look, QTextCursor(document), links or {}).blocks(self._parser.parse(text))

    def write_plain(self, document: QTextDocument, text: str) -> None:
        """The same with text that is shown as it is."""
        document.setUndoRedoEnabled(False)
        document.setDocumentMargin(0)
        document.setDefaultFont(self._look.font(BASE))
        document.setPlainText(text)


class _Writing:
    """One document under way."""

    def __init__(self, look: Look, cursor: QTextCursor, links: Mapping[str, str]) -> None:
        self._look = look
        self._cursor = cursor
        self._links = links
        self._first = True
        self._lists: list[_List] = []
        self._quotes = 0
        self._marker = ""
        self._tight = False

    # --- blocks ------------------------------------------------------------------------------------

    def blocks(self, tokens: Sequence[Token]) -> None:
        place = 0
        while place < len(tokens):
            token = tokens[place]
            match token.type:
                case "table_open":
                    end = _end_of(tokens, place)
                    self._table(tokens[place : end + 1])
                    place = end
                case "bullet_list_open":
                    self._lists.append(_List(None))
                case "ordered_list_open":
                    self._lists.append(_List(int(token.attrGet("start") or 1)))
                case "bullet_list_close" | "ordered_list_close":
                    self._lists.pop()
                case "list_item_open":
                    self._marker = self._next_marker()
                case "list_item_close":
                    if self._marker:  # an item without a word
                        self._block()
                case "blockquote_open":
                    self._quotes += 1
                case "blockquote_close":
                    self._quotes -= 1
                case "paragraph_open":
                    self._tight = token.hidden
                    self._block()
                case "heading_open":
                    self._tight = False
                    self._block(heading=int(token.tag[1:]))
                case "inline":
                    heading = tokens[place - 1].type == "heading_open"
                    self._inline(token.children or (), strong=heading, heading=heading)
                case "code_block" | "fence":
                    self._code(token.content)
                case "hr":
                    self._rule()
                case _:
                    pass
            place += 1

    def _next_marker(self) -> str:
        inner = self._lists[-1]
        if inner.number is None:
            return _SIGNS[min(len(self._lists) - 1, 2)]
        inner.number += 1
        return f"{inner.number - 1}."

    def _block(self, heading: int = 0) -> None:
        form = QTextBlockFormat()
        depth = len(self._lists)
        form.setLeftMargin(depth * self._look.px(_STEP) + self._quotes * self._look.px(12))
        gap = self._look.px(2 if self._tight else 12 if heading else 6)
        form.setTopMargin(0 if self._first else gap)
        form.setBottomMargin(self._look.px(2))
        form.setLineHeight(130, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
        if self._marker:
            form.setTextIndent(-self._look.px(_STEP - 4))
        if self._first:
            self._cursor.setBlockFormat(form)
        else:
            self._cursor.insertBlock(form)
        self._first = False
        if self._marker:
            marker, self._marker = self._marker, ""
            self._cursor.insertText(f"{marker}\u00a0\u00a0", self._plain("muted"))

    def _code(self, text: str) -> None:
        self._tight = False
        for number, line in enumerate(text.rstrip("\n").split("\n")):
            self._block()
            self._tight = number == 0 or self._tight
            self._cursor.insertText(line, self._monospaced())

    def _rule(self) -> None:
        self._block()
        self._cursor.insertText("—" * 12, self._plain("muted"))

    def _table(self, tokens: Sequence[Token]) -> None:
        rows: list[list[Token]] = []
        heads = 0
        for token in tokens:
            if token.type == "tr_open":
                rows.append([])
            elif token.type == "inline":
                rows[-1].append(token)
            elif token.type == "thead_close":
                heads = len(rows)
        columns = max((len(row) for row in rows), default=0)
        if not columns:
            return
        form = QTextTableFormat()
        form.setBorder(1)
        form.setBorderCollapse(True)
        form.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
        form.setBorderBrush(self._look.colour("border"))
        form.setCellPadding(self._look.px(4))
        form.setTopMargin(self._look.px(6))
        form.setBottomMargin(self._look.px(6))
        form.setWidth(QTextLength())
        table = self._cursor.insertTable(len(rows), columns, form)
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                self._cursor = table.cellAt(number, column).firstCursorPosition()
                self._inline(cell.children or (), strong=number < heads)
        self._cursor = table.lastCursorPosition()
        self._cursor.movePosition(QTextCursor.MoveOperation.End)
        self._first = True  # Qt has put a block behind the table

    # --- words -------------------------------------------------------------------------------------

    def _inline(self, tokens: Sequence[Token], *, strong: bool = False, heading: bool = False) -> None:
        bold, italic, struck = int(strong), 0, 0
        addresses: list[tuple[str, str]] = []
        said = ""
        for token in tokens:
            match token.type:
                case "strong_open":
                    bold += 1
                case "strong_close":
                    bold -= 1
                case "em_open":
                    italic += 1
                case "em_close":
                    italic -= 1
                case "s_open":
                    struck += 1
                case "s_close":
                    struck -= 1
                case "link_open":
                    addresses.append((str(token.attrGet("href") or ""), said))
                case "link_close":
                    address, before = addresses.pop()
                    shown = said.removeprefix(before)
                    if address and address != shown and address not in self._links:
                        self._cursor.insertText(f" ({address})", self._plain("muted"))
                case "softbreak":
                    self._cursor.insertText(" ")
                case "hardbreak":
                    self._cursor.insertText("\u2028")
                case "code_inline":
                    said += token.content
                    self._cursor.insertText(
                        token.content, self._linked(token.content, self._monospaced())
                    )
                case _:
                    said += token.content
                    form = self._plain("text")
                    if heading:
                        form.setFont(self._look.font(LEAD, strong=True))
                    if bold:
                        form.setFontWeight(QFont.Weight.DemiBold)
                    form.setFontItalic(bool(italic))
                    form.setFontStrikeOut(bool(struck))
                    self._words(token.content, form)

    def _words(self, text: str, form: QTextCharFormat) -> None:
        """Text, in which places of the repository lead there."""
        if not self._links:
            self._cursor.insertText(text, form)
            return
        plain = ""
        for word in _words(text):
            core = word.strip("()[],;'\"").rstrip(".:?!")
            if core and core in self._links:
                before, _, after = word.partition(core)
                self._cursor.insertText(plain + before, form)
                self._cursor.insertText(core, self._linked(core, form))
                plain = after
            else:
                plain += word
        self._cursor.insertText(plain, form)

    def _linked(self, name: str, form: QTextCharFormat) -> QTextCharFormat:
        address = self._links.get(name)
        if address is None:
            return form
        linked = QTextCharFormat(form)
        linked.setAnchor(True)
        linked.setAnchorHref(address)
        linked.setForeground(self._look.colour("link"))
        linked.setFontUnderline(True)
        return linked

    def _plain(self, colour: str) -> QTextCharFormat:
        form = QTextCharFormat()
        form.setFont(self._look.font(BASE))
        form.setForeground(self._look.colour(colour))
        return form

    def _monospaced(self) -> QTextCharFormat:
        form = QTextCharFormat()
        form.setFont(self._look.code_font(SMALL + 1))
        form.setForeground(self._look.colour("text"))
        form.setBackground(self._look.colour("raised"))
        return form


def _words(text: str) -> list[str]:
    """The words of a text with the blanks behind them."""
    found: list[str] = []
    for part in text.split(" "):
        found += [part, " "]
    return found[:-1]


def _end_of(tokens: Sequence[Token], start: int) -> int:
    depth = 0
    for place in range(start, len(tokens)):
        depth += tokens[place].nesting
        if depth == 0:
            return place
    return len(tokens) - 1
