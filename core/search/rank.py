"""Equality of candidates: a key that is the same for edits with the same syntax trees. Pure."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from core.repo.hunks import common_ends
from core.search.splice import first_line, is_text, parse_quietly
from core.types import RelPath

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


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
    same_head, same_tail = common_ends(old, new)
    first = next((i for i, span in enumerate(spans) if span.last >= same_head), len(spans))
    last = next(
        (i for i in range(len(spans), 0, -1) if spans[i - 1].first <= len(old) - same_tail + 1), 0
    )
    start = spans[first - 1].last if first else 0
    end = spans[last].first - 1 if last < len(spans) else len(old)
    touched = spans[first:last] or spans[max(first - 1, 0) : last + 1]
    owners = {span.owner for span in touched}
    if start > end or len(owners) > 1 or any(span.is_head for span in touched):
        return _whole(source, text)
    depth = touched[0].depth if touched else 0
    before = _dumps("\n".join(old[start:end]), depth)
    after = _dumps("\n".join(new[start : len(new) - (len(old) - end)]), depth)
    if before is None or after is None:
        return _whole(source, text)
    return _difference(before, after, first)


def _whole(source: str, text: str) -> tuple[str, ...] | None:
    before, after = _dumps(source, 0), _dumps(text, 0)
    return None if after is None else _difference(before or (), after, 0)


def _difference(before: tuple[str, ...], after: tuple[str, ...], offset: int) -> tuple[str, ...]:
    head, tail = common_ends(before, after)
    gone, come = len(before) - head - tail, after[head : len(after) - tail]
    return (str(offset + head), str(gone), *come) if gone or come else ()


@dataclass(frozen=True, slots=True)
class _Span:
    """First and last line of a statement of a module or a class; ``owner`` is the class's own line, 0
    for the module, and ``depth`` how many classes are around it. ``is_head``: only what of a class comes
    before its body."""

    first: int
    last: int
    owner: int
    depth: int
    is_head: bool = False


@lru_cache(maxsize=32)
def _statement_lines(source: str) -> tuple[_Span, ...] | None:
    """The statements of a module and of its classes, in order; ``None`` where it does not parse or two
    statements share a line."""
    try:
        body = parse_quietly(source).body
    except SyntaxError:
        return None
    spans = tuple(_spans(body, 0, 0))
    apart = all(one.last < other.first for one, other in pairwise(spans))
    return spans if apart and "\r" not in source and "\f" not in source else None


def _spans(body: Sequence[ast.stmt], owner: int, depth: int) -> Iterator[_Span]:
    for statement in body:
        first = first_line(statement)
        if isinstance(statement, ast.ClassDef):
            yield _Span(first, first_line(statement.body[0]) - 1, owner, depth, is_head=True)
            yield from _spans(statement.body, statement.lineno, depth + 1)
        else:
            yield _Span(first, statement.end_lineno or statement.lineno, owner, depth)


@lru_cache(maxsize=64)
def _dumps(text: str, depth: int) -> tuple[str, ...] | None:
    """The statements of a text as trees, those of classes each for itself; ``None`` where it does not
    parse. With a ``depth``, the text is a part of a class, and indented as such."""
    try:
        module = parse_quietly(f"if 1:\n{text}" if depth else text)
    except SyntaxError:
        return None
    body = module.body
    if depth:
        if len(body) != 1 or not isinstance(body[0], ast.If) or body[0].orelse:
            return None
        body = body[0].body
    for node in (node for statement in body for node in ast.walk(statement)):
        if isinstance(node, _FUNCTIONS) and node.body and is_text(node.body[0]):
            node.body = [*node.body[1:]] or [ast.Pass()]
    return tuple(_flat(body, depth))


def _flat(body: Sequence[ast.stmt], depth: int) -> Iterator[str]:
    """As many as there are spans; of a text that stands alone, only that it is one."""
    for statement in body:
        if isinstance(statement, ast.ClassDef):
            inner, statement.body = statement.body, []
            yield f"{depth} {ast.dump(statement)}"
            yield from _flat(inner, depth + 1)
        else:
            yield "a text" if is_text(statement) else f"{depth} {ast.dump(statement)}"
