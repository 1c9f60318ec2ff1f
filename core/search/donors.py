"""Runs of statements of a file that could be carried elsewhere in it, and places for them. Pure."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from core.search.operators.lines import block_of, indent_of, line_span, stands_alone
from core.search.operators.scope import ScopeFinder
from core.search.splice import (
    FunctionNode,
    SourceTree,
    Splice,
    apply_splices,
    blocks,
    header_lines,
    is_text,
)

LONGEST: Final = 3
"""Statements in a run."""
MOST_LINES: Final = 8
_BUILTINS: Final = frozenset(dir(builtins))
_FIXED: Final = (
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.ClassDef,
    ast.Import,
    ast.ImportFrom,
    ast.Global,
    ast.Nonlocal,
    ast.Pass,
)
_LEAVING: Final = (ast.Return, ast.Raise, ast.Break, ast.Continue)
_LOOPS: Final = (ast.For, ast.AsyncFor, ast.While)
_FUNCTIONS: Final = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True, slots=True)
class Words:
    """The names, attributes and constants of a piece of code, to be held against another's."""

    text: str
    words: frozenset[str]

    def likeness(self, other: Words) -> float:
        """1 for the same code, else the share of words that both have; 0 where either is empty."""
        if not self.words or not other.words:
            return 0.0
        if self.text == other.text:
            return 1.0
        return len(self.words & other.words) / len(self.words | other.words)

    def share_in(self, other: Words) -> float:
        """The share of these words that the other code has, too."""
        return len(self.words & other.words) / len(self.words) if self.words else 0.0


NOTHING: Final = Words("", frozenset())


@dataclass(frozen=True, slots=True)
class Donor:
    """One to three statements in a row, with what is around them."""

    first: ast.stmt
    code: str
    """Whole lines, the last newline included."""
    size: int
    """Lines."""
    needs: frozenset[str]
    """Names that must mean something where it goes."""
    jumps: bool
    """Holds a ``break`` or ``continue`` of a loop around it."""
    leaves: bool
    """Its last statement ends the block."""
    yields: bool
    own: Words
    previous: Words
    following: Words
    function: Words


@dataclass(frozen=True, slots=True)
class Gap:
    """A place between two statements."""

    offset: int
    line: int
    """Of the suspect statement that it is beside."""
    is_behind: bool
    indent: str
    names: frozenset[str]
    """What means something here."""
    in_loop: bool
    is_last: bool
    """Nothing follows in the block."""
    is_generator: bool
    neighbours: frozenset[str]
    """The code of the statements beside it: what is there already is not missing."""
    previous: Words
    following: Words
    function: Words


class Donors:
    """The runs of one file."""

    def __init__(self, tree: SourceTree) -> None:
        self._donors = list(_donors(tree))

    def fitting(self, gap: Gap) -> Iterator[Donor]:
        """Those that could stand at ``gap`` as they are."""
        for donor in self._donors:
            fits = donor.needs <= gap.names and (gap.in_loop or not donor.jumps)
            ends = donor.leaves and not gap.is_last
            new = donor.code.strip() not in gap.neighbours
            if fits and new and not ends and (gap.is_generator or not donor.yields):
                yield donor


def gaps_of(tree: SourceTree, line: int) -> Iterator[Gap]:
    """The places before and behind the smallest statement of a function on ``line``."""
    holding = [
        statement
        for statement in tree.statements()
        if line in header_lines(statement) and not isinstance(statement, _FIXED)
    ]
    statement = max(holding, key=lambda s: s.lineno, default=None)
    function = tree.function_of(statement) if statement is not None else None
    block = block_of(tree, statement) if statement is not None else None
    if statement is None or function is None or block is None or not stands_alone(tree, statement):
        return
    if tree.text.startswith("elif", tree.span(statement)[0]):
        return
    index = block.index(statement)
    beside = block[max(index - 1, 0) : index + 2]
    scope = ScopeFinder(tree).of(function)
    names = frozenset((*scope.names, *_module_names(tree), *_BUILTINS))
    around = frozenset(tree.code(s).strip() for s in beside)
    start, end = line_span(tree, statement)
    behind = not isinstance(statement, _LEAVING) and tree.text[end - 1 : end] == "\n"
    for is_behind in (False, True) if behind else (False,):
        place = index + is_behind
        yield Gap(
            offset=end if is_behind else start,
            line=statement.lineno,
            is_behind=is_behind,
            indent=indent_of(tree, statement),
            names=names,
            in_loop=_in_loop(tree, statement),
            is_last=place == len(block),
            is_generator=any(isinstance(n, (ast.Yield, ast.YieldFrom)) for n in ast.walk(function)),
            neighbours=around,
            previous=_words_of(tree, block, place - 1),
            following=_words_of(tree, block, place),
            function=_about(tree, function),
        )


