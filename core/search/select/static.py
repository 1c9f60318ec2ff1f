"""What a patch leaves behind that a linter would name: dead code, names that nobody reads. Pure."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from core.search.splice import blocks, parse_quietly
from core.types import RelPath

_LEAVES = (ast.Return, ast.Raise, ast.Continue, ast.Break)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def static_delta(before: Mapping[RelPath, str], after: Mapping[RelPath, str]) -> int:
    """How many such complaints there are more than before; never below 0."""
    return max(
        0,
        sum(_complaints(text) - _complaints(before.get(path, "")) for path, text in after.items()),
    )


def _complaints(text: str) -> int:
    try:
        tree = parse_quietly(text)
    except SyntaxError:
        return 0
    return _unreachable(tree) + _useless(tree) + sum(_unread(node) for node in _functions(tree))


def _functions(tree: ast.Module) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [node for node in ast.walk(tree) if isinstance(node, _FUNCTIONS)]


def _unreachable(tree: ast.Module) -> int:
    return sum(
        len(block) - 1 - place
        for node in ast.walk(tree)
        for block in blocks(node)
        for place, statement in enumerate(block)
        if isinstance(statement, _LEAVES)
    )


def _useless(tree: ast.Module) -> int:
    """Statements without effect (``x == 1``, ``x = x``), and comparisons of a thing with itself."""
    count = 0
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr):
            count += isinstance(node.value, (ast.Compare, ast.BinOp, ast.Name))
        elif isinstance(node, ast.Assign) and len(node.targets) == 1:
            count += ast.unparse(node.targets[0]) == ast.unparse(node.value)
        elif isinstance(node, ast.Compare) and len(node.comparators) == 1:
            count += ast.dump(node.left) == ast.dump(node.comparators[0])
    return count


def _unread(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Plain local names that are written and never read."""
    names = [node for node in ast.walk(function) if isinstance(node, ast.Name)]
    outer = {
        name
        for node in ast.walk(function)
        if isinstance(node, (ast.Global, ast.Nonlocal))
        for name in node.names
    }
    read = {node.id for node in names if not isinstance(node.ctx, ast.Store)}
    written = {node.id for node in names if isinstance(node.ctx, ast.Store)}
    grown = {
        node.target.id
        for node in ast.walk(function)
        if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name)
    }
    return sum(1 for name in written - read - outer - grown if not name.startswith("_"))
