"""Carries out a wish that says exactly what to write: text in, text out, no model. Pure."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from typing import Final

from core.edits.functions import function_lines
from core.remark.wishes import COMPARISONS, Wish
from core.repo.hunks import enclosing_scope
from core.search.splice import SourceTree, header_lines
from core.types import ChangeKind

_SIGNS: Final = re.compile(r"\W+")


def carry_out(wish: Wish, text: str, first: int, last: int, original: str) -> str | None:
    """``text`` with the wish carried out in its lines ``first`` to ``last`` (from 1); ``original`` is the
    file before the candidate. ``None`` where it cannot be done to the letter: the words do not say
    which of several places is meant, or what they name is not there."""
    match wish:
        case Wish(kind=ChangeKind.KEEP, scope="file"):
            return original
        case Wish(kind=ChangeKind.KEEP, scope="signature"):
            return _with_signature(text, first, original)
        case Wish(kind=ChangeKind.RENAME):
            return _renamed(text, first, wish.what, wish.instead)
        case Wish(kind=ChangeKind.CHANGE):
            return _replaced(text, first, last, wish)
        case Wish(kind=ChangeKind.REMOVE):
            return _without(text, first, last, wish.what)
        case _:
            return None


def scope_at(text: str, line: int) -> str:
    """The dotted name of the function or class around a line (from 1) of a Python file."""
    return enclosing_scope(text.split("\n"), max(line, 1) - 1)


def mentions(text: str, code: str) -> bool:
    """Whether a piece of code is in a text as a whole: ``>`` is not in ``a >= b``."""
    return bool(code) and re.search(_exactly(code), text) is not None


def _replaced(text: str, first: int, last: int, wish: Wish) -> str | None:
    lines = text.split("\n")
    what = wish.what
    if not what:
        if wish.instead not in COMPARISONS:
            return None
        there = [
            sign
            for line in lines[first - 1 : last]
            for sign in COMPARISONS
            for _ in re.finditer(_exactly(sign), _without_strings(line))
        ]
        if len(there) != 1 or there[0] == wish.instead:
            return None
        what = there[0]
    pattern = re.compile(_exactly(what))
    hits = [at for at in range(first - 1, min(last, len(lines))) if pattern.search(lines[at])]
    if not hits:
        return None
    for at in hits:
        lines[at] = pattern.sub(lambda _: wish.instead, lines[at])
    return "\n".join(lines)


def _without(text: str, first: int, last: int, what: str) -> str | None:
    lines = text.split("\n")
    among = range(first - 1, min(last, len(lines)))
    hits = [at for at in among if mentions(lines[at], what)] if what else list(among)
    if len(hits) != 1:
        return None
    del lines[hits[0]]
    return "\n".join(lines)


def _renamed(text: str, line: int, old: str, new: str) -> str | None:
    """Rename in the function around the line; a function's own name, or what belongs to the module, in
    the whole file. Attributes and the names of arguments in calls are other names."""
    try:
        tree = SourceTree(text)
    except SyntaxError:
        return None
    scope = scope_at(text, line)
    around = None if scope.rpartition(".")[2] == old else function_lines(text, scope) if scope else None
    first, last = around or (1, text.count("\n") + 1)
    names = {place: name for place, name in _names(tree) if first <= place[0] <= last}
    if old not in names.values() and around is not None:
        first, last = 1, text.count("\n") + 1
        names = dict(_names(tree))
    if old not in names.values() or new in names.values():
        return None
    lines = text.split("\n")
    for row, column in sorted((place for place, name in names.items() if name == old), reverse=True):
        content = lines[row - 1]
        if content[column : column + len(old)] != old:
            return None  # within an f-string, whose places older versions of Python do not tell
        lines[row - 1] = content[:column] + new + content[column + len(old) :]
    return "\n".join(lines)


def _names(tree: SourceTree) -> Iterator[tuple[tuple[int, int], str]]:
    """Every name that a scope binds or reads: its place (line from 1, characters from 0) and itself."""
    for node in ast.walk(tree.tree):
        match node:
            case ast.Name(id=name) | ast.arg(arg=name):
                column = tree.offset(node.lineno, node.col_offset) - tree.line_start(node.lineno)
                yield (node.lineno, column), name
            case ast.Global(names=names) | ast.Nonlocal(names=names):
                content = tree.line_text(node.lineno)
                for name in names:
                    if found := re.search(rf"\b{name}\b", content):
                        yield (node.lineno, found.start()), name
    previous = ""
    try:
        for token in tokenize.generate_tokens(io.StringIO(tree.text).readline):
            if previous in ("def", "class"):
                yield token.start, token.string
            previous = token.string
    except tokenize.TokenError:
        return


def _with_signature(text: str, line: int, original: str) -> str | None:
    scope = scope_at(text, line)
    new, old = _header(text, scope), _header(original, scope)
    if new is None or old is None:
        return None
    lines = text.split("\n")
    lines[new.start - 1 : new.stop - 1] = original.split("\n")[old.start - 1 : old.stop - 1]
    return "\n".join(lines)


def signature_of(text: str, scope: str) -> str:
    """The header of a function as it is written, without layout; empty where there is none."""
    header = _header(text, scope)
    if header is None:
        return ""
    return "".join("".join(text.split("\n")[header.start - 1 : header.stop - 1]).split())


def _header(text: str, scope: str) -> range | None:
    lines = function_lines(text, scope) if scope else None
    if lines is None:
        return None
    for node in SourceTree(text).functions():
        if lines[0] <= node.lineno <= lines[1] and node.end_lineno == lines[1]:
            found = header_lines(node)
            return found if found.stop <= lines[1] else None
    return None


def _exactly(code: str) -> str:
    """A pattern for a piece of code that is not a part of a longer name or sign."""
    escaped = re.escape(code)
    before = r"(?<!\w)" if code[0].isalnum() or code[0] == "_" else ""
    after = r"(?!\w)" if code[-1].isalnum() or code[-1] == "_" else ""
    if _SIGNS.fullmatch(code) and not any(sign in code for sign in "()[]{},:"):
        before, after = r"(?<![-+*/%<>=!])", r"(?![-+*/%<>=!])"
    return before + escaped + after


def _without_strings(line: str) -> str:
    return re.sub(r"'[^']*'|\"[^\"]*\"|#.*|->", "", line)
