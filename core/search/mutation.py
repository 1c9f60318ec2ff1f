"""Proposer: syntax-tree mutation of suspect lines; needs no model.

Best-first: a mutant's score is the suspicion of its line times the prior of its operator times how
plausible the choice is (:mod:`core.search.operators.priors`). Statements are opened lazily, in the
order of the best score they could give, so the first drafts come at once whatever the file's size.
Mutants of second order (two mutations at once) come when those of first order are spent, and are
bounded; a few that change neighbouring lines alike come earlier.
"""

from __future__ import annotations

import ast
import asyncio
import heapq
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, count
from pathlib import PurePosixPath
from typing import Final

from core.search.base import AskModel, Draft, FixTask, Tried, TriedSoFar
from core.search.operators.base import Mutation, Site
from core.search.operators.catalogue import mutations_of
from core.search.operators.priors import highest, priors
from core.search.operators.scope import ScopeFinder
from core.search.rank import normalised_key
from core.search.splice import (
    FunctionNode,
    SourceTree,
    apply_splices,
    header_lines,
    overlap,
)
from core.search.stubs import does_nothing
from core.types import RelPath, Suspect

NEIGHBOUR_SHARE: Final = 0.3
"""Suspicion of a statement that is not suspect itself, as a share of its function's highest."""
CONSTANT_LINES: Final = 5
"""A longer value outside of functions is a table: it has more places than can be tried."""
PAIRED: Final = 90
"""How many first-order mutations take part in pairs."""
EARLY: Final = 400
"""After so many first-order mutants, a few pairs are worth more than the rest of them."""
EARLY_PAIRS: Final = 60
ALIKE_AMONG: Final = 800
ALIKE: Final = 300
TURN: Final = 4
"""So many pairs of each operator before any gets more."""
SECOND_ORDER_LIMIT: Final = 2_000
BATCH: Final = 120
"""How many statements compete at once; more would have to be opened before the first draft."""
SHARING: Final = 0.5
"""0: every choice of an operator at a statement has its full weight; 1: they share one."""
FEW: Final = 8.0
"""So many choices have their full weight."""
SLICE: Final = 4
"""Mutants made between two turns of the event loop."""

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True, slots=True)
class _Idea:
    """A mutation of a file, with its score."""

    path: RelPath
    mutation: Mutation
    score: float


class MutationProposer:
    """Mutates the suspects of a task."""

    name = "mutation"
    needs_model = False

    async def propose(
        self, task: FixTask, tried: TriedSoFar, ask: AskModel | None
    ) -> AsyncIterator[Draft]:
        """Yield first-order mutants, then pairs; see the module docstring."""
        trees = await asyncio.to_thread(_parse_all, task)
        seen: set[str] = {normalised_key({}, task.sources)}
        made: dict[str, _Idea] = {}
        kept: list[_Idea] = []
        made_since_turn = 0
        for idea in _first_order(trees, task.suspects):
            made_since_turn += 1
            if made_since_turn >= SLICE:
                made_since_turn = 0
                await asyncio.sleep(0)
            draft = _draft(task, trees, seen, (idea,)) if idea else None
            if idea and draft:
                kept.append(idea)
                made[draft.edits[idea.path]] = idea
                yield draft
                if len(kept) == EARLY:
                    for pair in _alike(kept)[:EARLY_PAIRS]:
                        if double := _draft(task, trees, seen, pair):
                            yield double
        async for draft in self._pairs(task, trees, seen, made, kept, tried):
            yield draft

    async def _pairs(
        self,
        task: FixTask,
        trees: dict[RelPath, SourceTree],
        seen: set[str],
        made: dict[str, _Idea],
        kept: list[_Idea],
        tried: TriedSoFar,
    ) -> AsyncIterator[Draft]:
        """Mutations that helped, with every other; the same change of neighbouring lines; then the
        highest scores among themselves."""
        helped = _helpful(tried(), made)
        wide = kept[: PAIRED * 4]
        pairs: list[tuple[_Idea, _Idea]] = [
            (one, other) for one in helped for other in wide if one is not other
        ]
        pairs += _alike(kept)
        rest = list(combinations(kept[:PAIRED], 2))
        rest.sort(key=_worth, reverse=True)
        produced = 0
        for turn, pair in enumerate(pairs + rest):
            if turn % SLICE == 0:
                await asyncio.sleep(0)
            one, other = pair
            if one.path == other.path and overlap(one.mutation.splices, other.mutation.splices):
                continue
            draft = _draft(task, trees, seen, pair)
            if draft is not None:
                produced += 1
                yield draft
            if produced >= SECOND_ORDER_LIMIT:
                return


