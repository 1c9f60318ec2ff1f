"""A rule's vocabulary: what went wrong and where, what may be looked at, what is to be written."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from core.search.operators.base import Site
from core.search.operators.lines import block_of, indent_of, line_span, stands_alone
from core.search.operators.scope import Scope, ScopeFinder
from core.search.operators.wording import replacement, shown
from core.search.splice import FunctionNode, SourceTree, Splice, header_lines, own_expressions
from core.types import RelPath, Suspect

CLOSE: Final = 0.6
"""How alike two names must be, by difflib's ratio, for one to be a slip for the other."""
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True, slots=True)
class Trouble:
    """One cause that failures name: an exception's class and words. ``places`` are the lines of
    editable files on its traceback, innermost first; none where only tests are on it."""

    kind: str
    text: str
    places: tuple[tuple[RelPath, int], ...]
    test: RelPath = ""


@dataclass(frozen=True, slots=True)
class Rewrite:
    """One idea. ``weight`` orders ideas, in 0..1."""

    path: RelPath
    line: int
    title: str
    splices: tuple[Splice, ...]
    weight: float


@dataclass(frozen=True, slots=True)
class Spot:
    """A statement of a file in which a trouble came up."""

    path: RelPath
    statement: ast.stmt
    scene: Scene
    share: float
    """How near it is to where the exception was raised: 1 there, less further out."""

    @property
    def tree(self) -> SourceTree:
        return self.scene.trees[self.path]

    @property
    def function(self) -> FunctionNode | None:
        statement = self.statement
        return statement if isinstance(statement, _FUNCTIONS) else self.tree.function_of(statement)

    @property
    def scope(self) -> Scope:
        return self.scene.scope(self.path, self.function)

    @property
    def site(self) -> Site:
        return Site(self.tree, self.scope, self.statement)

    def code(self, node: ast.expr | ast.stmt) -> str:
        return self.tree.code(node)

    def nodes(self) -> Iterator[ast.expr]:
        """The expressions of the statement, outermost first."""
        return own_expressions(self.statement)

    def replace(self, node: ast.expr, text: str, weight: float, title: str = "") -> Iterator[Rewrite]:
        """Put ``text`` in the place of an expression, in parentheses where it needs them."""
        if text == self.code(node):
            return
        title = title or replacement(self.code(node), text)
        mutation = self.site.replace("reuse", node, text, title)
        yield Rewrite(self.path, node.lineno, title, mutation.splices, weight * self.share)

    def splice(self, line: int, title: str, splices: Iterable[Splice], weight: float) -> Rewrite:
        return Rewrite(self.path, line, title, tuple(splices), weight * self.share)

    def before(self, text: str, weight: float, title: str = "") -> Iterator[Rewrite]:
        """Insert lines before the statement; ``text`` has no indentation of its own."""
        yield from self.insert_before(self.statement, text, weight, title)

    def insert_before(
        self, statement: ast.stmt, text: str, weight: float, title: str = ""
    ) -> Iterator[Rewrite]:
        tree = self.tree
        is_elif = isinstance(statement, ast.If) and tree.text.startswith("elif", tree.span(statement)[0])
        if is_elif or not stands_alone(tree, statement):
            return
        start = line_span(tree, statement)[0]
        lines = "".join(f"{indent_of(tree, statement)}{line}\n" for line in text.split("\n"))
        title = title or f"insert {shown(text)}"
        yield self.splice(statement.lineno, title, (Splice(start, start, lines),), weight)

    def rewrite(self, text: str, weight: float, title: str = "") -> Iterator[Rewrite]:
        """Put lines in the place of a whole simple statement."""
        tree, statement = self.tree, self.statement
        if not stands_alone(tree, statement) or block_of(tree, statement) is None:
            return
        start, end = line_span(tree, statement)
        lines = "".join(f"{indent_of(tree, statement)}{line}\n" for line in text.split("\n"))
        title = title or replacement(self.code(statement), text)
        yield self.splice(statement.lineno, title, (Splice(start, end, lines),), weight)


