"""``ast.parse`` for a program with threads. Standard library only.

WORKAROUND for https://github.com/python/cpython/issues/106905: Python counts how deep it is in a tree
in one place for all threads, so two that parse at once may end each other with ``SystemError: AST
constructor recursion depth mismatch``. Proposers parse in threads side by side, and whoever met it was
out of the search. It can go when the oldest Python supported is 3.11.8 or 3.12.2.
"""

from __future__ import annotations

import ast
import threading
import warnings
from typing import Final

_ONE_AT_A_TIME: Final = threading.RLock()
"""Of the process, as what it guards is. Parsing holds the interpreter's own lock nearly all the time, so
waiting costs nothing."""


def parse(source: str | bytes) -> ast.Module:
    """The tree of a file, without the warnings that odd but valid literals raise.

    Raises SyntaxError, ValueError (null bytes), RecursionError or MemoryError, as ``ast.parse`` does.
    """
    with _ONE_AT_A_TIME, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(source)


def parse_expression(source: str) -> ast.Expression:
    """The tree of one expression. Raises as :func:`parse` does."""
    with _ONE_AT_A_TIME, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(source, mode="eval")


def literal(text: str) -> object:
    """The value of a literal. Raises as ``ast.literal_eval`` does, ValueError for what is none."""
    value: object = ast.literal_eval(parse_expression(text.lstrip(" \t")))
    return value
