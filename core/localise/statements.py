"""Which lines of a Python file hold statements, in which function, what each reads, writes, calls and
controls, and what the file imports. Pure."""

from __future__ import annotations

import ast
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePosixPath
from typing import Final, TypeAlias

from core.parsing import parse
from core.types import RelPath

Node: TypeAlias = ast.stmt | ast.ExceptHandler

_HOLDERS = 8
"""How many statements may begin on or above a line, and after the one that holds it."""


@dataclass(frozen=True, slots=True)
class Uses:
    """What the own expressions of a statement name."""

    words: frozenset[str]
    """Names, attributes and literals, as their source shows them."""
    reads: frozenset[str]
    """Variables, and attributes of ``self`` as ``self.name``, whose values it uses."""
    writes: frozenset[str]
    """Those that it binds or, as far as its form shows, changes: ``x[i] = …``, ``x.append(…)``."""
    calls: frozenset[str]
    """Last names of what it calls, or may call: ``x[0]`` calls ``__getitem__``, and ``x.name`` may be a
    property's name."""
    yields: bool
    parts: int
    """How many operators, constants, names, calls and subscripts it has."""


@dataclass(frozen=True)
class Statement:
    """One statement without its nested blocks, the head of an ``except`` block, or the head of a
    function whose parameters have defaults. Lines count from 1, both ends included."""

    first: int
    last: int
    function: str
    """Dotted name of the innermost function or class around it, empty at module level."""
    node: Node
    within: int
    """First line of the statement whose block it is in; 0 for a function's or a module's own."""

    @cached_property
    def uses(self) -> Uses:
        """Looked up when it is asked for: of a large file, few statements are."""
        return uses_of(self.node)

    @property
    def branches(self) -> tuple[int, int]:
        """First lines of its block and of its ``else`` block, where it decides between them; else 0."""
        node = self.node
        if not isinstance(node, (ast.If, ast.While, ast.For, ast.AsyncFor)):
            return 0, 0
        return node.body[0].lineno, node.orelse[0].lineno if node.orelse else 0


