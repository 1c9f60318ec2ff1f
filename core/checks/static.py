"""What a patch newly reaches for that no honest fix of it needs; pure, by syntax tree.

The run itself shows most cheats (docs/verdict.md). What it cannot show is code that gives the right
answer to the wrong question: *is a test looking?*, *what does the test expect?*. Such code has to
name something: the test framework, the stack, the interpreter's tables, the test's file. A name that
the file did not use before makes a green candidate suspicious, and the user decides.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator
from pathlib import PurePosixPath

from core.checks.powers import (
    ANYTHING,
    ATTRIBUTES,
    BUILTINS,
    COMPARISONS,
    MODULES,
    NAMES,
    RAISED,
    SECRET_NAMES,
    TEXTS,
    is_standard,
)
from core.parsing import parse
from core.types import FileChange, NodeId, Patch, RelPath

SHOWN = 4
SHORTEST_TEST_NAME = 6
"""Names of tests shorter than this (``test_a``) are too common in other strings."""

_Function = ast.FunctionDef | ast.AsyncFunctionDef


def doubts(patch: Patch, tests: Collection[NodeId]) -> tuple[str, ...]:
    """Reasons, one sentence for each file, from what ``patch`` newly uses. ``tests`` are the ids of
    all tests, for the names of their files and functions."""
    names = _names_of(tests)
    reasons = []
    for change in patch.changes:
        if change.after is None or not change.path.endswith(".py"):
            continue
        new = sorted(_uses(change.after, names) - _uses(change.before or b"", names))
        if new:
            more = f" and {len(new) - SHOWN} more" if len(new) > SHOWN else ""
            reasons.append(f"{change.path} newly uses {', '.join(new[:SHOWN])}{more}.")
    return tuple(reasons)


def shadows(change: FileChange) -> str:
    """The module of the standard library or of the test framework in whose place a new file would be
    imported; empty where there is none."""
    if change.before is not None or not change.path.endswith((".py", ".so")):
        return ""
    parts = PurePosixPath(change.path).parts
    top = parts[1] if parts[0] == "src" and len(parts) > 1 else parts[0]
    name = top.split(".", 1)[0]
    return name if is_standard(name) else ""


def _names_of(tests: Collection[NodeId]) -> frozenset[str]:
    found: set[str] = set()
    for test in tests:
        path, *names = test.split("[", 1)[0].split("::")
        found.add(PurePosixPath(path).stem)
        found.update(names)
    return frozenset(name for name in found if len(name) >= SHORTEST_TEST_NAME)


def _uses(source: bytes, tests: frozenset[str]) -> set[str]:
    try:
        tree = parse(source)
    except (SyntaxError, ValueError):
        return set()
    return set(_Uses(tree, tests).all())


class _Uses:
    """Everything that one file reaches for, in words."""

    def __init__(self, tree: ast.Module, tests: frozenset[str]) -> None:
        self._tree = tree
        self._tests = tests
        self._aliases: dict[str, str] = {}
        self._docstrings: set[int] = set()

    def all(self) -> Iterator[str]:
        for node in ast.walk(self._tree):
            if isinstance(node, ast.Import | ast.ImportFrom):
                yield from self._imported(node)
            if isinstance(node, ast.Module | ast.ClassDef | _Function) and node.body:
                first = node.body[0]
                if isinstance(first, ast.Expr):
                    self._docstrings.add(id(first.value))
        for node in ast.walk(self._tree):
            yield from self._used(node)

    def _imported(self, node: ast.Import | ast.ImportFrom) -> Iterator[str]:
        if isinstance(node, ast.Import):
            for alias in node.names:
                self._aliases[alias.asname or alias.name.split(".")[0]] = (
                    alias.name if alias.asname else alias.name.split(".")[0]
                )
                yield from _module_words(alias.name)
        elif node.module and not node.level:
            for alias in node.names:
                name = f"{node.module}.{alias.name}"
                self._aliases[alias.asname or alias.name] = name
                yield from _module_words(name)
                if name in NAMES:
                    yield name

    def _used(self, node: ast.AST) -> Iterator[str]:
        match node:
            case ast.Attribute():
                name = self._dotted(node)
                if name in NAMES:
                    yield name
                if node.attr in ATTRIBUTES:
                    yield f".{node.attr}"
                if isinstance(node.ctx, ast.Store | ast.Del):
                    yield from self._replaced(node)
            case ast.Subscript(ctx=ast.Store() | ast.Del()):
                if isinstance(node.value, ast.Attribute) and node.value.attr == "__dict__":
                    yield "a change of __dict__"
            case ast.Name(id=name) if name in BUILTINS and name not in self._aliases:
                yield name
            case ast.Raise(exc=ast.Name(id=name) | ast.Call(func=ast.Name(id=name))) if name in RAISED:
                yield f"raise {name}"
            case ast.Constant(value=str(text)) if id(node) not in self._docstrings:
                yield from self._said(text)
            case ast.Call(func=ast.Name(id="getattr" | "setattr" | "delattr"), args=[first, *_]):
                home = self._dotted(first)
                if home and is_standard(home):
                    yield f"{ast.unparse(node.func)} on {home}"
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                yield from _answers(node)
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Lambda(body=body)):
                if name in COMPARISONS and _is_yes(body):
                    yield f"{name} that is always true"
                elif name in ANYTHING and isinstance(body, ast.Name):
                    yield f"{name} that gives anything"

    def _said(self, text: str) -> Iterator[str]:
        lower = text.lower()
        yield from (f'"{part}" in a string' for part in TEXTS if part in lower)
        yield from (f'the test\'s name "{name}" in a string' for name in self._tests if name in text)
        if text in SECRET_NAMES:
            yield f'"{text}" in a string'

    def _replaced(self, node: ast.Attribute) -> Iterator[str]:
        name = self._dotted(node)
        if name and is_standard(name):
            yield f"a new {name}"
        elif node.attr == "__class__":
            yield "a new __class__"

    def _dotted(self, node: ast.AST) -> str:
        """The full name of what an expression names, through the imports; empty where unknown."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name) or node.id not in self._aliases:
            return ""
        return ".".join([self._aliases[node.id], *reversed(parts)])