def _parse_all(task: FixTask) -> dict[RelPath, SourceTree]:
    trees: dict[RelPath, SourceTree] = {}
    for path in dict.fromkeys(s.path for s in task.suspects):
        if path.endswith(".py") and path in task.sources:
            try:
                trees[path] = SourceTree(task.sources[path])
            except SyntaxError:
                continue
    return trees


def _first_order(trees: dict[RelPath, SourceTree], suspects: Sequence[Suspect]) -> Iterator[_Idea | None]:
    """Ideas by falling score within each batch of statements, the most suspicious batch first. A
    statement is opened when nothing better is at hand, which gives a ``None``, so that the caller can
    let others run."""
    scopes = {path: ScopeFinder(tree) for path, tree in trees.items()}
    found = [
        (suspicion, path, statement)
        for path, tree in trees.items()
        for statement, suspicion in suspicions(tree, [s for s in suspects if s.path == path])
        if not _is_unwritten(tree, statement)
    ]
    found.sort(key=lambda entry: -entry[0])
    for start in range(0, len(found), BATCH):
        yield from _best_first(trees, scopes, found[start : start + BATCH])


def _is_unwritten(tree: SourceTree, statement: ast.stmt) -> bool:
    """Whether it is of a function that nobody has written yet: to mutate its one line leads nowhere."""
    function = statement if isinstance(statement, _FUNCTIONS) else tree.function_of(statement)
    return function is not None and does_nothing(function)


def _best_first(
    trees: dict[RelPath, SourceTree],
    scopes: dict[RelPath, ScopeFinder],
    statements: Sequence[tuple[float, RelPath, ast.stmt]],
) -> Iterator[_Idea | None]:
    order = count()
    heap: list[tuple[float, int, RelPath, ast.stmt | Mutation, float]] = [
        (-suspicion * highest(), next(order), path, statement, suspicion)
        for suspicion, path, statement in statements
    ]
    heapq.heapify(heap)
    while heap:
        negative, _, path, item, suspicion = heapq.heappop(heap)
        if isinstance(item, Mutation):
            yield _Idea(path, item, -negative)
            continue
        function = item if isinstance(item, _FUNCTIONS) else trees[path].function_of(item)
        mutations = list(mutations_of(Site(trees[path], scopes[path].of(function), item)))
        for mutation, share in zip(mutations, _shares(mutations), strict=True):
            score = suspicion * mutation.weight * share
            heapq.heappush(heap, (-score, next(order), path, mutation, suspicion))
        yield None


def _shares(mutations: Sequence[Mutation]) -> Iterator[float]:
    """What of its operator's weight each choice gets: the more choices an operator has at a statement,
    the less likely is each. The root keeps the best of many choices in the race."""
    sums: dict[str, float] = defaultdict(float)
    for mutation in mutations:
        sums[mutation.operator] += mutation.weight / priors()[mutation.operator]
    for mutation in mutations:
        yield 1 / max(1.0, sums[mutation.operator] / FEW) ** SHARING