def _donors(tree: SourceTree) -> Iterator[Donor]:
    for function in tree.functions():
        about = _about(tree, function)
        for owner in ast.walk(function):
            for block in blocks(owner) if isinstance(owner, (ast.stmt, ast.ExceptHandler)) else ():
                # Of nested functions, each is its own.
                if block and tree.function_of(block[0]) is function:
                    yield from _runs(tree, block, about)


def _runs(tree: SourceTree, block: list[ast.stmt], about: Words) -> Iterator[Donor]:
    for start in range(len(block)):
        for end in range(start + 1, min(start + LONGEST, len(block)) + 1):
            run = block[start:end]
            if isinstance(run[-1], _FIXED) or is_text(run[-1]) or not stands_alone(tree, run[-1]):
                break
            begin, finish = line_span(tree, run[0])[0], line_span(tree, run[-1])[1]
            code = _without_annotations(tree, run, tree.text[begin:finish], begin)
            size = code.count("\n")
            if size > MOST_LINES or not code.endswith("\n"):
                break
            yield Donor(
                first=run[0],
                code=code,
                size=size,
                needs=_needs(run),
                jumps=_jumps(run),
                leaves=isinstance(run[-1], _LEAVING),
                yields=any(isinstance(n, (ast.Yield, ast.YieldFrom)) for s in run for n in ast.walk(s)),
                own=Words(code, frozenset().union(*map(_words, run))),
                previous=_words_of(tree, block, start - 1),
                following=_words_of(tree, block, end),
                function=about,
            )


def _without_annotations(tree: SourceTree, run: Sequence[ast.stmt], code: str, begin: int) -> str:
    """An attribute is declared once: elsewhere ``self.n: int = 0`` is ``self.n = 0``."""
    splices = [
        Splice(tree.span(s.target)[1] - begin, tree.span(s.value)[0] - begin, " = ")
        for s in run
        if isinstance(s, ast.AnnAssign) and s.value is not None and s.simple == 0
    ]
    return apply_splices(code, splices)


def _needs(run: Sequence[ast.stmt]) -> frozenset[str]:
    """Names that are read before the run itself has set them."""
    known: set[str] = set()
    needed: set[str] = set()
    for statement in run:
        needed |= _names([statement], ast.Load) - known
        known |= _names([statement], ast.Store)
        if not isinstance(statement, (ast.Assign, ast.AnnAssign, ast.Expr)):
            # A loop's or a comprehension's own name is set where it is read.
            needed -= _names([statement], ast.Store) - _updated(statement)
    return frozenset(needed | {n for s in run for n in _updated(s)})


def _updated(statement: ast.stmt) -> set[str]:
    return {
        node.target.id
        for node in ast.walk(statement)
        if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name)
    }


def _names(run: Sequence[ast.stmt], context: type[ast.expr_context]) -> set[str]:
    return {
        node.id
        for statement in run
        for node in ast.walk(statement)
        if isinstance(node, ast.Name) and isinstance(node.ctx, context)
    }


def _jumps(run: Sequence[ast.stmt]) -> bool:
    pending: list[ast.AST] = list(run)
    while pending:
        node = pending.pop()
        if isinstance(node, (ast.Break, ast.Continue)):
            return True
        if not isinstance(node, (*_LOOPS, *_FUNCTIONS, ast.Lambda)):
            pending += ast.iter_child_nodes(node)
    return False


def _in_loop(tree: SourceTree, statement: ast.stmt) -> bool:
    for ancestor in tree.ancestors(statement):
        if isinstance(ancestor, _LOOPS):
            return True
        if isinstance(ancestor, (*_FUNCTIONS, ast.ClassDef)):
            return False
    return False


def _words_of(tree: SourceTree, block: Sequence[ast.stmt], index: int) -> Words:
    if not 0 <= index < len(block) or is_text(block[index]):
        return NOTHING
    return Words(" ".join(tree.code(block[index]).split()), _words(block[index]))


def _about(tree: SourceTree, function: FunctionNode) -> Words:
    return Words(f"{function.name} {function.lineno}", _words(function) | {function.name})


def _words(node: ast.AST) -> frozenset[str]:
    """Without annotations: they say little of what is done."""
    found: set[str] = set()
    pending = [node]
    while pending:
        part = pending.pop()
        match part:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name):
                found.add(name)
            case ast.Constant(value=value) if not isinstance(value, str) or len(value) <= 40:
                found.add(repr(value))
            case _:
                pass
        annotation = getattr(part, "annotation", None) or getattr(part, "returns", None)
        pending += [child for child in ast.iter_child_nodes(part) if child is not annotation]
    return frozenset(found)


def _module_names(tree: SourceTree) -> set[str]:
    found: set[str] = set()
    for node in tree.tree.body:
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                found.add(name)
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                found |= {alias.asname or alias.name.split(".", 1)[0] for alias in aliases}
            case _:
                found |= {
                    n.id
                    for n in ast.walk(node)
                    if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
                }
    return found