@dataclass(frozen=True, slots=True)
class FileMap:
    """The statements of a file, in order, classes and imports left out."""

    statements: tuple[Statement, ...]
    imports: frozenset[str]
    """Dotted module names, relative ones with their leading dots; ``from a import b`` gives a and a.b."""
    classes: frozenset[str] = frozenset()
    """Dotted names."""
    parses: bool = True
    arguments: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Names of parameters by dotted function."""

    def at(self, line: int) -> Statement | None:
        """The smallest statement that holds a line."""
        # Those that hold it begin at most a few statements above: a text or a call over many lines.
        end = bisect_right(self.statements, line, key=lambda s: s.first)
        near = self.statements[max(0, end - _HOLDERS) : end]
        holding = [s for s in near if line <= s.last]
        return min(holding, key=lambda s: (s.last - s.first, -s.first), default=None)

    def is_shared(self, statement: Statement) -> bool:
        """Whether it belongs to the module or a class, and so ran before any test."""
        return not statement.function or statement.function in self.classes


def map_file(source: str) -> FileMap:
    """Parse a file; one that does not parse has no statements and no imports."""
    try:
        tree = parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return FileMap((), frozenset(), frozenset(), parses=False)
    statements: list[Statement] = []
    imports: set[str] = set()
    classes: set[str] = set()
    arguments: dict[str, frozenset[str]] = {}
    pending: list[tuple[ast.AST, str, int]] = [(tree, "", 0)]
    while pending:
        node, function, within = pending.pop()
        inner = function
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            inner, within = (f"{function}.{node.name}" if function else node.name), 0
            if isinstance(node, ast.ClassDef):
                classes.add(inner)
            else:
                arguments[inner] = _parameters(node.args)
                if node.args.defaults or any(node.args.kw_defaults):
                    statements.append(_statement(node, inner, 0))
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            imports |= _imported(node)
        elif isinstance(node, (ast.stmt, ast.ExceptHandler)) and not _is_text(node):
            statements.append(_statement(node, function, within))
            within = node.lineno
        pending += [(child, inner, within) for child in ast.iter_child_nodes(node) if _may_hold(child)]
    statements.sort(key=lambda s: s.first)
    return FileMap(tuple(statements), frozenset(imports), frozenset(classes), arguments=arguments)


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


def _statement(node: Node, function: str, within: int) -> Statement:
    last = node.end_lineno or node.lineno
    if body := getattr(node, "body", None):
        last = max(node.lineno, body[0].lineno - 1)
    return Statement(node.lineno, last, function, node, within)


def uses_of(node: Node) -> Uses:
    """Look through a statement, its nested blocks left out; of a function's head, the defaults."""
    words: set[str] = set()
    reads: set[str] = set()
    writes: set[str] = set()
    calls: set[str] = set()
    yields, parts = False, 0
    queue = [c for c in ast.iter_child_nodes(node) if not _may_hold(c)]
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        queue = [*node.args.defaults, *filter(None, node.args.kw_defaults)]
    if isinstance(node, ast.AugAssign):
        reads |= _targets(node.target)
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        called = node.value.func
        if isinstance(called, ast.Attribute):
            writes |= _targets(called.value)
    while queue:
        part = queue.pop()
        match part:
            case ast.Name(id=name, ctx=context):
                words.add(name)
                (reads if isinstance(context, ast.Load) else writes).add(name)
            case ast.Attribute(attr=name, ctx=context):
                words.add(name)
                (reads if isinstance(context, ast.Load) else writes).update(_targets(part))
                calls.add(name)
            case ast.Subscript(ctx=context):
                calls.add(_ITEM[type(context)])
                if not isinstance(context, ast.Load):
                    writes |= _targets(part)
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
                calls.add(_BUILT_IN.get(name, name))
            case ast.Constant(value=value) if value not in (None, True, False, "", 0, 1):
                words.add(str(value))
            case ast.Yield() | ast.YieldFrom():
                yields = True
            case ast.operator() | ast.cmpop() if method := _METHODS.get(type(part)):
                calls.add(method)
        parts += isinstance(part, _CHANGEABLE)
        queue += [c for c in ast.iter_child_nodes(part) if not isinstance(c, ast.stmt)]
    return Uses(frozenset(words), frozenset(reads), frozenset(writes), frozenset(calls), yields, parts)


_ITEM: Final = {ast.Load: "__getitem__", ast.Store: "__setitem__", ast.Del: "__delitem__"}
_METHODS: Final = {
    ast.Add: "__add__",
    ast.Sub: "__sub__",
    ast.Mult: "__mul__",
    ast.Div: "__truediv__",
    ast.FloorDiv: "__floordiv__",
    ast.Mod: "__mod__",
    ast.BitOr: "__or__",
    ast.BitAnd: "__and__",
    ast.Eq: "__eq__",
    ast.NotEq: "__eq__",
    ast.Lt: "__lt__",
    ast.LtE: "__le__",
    ast.Gt: "__gt__",
    ast.GtE: "__ge__",
    ast.In: "__contains__",
    ast.NotIn: "__contains__",
}
_BUILT_IN: Final = {
    "len": "__len__",
    "iter": "__iter__",
    "list": "__iter__",
    "next": "__next__",
    "bool": "__bool__",
    "hash": "__hash__",
    "repr": "__repr__",
    "str": "__str__",
}
_CHANGEABLE = (
    *(ast.operator, ast.cmpop, ast.boolop, ast.unaryop),
    *(ast.Constant, ast.Name, ast.Attribute, ast.Call, ast.Subscript),
)


def _targets(node: ast.expr) -> set[str]:
    """The variable, or the attribute of ``self``, that an expression is a part of."""
    while True:
        match node:
            case ast.Name(id=name):
                return {name}
            case ast.Attribute(value=ast.Name(id="self"), attr=name):
                return {f"self.{name}"}
            case ast.Attribute(value=inner) | ast.Subscript(value=inner) | ast.Starred(value=inner):
                node = inner
            case _:
                return set()


def _parameters(arguments: ast.arguments) -> frozenset[str]:
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    every += [extra for extra in (arguments.vararg, arguments.kwarg) if extra is not None]
    return frozenset(argument.arg for argument in every)


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


def _is_text(node: Node) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
