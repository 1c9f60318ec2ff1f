"""Functions that nobody has written yet. Pure."""

from __future__ import annotations

import ast
from typing import Final

from core.search.splice import FunctionNode, parse_quietly

_UNWRITTEN: Final = ("NotImplementedError", "NotImplemented")


def is_stub(code: str) -> bool:
    """Whether the text of one function does nothing yet, see :func:`does_nothing`."""
    try:
        body = parse_quietly(code).body
    except SyntaxError:
        return False
    if len(body) != 1 or not isinstance(body[0], (ast.FunctionDef, ast.AsyncFunctionDef)):
        return False
    return does_nothing(body[0])


def does_nothing(function: FunctionNode) -> bool:
    """Whether it has no statement but its description, ``...``, ``pass``, and ``raise
    NotImplementedError``."""
    return all(_is_nothing(statement) for statement in function.body)


def _is_nothing(statement: ast.stmt) -> bool:
    match statement:
        case ast.Pass() | ast.Expr(value=ast.Constant()):
            return True
        case ast.Raise(exc=ast.Name(id=name) | ast.Call(func=ast.Name(id=name))):
            return name in _UNWRITTEN
        case ast.Return(value=ast.Name(id="NotImplemented")):
            return True
        case _:
            return False
