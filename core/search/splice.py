"""Syntax-tree positions to text offsets, and text spliced back. Pure.

Mutants are made by cutting and joining source text at positions of the syntax tree, never by
unparsing a tree, so that comments and formatting outside a change stay as they are.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from core.parsing import parse

FunctionNode: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True, slots=True)
class Splice:
    """Replace ``text[start:end]`` (offsets in characters) with ``text``."""

    start: int
    end: int
    text: str


def overlap(first: Iterable[Splice], second: Iterable[Splice]) -> bool:
    """True where two sets of splices touch the same characters or the same insertion point."""
    others = list(second)
    return any(a.start <= b.end and b.start <= a.end for a in first for b in others)


def apply_splices(text: str, splices: Iterable[Splice]) -> str:
    """Carry out splices that do not overlap."""
    pieces: list[str] = []
    position = 0
    for splice in sorted(splices, key=lambda item: (item.start, item.end)):
        if splice.start < position:
            raise ValueError("splices overlap")
        pieces += (text[position : splice.start], splice.text)
        position = splice.end
    pieces.append(text[position:])
    return "".join(pieces)


def parse_quietly(text: str | bytes) -> ast.Module:
    """Parse a file. Raises SyntaxError, also for what the parser refuses otherwise, as null bytes."""
    try:
        return parse(text)
    except (ValueError, RecursionError, MemoryError) as error:
        raise SyntaxError(str(error)) from error


class SourceTree:
    """A parsed file whose nodes know their parents and their place in the text.

    Raises SyntaxError where ``text`` does not parse, or holds a carriage return (the parser counts
    it as a newline, so offsets would be wrong).
    """

    def __init__(self, text: str) -> None:
        if "\r" in text:
            raise SyntaxError("carriage return in the source")
        self.text = text
        self.tree = parse_quietly(text)
        self.parents: dict[ast.AST, ast.AST] = {}
        for node in ast.walk(self.tree):
            for child in ast.iter_child_nodes(node):
                self.parents[child] = node
        self._lines = text.split("\n")
        self._starts = [0]
        for line in self._lines:
            self._starts.append(self._starts[-1] + len(line) + 1)

    def offset(self, line: int, column: int) -> int:
        """Characters before a position; ``line`` counts from 1, ``column`` in UTF-8 bytes from 0."""
        text = self._lines[line - 1]
        if text.isascii():
            return self._starts[line - 1] + column
        return self._starts[line - 1] + len(text.encode()[:column].decode())

    def line_start(self, line: int) -> int:
        """The offset of the first character of a line (from 1); the end of the text past the last."""
        return min(self._starts[min(line, len(self._lines) + 1) - 1], len(self.text))

    def line_text(self, line: int) -> str:
        return self._lines[line - 1]

    def span(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        """Start and end offsets of a node, decorators left out."""
        if node.end_lineno is None or node.end_col_offset is None:
            raise ValueError("a node without an end")
        return (
            self.offset(node.lineno, node.col_offset),
            self.offset(node.end_lineno, node.end_col_offset),
        )

    def code(self, node: ast.expr | ast.stmt) -> str:
        start, end = self.span(node)
        return self.text[start:end]

    def ancestors(self, node: ast.AST) -> Iterator[ast.AST]:
        """Parents, nearest first."""
        while (parent := self.parents.get(node)) is not None:
            yield parent
            node = parent

    def function_of(self, node: ast.AST) -> FunctionNode | None:
        """The innermost function around a node (a function is not around itself)."""
        for parent in self.ancestors(node):
            if isinstance(parent, _FUNCTIONS):
                return parent
        return None

    def functions(self) -> Iterator[FunctionNode]:
        for node in ast.walk(self.tree):
            if isinstance(node, _FUNCTIONS):
                yield node

    def statements(self) -> Iterator[ast.stmt]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.stmt):
                yield node


def is_text(node: ast.AST) -> bool:
    """Whether it is a value that stands alone as a statement, as a docstring does."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def first_line(statement: ast.stmt) -> int:
    """The first line of a statement, decorators included."""
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    return min([statement.lineno, *(d.lineno for d in decorators)])


def header_lines(statement: ast.stmt) -> range:
    """The lines of a statement without those of its nested blocks."""
    last = statement.end_lineno or statement.lineno
    body: list[ast.stmt] | None = getattr(statement, "body", None)
    if body:
        last = max(statement.lineno, first_line(body[0]) - 1)
    cases: list[ast.match_case] | None = getattr(statement, "cases", None)
    if cases:
        last = max(statement.lineno, cases[0].pattern.lineno - 1)
    return range(statement.lineno, last + 1)


def own_expressions(statement: ast.stmt) -> Iterator[ast.expr]:
    """Every expression of a statement, outermost first, without those of nested statements. Of a
    function these are the defaults of its parameters.

    Parts of f-strings are left out: before Python 3.12 the parser gives them no true positions.
    """
    queue: list[ast.AST] = [
        child
        for child in ast.iter_child_nodes(statement)
        if not isinstance(child, (ast.stmt, ast.match_case))
    ]
    if isinstance(statement, _FUNCTIONS):
        queue = [d for d in (*statement.args.defaults, *statement.args.kw_defaults) if d is not None]
    elif isinstance(statement, ast.ClassDef):
        queue = []
    while queue:
        node = queue.pop(0)
        if isinstance(node, ast.expr):
            yield node
        if isinstance(node, ast.JoinedStr):
            continue
        queue += [c for c in ast.iter_child_nodes(node) if not isinstance(c, (ast.stmt, ast.match_case))]


def blocks(statement: ast.AST) -> Iterator[list[ast.stmt]]:
    """The statement lists directly inside a node."""
    for name in ("body", "orelse", "finalbody"):
        block = getattr(statement, name, None)
        if isinstance(block, list) and block and isinstance(block[0], ast.stmt):
            yield block
    for handler in getattr(statement, "handlers", []):
        yield handler.body
    for case in getattr(statement, "cases", []):
        yield case.body
