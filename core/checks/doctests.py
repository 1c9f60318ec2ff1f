"""Doctests live in the code that they test: a patch may change what is around them, not them; pure."""

from __future__ import annotations

import ast
import doctest
from collections import Counter
from collections.abc import Iterator

from core.parsing import parse
from core.types import FileChange

_PARSER = doctest.DocTestParser()
_OTHER_WAYS = ("__doc__", "__test__")
"""By which code gives itself other examples when it is imported."""


def weakens_doctests(change: FileChange) -> bool:
    """Whether a file that holds doctests has lost or altered one of them.

    Text files are examples as a whole. A Python file that cannot be parsed here is left to the tests.
    """
    if change.before is None:
        return False
    if change.after is None or not change.path.endswith(".py"):
        return True
    try:
        before, after = _parsed(change.before), _parsed(change.after)
    except (SyntaxError, ValueError):
        return False
    if Counter(_examples(before)) - Counter(_examples(after)):
        return True
    return any(
        change.after.count(way.encode()) > change.before.count(way.encode()) for way in _OTHER_WAYS
    )


def _parsed(source: bytes) -> ast.Module:
    return parse(source)


def _examples(tree: ast.AST, name: str = "") -> Iterator[tuple[str, str, str]]:
    """Where each example stands, its code and what it wants."""
    if isinstance(tree, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
        text = ast.get_docstring(tree) or ""
        try:
            for example in _PARSER.get_examples(text):
                yield name, example.source, example.want
        except ValueError:  # pytest cannot read it either
            yield name, text, ""
    for node in ast.iter_child_nodes(tree):
        own = getattr(node, "name", "")
        yield from _examples(node, f"{name}.{own}" if own else name)
