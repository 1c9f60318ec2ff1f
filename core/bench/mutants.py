"""Plausible mistakes, made by the search's own operators on lines that tests run.

What a mutant can stand for is measured: R. Just et al., "Are mutants a valid substitute for real
faults in software testing?", FSE 2014. Operators that only repair (they add guards and bounds) make
no plausible mistakes and are left out. The same operators can undo most of these mistakes, so
mutants are the easier half of a set; past fixes are the other.

Pure; what is left to chance comes from the ``random.Random`` that is handed over.
"""

from __future__ import annotations

import ast
import random
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from core.search.operators.base import Mutation, Site
from core.search.operators.catalogue import mutations_of
from core.search.operators.scope import ScopeFinder
from core.search.rank import normalised_key
from core.search.splice import SourceTree, apply_splices, header_lines
from core.types import RelPath

_MISTAKES: Final = frozenset(
    {
        "comparison", "operator", "argument_swap", "variable", "attribute", "off_by_one", "unwrap",
        "callee", "logic", "constant", "bound", "negation", "operand_swap", "operand_drop", "result",
        "assignment", "condition_drop", "boundary", "deletion", "move", "jump", "unguard",
        "argument_drop", "loop",
    }
)  # fmt: skip
_FUNCTIONS: Final = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True, slots=True)
class Mutant:
    """One file with one mistake. ``operator`` and ``title`` are those of the mutation."""

    path: RelPath
    text: str
    operator: str
    line: int
    title: str


def draw_mutants(
    sources: Mapping[RelPath, str], run: Mapping[RelPath, Collection[int]], chance: random.Random
) -> Iterator[Mutant]:
    """Mutants of lines that are ``run``, in functions, drawn without end to the places: first one of each
    function, then a second of each, and so on. A place is a statement; of its operators each is as
    likely as any other."""
    functions = _statements(sources, run)
    for statements in functions:
        chance.shuffle(statements)
    chance.shuffle(functions)
    seen: set[str] = set()
    while functions := [statements for statements in functions if statements]:
        for statements in functions:
            mutant = _mutant(*statements.pop(), chance, seen)
            if mutant is not None:
                yield mutant


@dataclass(frozen=True, slots=True)
class _File:
    path: RelPath
    tree: SourceTree
    scopes: ScopeFinder


def _statements(
    sources: Mapping[RelPath, str], run: Mapping[RelPath, Collection[int]]
) -> list[list[tuple[_File, ast.stmt]]]:
    """The statements on lines that are run, by function."""
    found: dict[ast.AST, list[tuple[_File, ast.stmt]]] = {}
    for path in sorted(run):
        try:
            tree = SourceTree(sources[path])
        except (KeyError, SyntaxError):
            continue
        file, lines = _File(path, tree, ScopeFinder(tree)), frozenset(run[path])
        for statement in tree.statements():
            function = tree.function_of(statement)
            if function is None or isinstance(statement, (*_FUNCTIONS, ast.ClassDef)):
                continue
            if not lines.isdisjoint(header_lines(statement)):
                found.setdefault(function, []).append((file, statement))
    return list(found.values())


def _mutant(file: _File, statement: ast.stmt, chance: random.Random, seen: set[str]) -> Mutant | None:
    site = Site(file.tree, file.scopes.of(file.tree.function_of(statement)), statement)
    by_operator: dict[str, list[Mutation]] = {}
    for mutation in mutations_of(site):
        if mutation.operator in _MISTAKES:
            by_operator.setdefault(mutation.operator, []).append(mutation)
    operators = sorted(by_operator)
    chance.shuffle(operators)
    for operator in operators:
        mutation = chance.choice(by_operator[operator])
        text = apply_splices(file.tree.text, mutation.splices)
        key = normalised_key({file.path: text}, {file.path: file.tree.text})
        if not key or key.startswith("unparsed:") or key in seen:
            continue
        seen.add(key)
        return Mutant(file.path, text, operator, mutation.line, mutation.title)
    return None
