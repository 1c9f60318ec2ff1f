"""What a source file defines, calls and imports, by tree-sitter. Pure, but for reading our own files.

A language is a file, ``resources/symbols/*.toml``: the extensions of its files, the package that has its
grammar, and a query whose captures follow tree-sitter's convention for tags (``@definition.<kind>``,
``@reference.call``, with ``@name`` inside; here also ``@reference.import``, ``@owner`` and ``@text`` of
what is ``@documented``). A tree-sitter parse gives a tree for any bytes, so nothing here can fail on a
file that does not compile.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.resources import files
from typing import Final

from tree_sitter import Language, Node, Parser, Query, QueryCursor

MOST_SIGNATURE: Final = 200
MOST_DOC: Final = 120
_MARKS: Final = re.compile(r"^[\s/*#]+|[\s*/]+$")
_QUOTES: Final = re.compile(r"^[rRbBuUfF]*(\"\"\"|'''|\"|')|(\"\"\"|'''|\"|')$")


@dataclass(frozen=True, slots=True)
class Symbol:
    """A definition. Lines count from 1, both ends included; ``dotted`` is with its owners."""

    kind: str
    """``function``, ``method`` or ``class``."""
    name: str
    dotted: str
    first: int
    last: int
    signature: str
    """Up to its body, on one line."""
    doc: str = ""
    """The first line of what is said of it."""


@dataclass(frozen=True, slots=True)
class Call:
    """A call by ``name`` on a line; ``caller`` is the place of its definition in ``symbols``, or -1."""

    name: str
    line: int
    caller: int = -1


@dataclass(frozen=True, slots=True)
class FileSymbols:
    """One file. ``imports`` are the last parts of what it imports, modules and names alike."""

    symbols: tuple[Symbol, ...] = ()
    calls: tuple[Call, ...] = ()
    imports: frozenset[str] = frozenset()


class SymbolReader:
    """Reads files of one language."""

    def __init__(self, module: str, query: str, function: str = "language") -> None:
        grammar = Language(getattr(import_module(module), function)())
        self._parser = Parser(grammar)
        self._query = Query(grammar, query)

    def read(self, source: bytes) -> FileSymbols:
        """Never raises for what ``source`` holds."""
        tree = self._parser.parse(source)
        found = _Found(source)
        for _, captures in QueryCursor(self._query).matches(tree.root_node):
            found.take(captures)
        return found.finish()


@cache
def readers() -> Mapping[str, SymbolReader]:
    """By the extensions of files, with their dots."""
    made: dict[str, SymbolReader] = {}
    for entry in files("resources").joinpath("symbols").iterdir():
        if entry.name.endswith(".toml"):
            table = tomllib.loads(entry.read_text("utf-8"))
            extensions = table.pop("extensions")
            made |= dict.fromkeys(extensions, SymbolReader(**table))
    return made


class _Found:
    """What the matches of one file add up to."""

    def __init__(self, source: bytes) -> None:
        self._source = source
        self._definitions: dict[int, tuple[Node, str, str, str]] = {}
        self._docs: dict[int, Node] = {}
        self._calls: list[tuple[int, str]] = []
        self._imports: set[str] = set()

    def take(self, captures: Mapping[str, list[Node]]) -> None:
        names = captures.get("name", [])
        for kind, nodes in captures.items():
            if kind == "documented":
                self._docs[nodes[0].start_byte] = captures["text"][0]
            elif kind == "reference.call" and names:
                self._calls.append((names[0].start_byte, self._text(names[0])))
            elif kind == "reference.import" and names:
                self._imports |= set(re.findall(r"\w+", self._text(names[0]))[-3:])
            elif kind.startswith("definition.") and names:
                owner = self._text(captures["owner"][0]) if "owner" in captures else ""
                kind = kind.removeprefix("definition.")
                self._definitions[nodes[0].id] = (nodes[0], kind, self._text(names[0]), owner)

    def finish(self) -> FileSymbols:
        ordered = sorted(self._definitions.values(), key=lambda d: (d[0].start_byte, -d[0].end_byte))
        symbols: list[Symbol] = []
        spans: list[tuple[int, int, int]] = []
        open_ones: list[tuple[int, Symbol]] = []
        for node, kind, name, owner in ordered:
            while open_ones and open_ones[-1][0] <= node.start_byte:
                open_ones.pop()
            above = open_ones[-1][1] if open_ones else None
            within = owner or (above.dotted if above else "")
            if above is not None and above.kind == "class" and kind == "function":
                kind = "method"
            symbol = Symbol(
                kind,
                name,
                f"{within}.{name}" if within else name,
                node.start_point.row + 1,
                node.end_point.row + 1,
                self._signature(node),
                self._doc(node),
            )
            spans.append((node.start_byte, node.end_byte, len(symbols)))
            open_ones.append((node.end_byte, symbol))
            symbols.append(symbol)
        return FileSymbols(tuple(symbols), tuple(self._attributed(spans)), frozenset(self._imports))

    def _attributed(self, spans: list[tuple[int, int, int]]) -> Iterator[Call]:
        """The calls in order, each with the innermost definition around it."""
        line, place = 1, 0
        waiting = iter(spans)
        following = next(waiting, None)
        around: list[tuple[int, int]] = []
        for start, name in sorted(self._calls):
            while following is not None and following[0] <= start:
                while around and around[-1][0] <= following[0]:
                    around.pop()
                around.append((following[1], following[2]))
                following = next(waiting, None)
            while around and around[-1][0] <= start:
                around.pop()
            line += self._source.count(b"\n", place, start)
            place = start
            yield Call(name, line, around[-1][1] if around else -1)

    def _signature(self, node: Node) -> str:
        value = node.child_by_field_name("value") or node.child_by_field_name("right") or node
        body = value.child_by_field_name("body") or node.child_by_field_name("body")
        ends = [child.start_byte for child in node.children if child.type == "comment"]
        end = min([body.start_byte if body is not None else node.end_byte, *ends])
        text = self._source[node.start_byte : min(end, node.start_byte + 4 * MOST_SIGNATURE)]
        return " ".join(_decode(text).split()).rstrip(" :{").removesuffix(" =>")[:MOST_SIGNATURE]

    def _doc(self, node: Node) -> str:
        """The docstring's first line, or else that of the comment right above."""
        text = self._docs.get(node.start_byte)
        if text is not None:
            return _first_line(_QUOTES.sub("", self._text(text)))
        above, comment = node, ""
        while (before := _above(above)) is not None and before.type == "comment":
            comment, above = self._text(before), before
        return _first_line("\n".join(_MARKS.sub("", line) for line in comment.split("\n")))

    def _text(self, node: Node) -> str:
        return _decode(self._source[node.start_byte : node.end_byte])


def _above(node: Node) -> Node | None:
    """What stands on the line before a statement, the first of its line."""
    row = node.start_point.row
    while (
        node.parent is not None and node.parent.start_point.row == row and node.parent.parent is not None
    ):
        node = node.parent
    before = node.prev_sibling
    return before if before is not None and before.end_point.row == row - 1 else None


def _first_line(text: str) -> str:
    return next((line.strip() for line in text.split("\n") if line.strip()), "")[:MOST_DOC]


def _decode(text: bytes) -> str:
    return text.decode("utf-8", "replace")
