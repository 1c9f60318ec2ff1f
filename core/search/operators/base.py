"""A mutation, and the site at which an operator looks."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from core.search.operators.priors import priors
from core.search.operators.scope import Scope
from core.search.operators.wording import replacement
from core.search.splice import SourceTree, Splice, parse_quietly

_LOOSE = (ast.Name, ast.Constant, ast.Call, ast.Attribute, ast.Subscript, ast.List, ast.Dict, ast.Set)
_LOOSE_PARENTS = (
    ast.Return,
    ast.Assign,
    ast.AugAssign,
    ast.AnnAssign,
    ast.Expr,
    ast.If,
    ast.While,
    ast.Yield,
    ast.keyword,
    ast.ExceptHandler,
)


@dataclass(frozen=True, slots=True)
class Mutation:
    """One small change of one file. ``title`` says it in words, without path and line; ``weight`` is
    the operator's prior times how plausible this choice among its choices is, in 0..1."""

    operator: str
    line: int
    title: str
    splices: tuple[Splice, ...]
    weight: float


@dataclass(frozen=True, slots=True)
class Site:
    """Where an operator works: a statement of a file and what is in scope there."""

    tree: SourceTree
    scope: Scope
    statement: ast.stmt

    def code(self, node: ast.expr | ast.stmt) -> str:
        return self.tree.code(node)

    def parent(self, node: ast.AST) -> ast.AST | None:
        return self.tree.parents.get(node)

    def replace(
        self, operator: str, node: ast.expr, text: str, title: str = "", plausibility: float = 1.0
    ) -> Mutation:
        """Put ``text`` where ``node`` stands, in parentheses where precedence needs them."""
        start, end = self.tree.span(node)
        title = title or replacement(self.code(node), text)
        splice = Splice(start, end, self._fit(node, text))
        return Mutation(operator, node.lineno, title, (splice,), priors()[operator] * plausibility)

    def splice(
        self, operator: str, line: int, title: str, splices: tuple[Splice, ...], plausibility: float = 1.0
    ) -> Mutation:
        return Mutation(operator, line, title, splices, priors()[operator] * plausibility)

    def _fit(self, node: ast.expr, text: str) -> str:
        value = _expression(text)
        if value is None or isinstance(value, _LOOSE):
            return text
        parent = self.parent(node)
        if isinstance(parent, _LOOSE_PARENTS):
            return text
        if (
            isinstance(parent, ast.Call)
            and node in parent.args
            and not isinstance(value, ast.GeneratorExp)
        ):
            return text
        if isinstance(parent, ast.For) and node is parent.iter:
            return text
        if isinstance(parent, (ast.Subscript, ast.Slice)) and node is not getattr(parent, "value", None):
            return text
        if isinstance(value, (ast.BinOp, ast.UnaryOp)) and isinstance(parent, (ast.Compare, ast.BoolOp)):
            return (
                text
                if not isinstance(value, ast.UnaryOp) or isinstance(value.op, ast.USub)
                else f"({text})"
            )
        if isinstance(value, ast.Compare) and isinstance(parent, ast.BoolOp):
            return text
        start, end = self.tree.span(node)
        before, after = self.tree.text[:start].rstrip()[-1:], self.tree.text[end:].lstrip()[:1]
        return text if before in ("(", "[") and after in (")", "]") else f"({text})"


Operator: TypeAlias = Callable[[Site, ast.expr], Iterator[Mutation]]
"""Looks at one expression of the site's statement."""
StatementOperator: TypeAlias = Callable[[Site], Iterator[Mutation]]
"""Looks at the site's statement as a whole."""


@lru_cache(maxsize=8192)
def _expression(text: str) -> ast.expr | None:
    """The tree of an expression; to be looked at only. Many sites offer the same texts."""
    try:
        first = parse_quietly(text).body[0]
    except (SyntaxError, IndexError):
        return None
    return first.value if isinstance(first, ast.Expr) else None


def is_int(node: ast.AST) -> bool:
    """An integer literal (``True`` is none)."""
    return isinstance(node, ast.Constant) and type(node.value) is int


def can_be_number(node: ast.expr) -> bool:
    """Could stand for a number: names, attributes, subscripts, calls, arithmetic, number literals."""
    if isinstance(node, ast.Constant):
        return type(node.value) in (int, float)
    return isinstance(node, (ast.Name, ast.Attribute, ast.Subscript, ast.Call, ast.BinOp, ast.UnaryOp))