def suspicions(tree: SourceTree, suspects: Sequence[Suspect]) -> Iterator[tuple[ast.stmt, float]]:
    """Statements worth a mutation, with suspicion in 0..1: those on suspect lines, and with a share of
    it the others of their function and the constants that it reads; a function itself has the highest
    of its statements."""
    by_line = {s.line: s.score for s in suspects}
    own: dict[ast.stmt, float] = {}
    highest: dict[FunctionNode, float] = {}
    for statement in tree.statements():
        if isinstance(statement, (*_FUNCTIONS, ast.ClassDef)):
            continue
        lines = [*header_lines(statement), *(h.lineno for h in getattr(statement, "handlers", ()))]
        score = max((by_line.get(line, 0.0) for line in lines), default=0.0)
        function = tree.function_of(statement)
        if score or function is not None:
            own[statement] = score
        if score and function is not None:
            highest[function] = max(highest.get(function, 0.0), score)
    for statement, score in own.items():
        function = tree.function_of(statement)
        floor = NEIGHBOUR_SHARE * highest.get(function, 0.0) if function is not None else 0.0
        if max(score, floor) > 0:
            yield statement, max(score, floor)
    yield from highest.items()
    for statement, score in _constants(tree, highest):
        if score > own.get(statement, 0.0):
            yield statement, NEIGHBOUR_SHARE * score


def _constants(
    tree: SourceTree, highest: Mapping[FunctionNode, float]
) -> Iterator[tuple[ast.stmt, float]]:
    """Small values of the module and of classes, with the suspicion of the functions that read them: no
    test runs their lines."""
    read: dict[str, float] = {}
    for function, score in highest.items():
        for node in ast.walk(function):
            name = node.id if isinstance(node, ast.Name) else getattr(node, "attr", None)
            if isinstance(name, str):
                read[name] = max(read.get(name, 0.0), score)
    for statement in tree.statements():
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                size = len(header_lines(statement))
                if name in read and size <= CONSTANT_LINES and tree.function_of(statement) is None:
                    yield statement, read[name]
            case _:
                continue


def _draft(
    task: FixTask, trees: dict[RelPath, SourceTree], seen: set[str], ideas: Sequence[_Idea]
) -> Draft | None:
    """The mutated files, or ``None`` where they do not parse or were seen before."""
    edits: dict[RelPath, str] = {}
    for path in dict.fromkeys(idea.path for idea in ideas):
        splices = [s for idea in ideas if idea.path == path for s in idea.mutation.splices]
        edits[path] = apply_splices(trees[path].text, splices)
    key = normalised_key(edits, task.sources)
    if key in seen or key.startswith("unparsed:"):
        return None
    seen.add(key)
    titles = [f"{PurePosixPath(i.path).name}:{i.mutation.line} {i.mutation.title}" for i in ideas]
    return Draft(title="; ".join(titles), edits=edits)


def _alike(kept: Sequence[_Idea]) -> list[tuple[_Idea, _Idea]]:
    """Pairs by the same operator at neighbouring lines, a few of each operator in turn: who slips in one
    line often does in the next (S. Saha, R. Saha, M. Prasad, "Harnessing evolution for multi-hunk
    program repair", ICSE 2019, section 3: similar edits at evolutionary siblings)."""
    groups: dict[tuple[RelPath, str], list[_Idea]] = defaultdict(list)
    for idea in kept[:ALIKE_AMONG]:
        groups[idea.path, idea.mutation.operator].append(idea)
    ranked: list[tuple[int, float, tuple[_Idea, _Idea]]] = []
    for group in groups.values():
        found = [
            (one, other)
            for one, other in combinations(group, 2)
            if 0 < abs(one.mutation.line - other.mutation.line) <= 2
            and not overlap(one.mutation.splices, other.mutation.splices)
        ]
        found.sort(key=_worth, reverse=True)
        ranked += [(rank // TURN, -_worth(pair), pair) for rank, pair in enumerate(found)]
    ranked.sort(key=lambda entry: entry[:2])
    return [pair for _, _, pair in ranked[:ALIKE]]


def _worth(pair: tuple[_Idea, _Idea]) -> float:
    return pair[0].score * pair[1].score


def _helpful(tried: Sequence[Tried], made: dict[str, _Idea]) -> list[_Idea]:
    """Our mutations that turned some test green without a new red one, best first, five at most."""
    found: list[_Idea] = []
    for entry in tried:
        idea = next((made[text] for text in entry.edits.values() if text in made), None)
        if idea is not None and entry.evidence is not None:
            comparison = entry.evidence.comparison
            if comparison.fixed and not comparison.broken:
                found.append(idea)
    return found[:5]
