"""Which lines of a Python file hold statements, in which function, and what the file imports. Pure."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from core.types import RelPath


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement without its nested blocks. Lines count from 1, both ends included."""

    first: int
    last: int
    function: str
    """Dotted name of the innermost function or class around it, empty at module level."""
    words: frozenset[str]
    """Names, attributes and literals (as their source shows them) of its own expressions."""


@dataclass(frozen=True, slots=True)
class FileMap:
    """The statements of a file, in order, definitions and imports left out."""

    statements: tuple[Statement, ...]
    imports: frozenset[str]
    """Dotted module names, relative ones with their leading dots; ``from a import b`` gives a and a.b."""
    parses: bool = True

    def at(self, line: int) -> Statement | None:
        """The smallest statement that holds a line."""
        holding = [s for s in self.statements if s.first <= line <= s.last]
        return min(holding, key=lambda s: s.last - s.first, default=None)


def map_file(source: str) -> FileMap:
    """Parse a file; one that does not parse has no statements and no imports."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return FileMap((), frozenset(), parses=False)
    statements: list[Statement] = []
    imports: set[str] = set()
    pending: list[tuple[ast.AST, str]] = [(tree, "")]
    while pending:
        node, function = pending.pop()
        inner = function
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            inner = f"{function}.{node.name}" if function else node.name
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            imports |= _imported(node)
        elif isinstance(node, ast.stmt) and not _is_text(node):
            statements.append(_statement(node, function))
        pending += [(child, inner) for child in ast.iter_child_nodes(node) if _may_hold(child)]
    return FileMap(tuple(sorted(statements, key=lambda s: s.first)), frozenset(imports))


def imported_paths(
    imports: Iterable[str], importer: RelPath, paths: Iterable[RelPath]
) -> tuple[RelPath, ...]:
    """The repository's files that an import may mean, by the end of their dotted path."""
    wanted = {_absolute(name, importer) for name in imports}
    found: list[RelPath] = []
    for path in paths:
        parts = PurePosixPath(path).with_suffix("").parts
        if parts and parts[-1] == "__init__":
            parts = parts[:-1]
        if any(".".join(parts[i:]) in wanted for i in range(len(parts))):
            found.append(path)
    return tuple(found)


def maps_of(sources: Mapping[RelPath, str], paths: Iterable[RelPath]) -> dict[RelPath, FileMap]:
    """Map those of ``paths`` that are Python files among ``sources``."""
    return {p: map_file(sources[p]) for p in dict.fromkeys(paths) if p.endswith(".py") and p in sources}


def _statement(node: ast.stmt, function: str) -> Statement:
    last = node.end_lineno or node.lineno
    body = getattr(node, "body", None)
    if body:
        last = max(node.lineno, body[0].lineno - 1)
    words: set[str] = set()
    queue = [c for c in ast.iter_child_nodes(node) if not isinstance(c, (ast.stmt, ast.match_case))]
    while queue:
        part = queue.pop()
        if isinstance(part, ast.Name):
            words.add(part.id)
        elif isinstance(part, ast.Attribute):
            words.add(part.attr)
        elif isinstance(part, ast.Constant) and part.value not in (None, True, False, "", 0, 1):
            words.add(str(part.value))
        queue += [c for c in ast.iter_child_nodes(part) if not isinstance(c, ast.stmt)]
    return Statement(node.lineno, last, function, frozenset(words))


def _imported(node: ast.Import | ast.ImportFrom) -> set[str]:
    if isinstance(node, ast.Import):
        return {alias.name for alias in node.names}
    base = "." * node.level + (node.module or "")
    joint = "" if base.endswith(".") or not base else "."
    return {base, *(f"{base}{joint}{alias.name}" for alias in node.names)} - {""}


def _absolute(name: str, importer: RelPath) -> str:
    level = len(name) - len(name.lstrip("."))
    if not level:
        return name
    package = PurePosixPath(importer).parts[:-1]
    kept = package[: len(package) - level + 1]
    return ".".join((*kept, *filter(None, name.lstrip(".").split("."))))


def _may_hold(node: ast.AST) -> bool:
    return isinstance(node, (ast.stmt, ast.ExceptHandler, ast.match_case))


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