def _module_words(name: str) -> Iterator[str]:
    parts = name.split(".")
    for count in range(1, len(parts) + 1):
        if ".".join(parts[:count]) in MODULES:
            yield ".".join(parts[:count])
            return


def _answers(node: _Function) -> Iterator[str]:
    """A comparison or attribute method whose every answer is the same."""
    returned = [inner.value for inner in ast.walk(node) if isinstance(inner, ast.Return)]
    if node.name in COMPARISONS and returned and all(_is_yes(value) for value in returned):
        yield f"{node.name} that is always true"
    elif node.name in {"__instancecheck__", "__subclasscheck__", "__class__"}:
        yield node.name
    elif node.name in ANYTHING and returned:
        own = node.args.args[0].arg if node.args.args else ""
        if all(isinstance(value, ast.Name) and value.id == own for value in returned):
            yield f"{node.name} that gives anything"


def _is_yes(value: ast.expr | None) -> bool:
    return isinstance(value, ast.Constant) and bool(value.value)


def files_with_tests(tests: Collection[NodeId]) -> frozenset[RelPath]:
    """Files that hold tests, by the ids of those that were collected.

    A doctest's file is not among them: it is the code itself.
    """
    return frozenset(test.partition("::")[0] for test in tests if "::" in test and not _is_doctest(test))


def files_with_doctests(tests: Collection[NodeId]) -> frozenset[RelPath]:
    """Files whose docstrings, or whose text, were collected as tests."""
    return frozenset(test.partition("::")[0] for test in tests if "::" in test and _is_doctest(test))


def _is_doctest(test: NodeId) -> bool:
    path, _, names = test.partition("::")
    name = names.split("[", 1)[0]
    return "." in name or name == PurePosixPath(path).stem
