"""Equality of candidates: a key that is the same for edits with the same syntax trees. Pure."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Mapping
from functools import lru_cache
from itertools import pairwise

from core.search.splice import first_line, parse_quietly
from core.types import RelPath

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Module)


def normalised_key(edits: Mapping[RelPath, str], sources: Mapping[RelPath, str]) -> str:
    """A key for what ``edits`` change in ``sources``, blind to layout, comments and docstrings.

    Edits that change no syntax tree give the same key as no edits. The key starts with
    ``unparsed:`` where an edited Python file does not parse; such texts are compared line by line.
    """
    parts: list[str] = []
    unparsed = False
    for path in sorted(edits):
        text, source = edits[path], sources.get(path, "")
        if text == source:
            continue
        change = _changed_statements(source, text) if path.endswith(".py") else None
        if change is None:
            unparsed = unparsed or path.endswith(".py")
            lines = [line.rstrip() for line in text.splitlines() if line.strip()]
            parts += (path, "text", *lines)
        elif change:
            parts += (path, *change)
    digest = hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
    return f"unparsed:{digest}" if unparsed else digest


def _changed_statements(source: str, text: str) -> tuple[str, ...] | None:
    """Place and dumps of the module's statements that differ; empty where none does, ``None`` where
    ``text`` does not parse. Only the statements that the changed lines touch are parsed anew."""
    spans = _statement_lines(source)
    if spans is None:
        return _whole(source, text)
    old, new = source.split("\n"), text.split("\n")
    same_head = _common(old, new)
    same_tail = min(_common(old[::-1], new[::-1]), len(old) - same_head, len(new) - same_head)
    first = next((i for i, (_, end) in enumerate(spans) if end >= same_head), len(spans))
    last = next((i for i in range(len(spans), 0, -1) if spans[i - 1][0] <= len(old) - same_tail + 1), 0)
    start = spans[first - 1][1] if first else 0
    end = spans[last][0] - 1 if last < len(spans) else len(old)
    if start > end:
        return _whole(source, text)
    before = _dumps("\n".join(old[start:end]))
    after = _dumps("\n".join(new[start : len(new) - (len(old) - end)]))
    if before is None or after is None:
        return _whole(source, text)
    return _difference(before, after, first)


def _whole(source: str, text: str) -> tuple[str, ...] | None:
    before, after = _dumps(source), _dumps(text)
    return None if after is None else _difference(before or (), after, 0)


def _difference(before: tuple[str, ...], after: tuple[str, ...], offset: int) -> tuple[str, ...]:
    head = _common(list(before), list(after))
    tail = min(_common(list(before)[::-1], list(after)[::-1]), len(before) - head, len(after) - head)
    gone, come = len(before) - head - tail, after[head : len(after) - tail]
    return (str(offset + head), str(gone), *come) if gone or come else ()


def _common(first: list[str], second: list[str]) -> int:
    shared = 0
    for one, other in zip(first, second, strict=False):
        if one != other:
            break
        shared += 1
    return shared


@lru_cache(maxsize=32)
def _statement_lines(source: str) -> tuple[tuple[int, int], ...] | None:
    """First and last line of each statement of a module; ``None`` where it does not parse or two
    statements share a line."""
    try:
        body = parse_quietly(source).body
    except SyntaxError:
        return None
    spans = tuple((first_line(s), s.end_lineno or s.lineno) for s in body)
    apart = all(one[1] < other[0] for one, other in pairwise(spans))
    return spans if apart and "\r" not in source and "\f" not in source else None


@lru_cache(maxsize=64)
def _dumps(text: str) -> tuple[str, ...] | None:
    try:
        module = parse_quietly(text)
    except SyntaxError:
        return None
    for node in ast.walk(module):
        if isinstance(node, _FUNCTIONS) and node.body and _is_text(node.body[0]):
            node.body = [*node.body[1:]] or [ast.Pass()]
    return tuple(ast.dump(statement) for statement in module.body if not _is_text(statement))


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
