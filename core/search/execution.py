"""What a function did in a failing test, as text for a model: block by block, with values. Pure.

Source: L. Zhong, Z. Wang, J. Shang, "Debug like a human: a large language model debugger via verifying
runtime execution step by step" (LDB), Findings of ACL 2024, section 3.1: an execution is cut into basic
blocks, and each is shown with the values after it; of a long one the first and the last blocks stand for
all.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from core.search.splice import SourceTree, blocks, first_line, header_lines
from core.testing.base import Step

ENDS: Final = 5
"""Blocks from the start and from the end that are shown."""
_LINES: Final = 6
"""Of one block."""
_SAID: Final = {"return": "returned", "yield": "yielded", "raise": "raised"}


@dataclass(slots=True)
class _Block:
    """Lines that were carried out one after the other, and what they changed."""

    lines: list[int]
    values: dict[str, str] = field(default_factory=dict)
    end: str = ""
    """How the function was left here, if it was."""


def tell_execution(source: str, steps: Sequence[Step]) -> str:
    """The outermost call; empty where nothing is known of it. ``source`` is the text that ran."""
    own = [step for step in steps if step.call in (0, 1)]
    if not own or own[0].kind != "call":
        return ""
    try:
        headers = _headers(SourceTree(source))
    except SyntaxError:
        return ""
    text = source.split("\n")
    found = list(_blocks(own[1:], headers))
    numbered = [_shown(number, block, text) for number, block in enumerate(found, 1)]
    if len(numbered) > 2 * ENDS:
        numbered = [*numbered[:ENDS], "...", *numbered[-ENDS:]]
    return "\n".join([f"# called with {_values(own[0].values)}", *numbered])


def _headers(tree: SourceTree) -> set[int]:
    """Lines of compound statements, which are blocks of their own, and those that end one."""
    found: set[int] = set()
    for statement in tree.statements():
        if any(blocks(statement)) or isinstance(statement, (ast.Return, ast.Raise)):
            found |= {first_line(statement), *header_lines(statement)}
    return found


def _blocks(steps: Sequence[Step], headers: set[int]) -> Iterator[_Block]:
    current: _Block | None = None
    for step in steps:
        if step.kind == "line":
            follows = current is not None and not current.end and step.line > current.lines[-1]
            if current is None or not follows or {step.line, current.lines[-1]} & headers:
                if current is not None:
                    yield current
                current = _Block([])
            current.lines.append(step.line)
            current.values.update(step.values)
        elif step.kind == "cut":
            if current is not None:
                yield current
            current = None
        elif current is not None:
            # The value stands after the line that gave it.
            current.end = f"{_SAID.get(step.kind, step.kind)} {_values(step.values)}".strip()
            yield current
            current = None
    if current is not None:
        yield current


def _shown(number: int, block: _Block, text: Sequence[str]) -> str:
    lines = [text[line - 1].strip() for line in block.lines if 0 < line <= len(text)]
    code = "\n    ".join([*lines[:_LINES], *(["..."] if len(lines) > _LINES else [])])
    after = _values(list(block.values.items()))
    notes = "; ".join(note for note in (after, block.end) if note)
    return f"[{number}] {code}" + (f"\n    # {notes}" if notes else "")


def _values(values: Sequence[tuple[str, str]]) -> str:
    return ", ".join(f"{name} = {text}" if name else text for name, text in values)
