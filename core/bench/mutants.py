"""Plausible mistakes, made by the search's own operators on lines that tests run.

What a mutant can stand for is measured: R. Just et al., "Are mutants a valid substitute for real
faults in software testing?", FSE 2014. People confuse things or leave them out, so operators that add
guards or bounds are left out, and so is nearly all that adds to the code. The same operators can undo
most of these mistakes: mutants are the easier half of a set, past fixes are the other.

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
from core.search.operators.priors import priors
from core.search.operators.scope import ScopeFinder
from core.search.rank import normalised_key
from core.search.splice import SourceTree, apply_splices, header_lines, parse_quietly
from core.types import RelPath

_MISTAKES: Final = frozenset(
    {
        "comparison", "operator", "argument_swap", "variable", "attribute", "off_by_one", "unwrap",
        "callee", "logic", "constant", "bound", "negation", "operand_swap", "operand_drop", "result",
        "assignment", "condition_drop", "boundary", "deletion", "move", "jump", "unguard",
        "argument_drop", "loop",
    }
)  # fmt: skip
_ADDING: Final = frozenset({"off_by_one", "negation", "bound"})
"""Mistakes confuse or leave out; only these add something, too."""
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
    function, then a second of each, and so on. A place is a statement; its operator is drawn by how
    often such changes repair real bugs, the change by how plausible it is."""
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
    whole = _size(file.tree.text)
    for operator in _drawn(list(by_operator), [priors()[name] for name in by_operator], chance):
        mutations = by_operator[operator]
        mutation = chance.choices(mutations, [mutation.weight for mutation in mutations])[0]
        text = apply_splices(file.tree.text, mutation.splices)
        key = normalised_key({file.path: text}, {file.path: file.tree.text})
        if not key or key.startswith("unparsed:") or key in seen:
            continue
        if operator not in _ADDING and _size(text) > whole:
            continue
        seen.add(key)
        return Mutant(file.path, text, operator, mutation.line, mutation.title)
    return None


def _drawn(names: list[str], weights: list[float], chance: random.Random) -> Iterator[str]:
    """All of them, one after the other, the heavy ones likely first."""
    while names:
        place = chance.choices(range(len(names)), weights)[0]
        weights.pop(place)
        yield names.pop(place)


def _size(text: str) -> int:
    """Nodes of the syntax tree."""
    return sum(1 for _ in ast.walk(parse_quietly(text)))