class Scene:
    """The files of one task, parsed once each."""

    def __init__(
        self,
        trees: Mapping[RelPath, SourceTree],
        suspects: tuple[Suspect, ...],
        repository: Mapping[RelPath, str],
        tests: Mapping[RelPath, str],
    ) -> None:
        """``repository`` is every file of the language, read when asked for."""
        self.trees = trees
        self.suspects = suspects
        self.repository = repository
        self.tests = tests
        self._scopes = {path: ScopeFinder(tree) for path, tree in trees.items()}
        self._by_line: dict[RelPath, dict[int, ast.stmt]] = {}

    def scope(self, path: RelPath, function: FunctionNode | None) -> Scope:
        return self._scopes[path].of(function)

    def spots(self, trouble: Trouble) -> Iterator[Spot]:
        """The statements on a trouble's traceback, innermost first."""
        for distance, (path, line) in enumerate(trouble.places):
            statement = self.statement_at(path, line)
            if statement is not None:
                yield Spot(path, statement, self, 1 / (1 + 0.25 * distance))

    def statement_at(self, path: RelPath, line: int) -> ast.stmt | None:
        tree = self.trees.get(path)
        if tree is None:
            return None
        if path not in self._by_line:
            self._by_line[path] = _by_line(tree)
        return self._by_line[path].get(line)

    def suspect_functions(self, most: int) -> Iterator[Spot]:
        """The functions that hold the most suspicious lines, each once, as spots of their own."""
        seen: set[tuple[RelPath, int]] = set()
        for suspect in self.suspects:
            statement = self.statement_at(suspect.path, suspect.line)
            if statement is None:
                continue
            spot = Spot(suspect.path, statement, self, 1.0)
            function = spot.function
            if function is None or (suspect.path, function.lineno) in seen:
                continue
            seen.add((suspect.path, function.lineno))
            yield Spot(suspect.path, function, self, max(0.3, suspect.score))
            if len(seen) >= most:
                return

    def definitions(self, name: str) -> Iterator[tuple[RelPath, FunctionNode]]:
        """The functions and methods of that name in editable files."""
        for path, tree in self.trees.items():
            for function in tree.functions():
                if function.name == name:
                    yield path, function

    def classes(self, name: str) -> Iterator[tuple[RelPath, ast.ClassDef]]:
        for path, tree in self.trees.items():
            for node in tree.statements():
                if isinstance(node, ast.ClassDef) and node.name == name:
                    yield path, node


def _by_line(tree: SourceTree) -> dict[int, ast.stmt]:
    """For each line the innermost statement whose header it belongs to: found at once, as a file may
    have thousands of statements and a suspect on each."""
    found: dict[int, ast.stmt] = {}
    for statement in sorted(tree.statements(), key=lambda s: (s.lineno, s.col_offset)):
        found.update(dict.fromkeys(header_lines(statement), statement))
    return found


Rule: TypeAlias = Callable[[Trouble, Scene], Iterator[Rewrite]]
"""Answers one trouble; silent where it is not of its kind."""
Idiom: TypeAlias = Callable[[Scene], Iterator[Rewrite]]
"""Looks for a well-known slip in the suspect functions, whatever the failure says."""


def near(name: str, options: Iterable[str], most: int = 4) -> list[str]:
    """The options that ``name`` may be a slip for, the likeliest first: blind to case and underscores,
    one within the other counts as well."""
    plain = _plain(name)
    scored: list[tuple[float, str]] = []
    for option in dict.fromkeys(options):
        if option == name or (option.startswith("__") and not name.startswith("__")):
            continue
        other = _plain(option)
        ratio = difflib.SequenceMatcher(None, plain, other).ratio()
        if min(len(plain), len(other)) >= 3 and (plain in other or other in plain):
            ratio = max(ratio, CLOSE + 0.05)
        if plain and sorted(plain) == sorted(other):
            ratio = max(ratio, 0.9)
        if option.startswith("_") and not name.startswith("_"):
            ratio -= 0.1
        if ratio >= CLOSE:
            scored.append((ratio, option))
    scored.sort(key=lambda entry: -entry[0])
    return [option for _, option in scored[:most]]


def _plain(name: str) -> str:
    return name.replace("_", "").lower()


def bindings(tree: SourceTree) -> tuple[str, ...]:
    """Names that a module binds at its top level."""
    names: dict[str, None] = {}
    for statement in tree.tree.body:
        for node in [statement, *ast.walk(statement)] if _is_plain(statement) else [statement]:
            match node:
                case (
                    ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name)
                ):
                    names[name] = None
                case ast.Import(names=aliases):
                    names.update(dict.fromkeys(a.asname or a.name.split(".")[0] for a in aliases))
                case ast.ImportFrom(names=aliases):
                    names.update(dict.fromkeys(a.asname or a.name for a in aliases))
                case ast.Name(id=name, ctx=ast.Store()):
                    names[name] = None
                case _:
                    pass
    return tuple(names)


def _is_plain(statement: ast.stmt) -> bool:
    return not isinstance(statement, (*_FUNCTIONS, ast.ClassDef))


def parameters(function: FunctionNode) -> list[str]:
    """Names of the parameters that have one of their own, in order."""
    a = function.args
    return [argument.arg for argument in (*a.posonlyargs, *a.args, *a.kwonlyargs)]


def first_working(function: FunctionNode) -> ast.stmt:
    """The first statement of a body behind its docstring; the docstring where there is nothing else."""
    body = function.body
    if len(body) > 1 and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        return body[1]
    return body[0]
