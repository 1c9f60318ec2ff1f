"""The one run of simple statements in which two texts of a file differ. Pure."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from core.repo.hunks import common_ends
from core.search.operators.lines import block_of, stands_alone
from core.search.splice import FunctionNode, SourceTree, blocks

LONGEST: Final = 3
"""Statements on either side; more is no small change."""
_SIMPLE: Final = (
    ast.Assign,
    ast.AugAssign,
    ast.AnnAssign,
    ast.Expr,
    ast.Return,
    ast.Raise,
    ast.Delete,
    ast.Break,
    ast.Continue,
    ast.Pass,
)
_FUNCTIONS: Final = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True, slots=True)
class ChangedRun:
    """Statements of one block of a function: ``old`` became ``new``; either may be empty."""

    function: FunctionNode
    """As it was."""
    anchor: ast.stmt
    """The first of ``old``; where there is none, the statement that ``new`` stands before, or with
    ``behind`` after."""
    behind: bool
    old: tuple[ast.stmt, ...]
    new: tuple[ast.stmt, ...]
    bound: frozenset[str]
    """Names of the function that mean something before it: parameters, and what is bound above."""

    @property
    def line(self) -> int:
        return self.anchor.lineno


def changed_run(before: SourceTree, after: SourceTree) -> ChangedRun | None:
    """``None`` where the texts differ in more than that, in none, or outside of functions."""
    old, new = before.tree.body, after.tree.body
    while True:
        head, tail = common_ends(_dumped(old), _dumped(new))
        gone, come = old[head : len(old) - tail], new[head : len(new) - tail]
        if len(gone) != 1 or len(come) != 1 or isinstance(gone[0], _SIMPLE):
            break
        inner = _inner(gone[0], come[0])
        if inner is None:
            return None
        old, new = inner
    if all(isinstance(statement, ast.Pass) for statement in come):
        come = []
    anchor = gone[0] if gone else old[head] if head < len(old) else old[-1] if old else None
    function = before.function_of(anchor) if anchor is not None else None
    if anchor is None or function is None or not (gone or come) or max(len(gone), len(come)) > LONGEST:
        return None
    if not all(_is_plain(before, s) for s in gone) or not all(_is_plain(after, s) for s in come):
        return None
    if not stands_alone(before, anchor) or block_of(before, anchor) is None:
        return None
    if isinstance(anchor, ast.If) and before.text.startswith("elif", before.span(anchor)[0]):
        return None
    behind = not gone and head >= len(old)
    bound = _bound(function, anchor.lineno)
    return ChangedRun(function, anchor, behind, tuple(gone), tuple(come), bound)


def _inner(one: ast.stmt, other: ast.stmt) -> tuple[list[ast.stmt], list[ast.stmt]] | None:
    """The one block in which two statements differ; ``None`` where there is another difference."""
    if type(one) is not type(other) or _head(one) != _head(other):
        return None
    pairs = list(zip(blocks(one), blocks(other), strict=False))
    if len(pairs) != len(list(blocks(one))) or len(pairs) != len(list(blocks(other))):
        return None
    differing = [pair for pair in pairs if _dumped(pair[0]) != _dumped(pair[1])]
    return differing[0] if len(differing) == 1 else None


def _head(statement: ast.stmt) -> str:
    """A statement without its blocks."""
    parts = [
        ast.dump(child)
        for child in ast.iter_child_nodes(statement)
        if not isinstance(child, (ast.stmt, ast.ExceptHandler, ast.match_case))
    ]
    parts += [ast.dump(handler.type) for handler in getattr(statement, "handlers", ()) if handler.type]
    return "\n".join([getattr(statement, "name", ""), *parts])


def _dumped(block: Sequence[ast.stmt]) -> list[str]:
    return [ast.dump(statement) for statement in block]


def _is_plain(tree: SourceTree, statement: ast.stmt) -> bool:
    """Whole lines of its own that may be indented: no text in it goes over several."""
    texts = (n for n in ast.walk(statement) if isinstance(n, (ast.Constant, ast.JoinedStr)))
    over = any(node.lineno != node.end_lineno for node in texts)
    return isinstance(statement, _SIMPLE) and stands_alone(tree, statement) and not over


def _bound(function: FunctionNode, line: int) -> frozenset[str]:
    arguments = function.args
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    every += [extra for extra in (arguments.vararg, arguments.kwarg) if extra is not None]
    stored = {
        node.id
        for node in ast.walk(function)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.lineno < line
    }
    return frozenset({argument.arg for argument in every} | stored)
