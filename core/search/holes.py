"""Holes in a source file that a model may fill: lines, places between lines, expressions, blocks. Pure.

A hole is a span of characters. What the model writes for it is cut to what belongs there, and spliced
into the text as it is; everything around stays.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Final

from core.context.prompt import estimate_tokens
from core.search.splice import SourceTree, blocks, first_line, header_lines, own_expressions

MOST_BLOCK_LINES: Final = 10
MOST_EXPRESSIONS: Final = 4
"""Of one statement."""
MOST_TOKENS: Final = 160
_ROOM: Final = 24
"""Tokens that an answer may have beyond those of what it replaces."""
DEFINITIONS: Final = (
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.ClassDef,
    ast.Import,
    ast.ImportFrom,
)
_LEAVES: Final = (ast.Return, ast.Raise, ast.Continue, ast.Break)


class Shape(StrEnum):
    """What a hole is the place of."""

    LINE = "line"
    GAP = "gap"
    """Between two lines; there is nothing to replace."""
    EXPRESSION = "expression"
    BLOCK = "block"


@dataclass(frozen=True, slots=True)
class Hole:
    """``text[start:end]`` of a file is to be written anew. ``line`` counts from 1, ``indent`` is what
    stands before the hole on its line; a gap brings its own line with it."""

    shape: Shape
    start: int
    end: int
    line: int
    indent: str
    old: str

    @property
    def stop(self) -> tuple[str, ...]:
        """Where an answer ends at the latest."""
        return ("\n",) if self.shape in (Shape.LINE, Shape.EXPRESSION) else ("\n\n",)

    def takes(self, line: str) -> bool:
        """Whether a further line of an answer still belongs into the hole: not one left of the first,
        nor, in a gap, one that stands right below it."""
        more = line[len(self.indent) : len(self.indent) + 1]
        return line.startswith(self.indent) and (self.shape is not Shape.GAP or more.isspace())

    @property
    def max_tokens(self) -> int:
        return min(MOST_TOKENS, _ROOM + 3 * estimate_tokens(self.old) // 2)


def line_holes(tree: SourceTree, statements: Sequence[ast.stmt]) -> Iterator[Hole]:
    """The header of each statement: the whole of a simple one, the first line of an ``if``."""
    for statement in statements:
        lines = header_lines(statement)
        shape = Shape.LINE if len(lines) == 1 else Shape.BLOCK
        yield _of_lines(tree, shape, lines[0], lines[-1])


def gap_holes(tree: SourceTree, statements: Sequence[ast.stmt]) -> Iterator[Hole]:
    """Before each statement, and after the last one of its list unless nothing after it could run."""
    last = {id(block[-1]) for node in (tree.tree, *tree.statements()) for block in blocks(node)}
    found: set[tuple[int, str]] = set()
    for statement in statements:
        indent = _indent(tree, statement.lineno)
        found.add((first_line(statement), indent))
        if id(statement) in last and not isinstance(statement, _LEAVES):
            found.add(((statement.end_lineno or statement.lineno) + 1, indent))
    for line, indent in sorted(found):
        start = tree.line_start(line)
        yield Hole(Shape.GAP, start, start, line, indent, "")


def expression_holes(tree: SourceTree, statements: Sequence[ast.stmt]) -> Iterator[Hole]:
    """The larger expressions of each statement, outermost first; a name alone is left to mutation."""
    for statement in statements:
        wide = (
            node
            for node in own_expressions(statement)
            if not isinstance(node, (ast.Name, ast.Constant, ast.Starred)) and _is_loaded(node)
        )
        for node, _ in zip(wide, range(MOST_EXPRESSIONS), strict=False):
            start, end = tree.span(node)
            indent = _indent(tree, node.lineno)
            if node.end_lineno == node.lineno:
                old = tree.text[start:end]
                yield Hole(Shape.EXPRESSION, start, end, node.lineno, indent, old)


def block_holes(tree: SourceTree, statements: Sequence[ast.stmt]) -> Iterator[Hole]:
    """Compound statements as a whole, and two simple ones in a row."""
    asked = {id(statement) for statement in statements}
    followers = {
        id(one): other
        for node in (tree.tree, *tree.statements())
        for block in blocks(node)
        for one, other in pairwise(block)
    }
    for statement in statements:
        last = statement.end_lineno or statement.lineno
        if any(blocks(statement)):
            if last - statement.lineno < MOST_BLOCK_LINES:
                yield _of_lines(tree, Shape.BLOCK, statement.lineno, last)
            continue
        other = followers.get(id(statement))
        if other is not None and id(other) in asked and not any(blocks(other)):
            yield _of_lines(tree, Shape.BLOCK, statement.lineno, other.end_lineno or other.lineno)


def plain_holes(text: str, numbers: Sequence[int]) -> Iterator[Hole]:
    """Lines of a file that we have no parser for, as ``(line)``."""
    lines = text.split("\n")
    for line in numbers:
        if line <= len(lines) and lines[line - 1].strip():
            start = sum(len(above) + 1 for above in lines[: line - 1])
            indent = _leading(lines[line - 1])
            old = lines[line - 1].strip()
            start += len(indent)
            yield Hole(Shape.LINE, start, start + len(old), line, indent, old)


def fill(text: str, hole: Hole, answer: str) -> str | None:
    """The whole text with ``answer`` in the hole; ``None`` where nothing usable was written, or what
    stands there already."""
    new = _belonging(hole, answer)
    if not new or new == hole.old:
        return None
    if hole.shape is not Shape.GAP:
        return text[: hole.start] + new + text[hole.end :]
    # A model that has nothing to add repeats what is next to the gap.
    if new in neighbours(text, hole):
        return None
    above = text[: hole.start]
    if above and not above.endswith("\n"):
        return f"{above}\n{hole.indent}{new}"
    return f"{above}{hole.indent}{new}\n{text[hole.start :]}"


def neighbours(text: str, hole: Hole) -> tuple[str, str]:
    """The line that follows a gap, and the one before it, without their indentation."""
    following = text[hole.start :].split("\n", 1)[0].strip()
    return following, text[: hole.start].rstrip("\n").rpartition("\n")[2].strip()


def _belonging(hole: Hole, answer: str) -> str:
    """The part of an answer that belongs into the hole: one line, or lines not left of the first."""
    lines = answer.rstrip().split("\n")
    if hole.shape in (Shape.LINE, Shape.EXPRESSION):
        return lines[0].strip()
    kept = [lines[0].lstrip()]
    for line in lines[1:]:
        if not (line.strip() and hole.takes(line)):
            break
        kept.append(line)
    return "\n".join(kept).rstrip()


def _of_lines(tree: SourceTree, shape: Shape, first: int, last: int) -> Hole:
    indent = _indent(tree, first)
    start = tree.line_start(first) + len(indent)
    end = tree.line_start(last) + len(tree.line_text(last).rstrip())
    return Hole(shape, start, end, first, indent, tree.text[start:end])


def _is_loaded(node: ast.expr) -> bool:
    return not isinstance(getattr(node, "ctx", None), (ast.Store, ast.Del))


def _indent(tree: SourceTree, line: int) -> str:
    return _leading(tree.line_text(line))


def _leading(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]
