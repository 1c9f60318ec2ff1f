"""Functions of languages that we have no parser for: a header line, then balanced brackets. Pure.

Enough for languages with braces, where a language file says what a header looks like; strings and
comments are stepped over. A header without a brace ends with its statement.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_STEP_OVER: Final = re.compile(
    r"//[^\n]*|/\*.*?\*/|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`|[{}()\[\]]|\n",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Block:
    """One function; lines count from 1, both ends included."""

    name: str
    first: int
    last: int


def find_blocks(source: str, header: str) -> tuple[Block, ...]:
    """The functions of a text in order, outer ones before those inside. ``header`` is the language's
    regular expression for the first line of one; its first group that matched is the name."""
    if not header:
        return ()
    pattern = re.compile(header, re.MULTILINE)
    found = []
    for match in pattern.finditer(source):
        name = next((group for group in match.groups() if group), "")
        start = match.start() + len(match[0]) - len(match[0].lstrip())
        if name:
            first = source.count("\n", 0, start) + 1
            found.append(Block(name, first, first + _height(source[start:]) - 1))
    return tuple(found)


def block_source(source: str, block: Block) -> str:
    """The lines of a block as they are."""
    return "\n".join(source.split("\n")[block.first - 1 : block.last]) + "\n"


def block_at(blocks: tuple[Block, ...], line: int) -> Block | None:
    """The innermost block that holds a line."""
    holding = [block for block in blocks if block.first <= line <= block.last]
    return min(holding, key=lambda block: block.last - block.first, default=None)


def block_from(source: str, line: int) -> Block:
    """What begins on a line, whatever it is: a call with its function, a statement."""
    start = sum(len(text) + 1 for text in source.split("\n")[: line - 1])
    return Block("", line, line + _height(source[start:]) - 1)


def replace_block(source: str, block: Block, code: str) -> str:
    """Put ``code`` in the place of a block, at the block's own indentation."""
    lines, new = source.split("\n"), code.strip("\n").split("\n")
    own, given = _indent(lines[block.first - 1]), _indent(new[0])
    shifted = [own + line.removeprefix(given) if line.strip() else line for line in new]
    return "\n".join([*lines[: block.first - 1], *shifted, *lines[block.last :]])


def _height(text: str) -> int:
    """How many lines what begins here has: to the end of the line on which brackets balance, once a
    brace was open; where none opens, to the end of a line on which they balance."""
    depth, lines = 0, 1
    braced = False
    for token in _tokens(text):
        if token in "{([":
            depth += 1
            braced = braced or token == "{"
        elif token in "})]":
            depth -= 1
            if depth < 0:
                return lines
        elif token == "\n":
            if depth == 0 and (braced or lines > 1 or not _continues(text, lines)):
                return lines
            lines += 1
        else:
            lines += token.count("\n")
    return lines


def _continues(text: str, lines: int) -> bool:
    """Whether a brace opens on the next line, as some like it."""
    following = text.split("\n")[lines : lines + 1]
    return bool(following) and following[0].lstrip().startswith("{")


def _tokens(text: str) -> Iterator[str]:
    return (match[0] for match in _STEP_OVER.finditer(text))


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]
