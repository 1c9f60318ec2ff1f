"""Statements as whole lines: their span, indentation, block, and shifting them to another one."""

from __future__ import annotations

import ast

from core.search.splice import SourceTree, blocks, first_line


def stands_alone(tree: SourceTree, statement: ast.stmt) -> bool:
    """True where no other statement shares the lines of this one (``a = 1; b = 2``, ``if x: y``)."""
    start = tree.offset(first_line(statement), 0)
    begin, end = tree.span(statement)
    if statement.lineno != first_line(statement):
        return False
    before = tree.text[start:begin]
    after = tree.text[end : tree.line_start((statement.end_lineno or statement.lineno) + 1)].strip()
    return not before.strip() and (not after or after.startswith("#"))


def line_span(tree: SourceTree, statement: ast.stmt) -> tuple[int, int]:
    """Offsets of the statement's lines, the last newline included."""
    return tree.line_start(first_line(statement)), tree.line_start(
        (statement.end_lineno or statement.lineno) + 1
    )


def indent_of(tree: SourceTree, statement: ast.stmt) -> str:
    line = tree.line_text(first_line(statement))
    return line[: len(line) - len(line.lstrip())]


def block_of(tree: SourceTree, statement: ast.stmt) -> list[ast.stmt] | None:
    """The statement list that holds a statement."""
    parent = tree.parents.get(statement)
    for block in blocks(parent) if parent is not None else ():
        if any(item is statement for item in block):
            return block
    return None


def shift(text: str, old: str, new: str) -> str:
    """Lines moved from one indentation to another; lines that do not start with ``old`` stay."""
    lines = text.splitlines(keepends=True)
    return "".join(
        new + line[len(old) :] if line.startswith(old) and line.strip() else line for line in lines
    )
