"""What a model sees around a hole: what the code is for, then the code before and after the gap. Pure.

The frame of a function is the same for all its holes, so that prompts share the longest prefix they can,
and a server's prefix cache serves neighbouring holes. What comes after a hole is read anew each time, so
it ends soon, and with the function at the latest. Descriptions come first, wherever they stand in the
file: what follows the gap is read, but a small model acts on what it has read before.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Final

from core.context.prompt import estimate_tokens, shorten
from core.edits.blocks import block_at, find_blocks
from core.search.holes import Hole, Shape
from core.search.splice import FunctionNode, SourceTree, first_line
from core.testing.languages import Language

WHOLE_FILE_TOKENS: Final = 450
DESCRIPTION_TOKENS: Final = 200
WINDOW: Final = 60
"""Lines of a longer function, in steps of half as many, so that neighbouring holes share a window."""
AFTER: Final = 16
"""Lines behind a hole that are shown. They are read anew for every hole, and on a processor it is reading
that takes the time; what is behind these says little of the hole."""
_IMPORTS: Final = 12


@dataclass(frozen=True, slots=True)
class Frame:
    """``head`` stands before everything; then lines ``first`` to ``last`` (from 1, both included) without
    those in ``moved``, whose text is in the head."""

    head: str
    first: int
    last: int
    moved: frozenset[int] = frozenset()


def around(text: str, frame: Frame, hole: Hole) -> tuple[str, str]:
    """What comes before the gap and what after it, in a prompt."""
    lines = text.split("\n")
    start = sum(len(line) + 1 for line in lines[: hole.line - 1])
    before = [*_shown(lines, frame, frame.first, hole.line - 1), ""]
    if hole.shape is Shape.GAP:
        after = ["", *_shown(lines, frame, hole.line, min(frame.last, hole.line + AFTER - 1))]
        return frame.head + "\n".join(before) + hole.indent, "\n".join(after).rstrip() + "\n"
    last = text.count("\n", 0, hole.end) + 1
    rest = text[hole.end :].split("\n", 1)[0]
    after = [rest, *_shown(lines, frame, last + 1, min(frame.last, last + AFTER))]
    return frame.head + "\n".join(before) + text[start : hole.start], "\n".join(after).rstrip() + "\n"


def frame_of(tree: SourceTree, line: int) -> Frame:
    """A small file up to the end of the function around a line; else that function, with its class and
    the imports."""
    count = tree.text.count("\n") + 1
    function = _outermost(tree, line)
    moved = _descriptions(tree)
    described = "\n".join(tree.line_text(n) for n in sorted(moved))
    head = f"{shorten(described, DESCRIPTION_TOKENS)}\n\n" if described else ""
    if estimate_tokens(tree.text) - estimate_tokens(described) <= WHOLE_FILE_TOKENS:
        return Frame(head, 1, count if function is None else function.end_lineno or count, moved)
    imports = [
        tree.line_text(n)
        for statement in tree.tree.body
        if isinstance(statement, (ast.Import, ast.ImportFrom))
        for n in range(statement.lineno, (statement.end_lineno or statement.lineno) + 1)
    ]
    if function is None:
        return _windowed(Frame(head, 1, count, moved), line)
    owner = next((a for a in tree.ancestors(function) if isinstance(a, ast.ClassDef)), None)
    above = [*imports[:_IMPORTS], "", ""]
    if owner is not None:
        above.append(tree.line_text(owner.lineno))
        above += _class_description(tree, owner)
    first, last = first_line(function), function.end_lineno or function.lineno
    return _windowed(Frame(head + "\n".join([*above, ""]), first, last), line)


def plain_frame(text: str, line: int, language: Language) -> Frame:
    """The same for a file that we have no parser for."""
    count = text.count("\n") + 1
    if estimate_tokens(text) <= WHOLE_FILE_TOKENS:
        return Frame("", 1, count)
    block = block_at(find_blocks(text, language.functions), line)
    frame = Frame("", 1, count) if block is None else Frame("", block.first, block.last)
    return _windowed(frame, line)


def _windowed(frame: Frame, line: int) -> Frame:
    if frame.last - frame.first < WINDOW:
        return frame
    step = WINDOW // 2
    start = frame.first + max(0, (line - frame.first) // step - 1) * step
    return Frame(frame.head, start, min(frame.last, start + 3 * step), frame.moved)


def _shown(lines: list[str], frame: Frame, first: int, last: int) -> list[str]:
    inside = range(max(first, frame.first), min(last, frame.last) + 1)
    return [lines[n - 1] for n in inside if n not in frame.moved]


def _descriptions(tree: SourceTree) -> frozenset[int]:
    """Lines of the texts that stand alone in a module, at its start or anywhere else."""
    return frozenset(
        n
        for statement in tree.tree.body
        if isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
        for n in range(statement.lineno, (statement.end_lineno or statement.lineno) + 1)
    )


def _class_description(tree: SourceTree, owner: ast.ClassDef) -> list[str]:
    if ast.get_docstring(owner) is None:
        return []
    text = owner.body[0]
    lines = [tree.line_text(n) for n in range(text.lineno, (text.end_lineno or text.lineno) + 1)]
    return lines if estimate_tokens("\n".join(lines)) <= DESCRIPTION_TOKENS else []


def _outermost(tree: SourceTree, line: int) -> FunctionNode | None:
    """The outermost function that holds a line."""
    holding = [f for f in tree.functions() if first_line(f) <= line <= (f.end_lineno or f.lineno)]
    return min(holding, key=first_line, default=None)
