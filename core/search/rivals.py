"""Proposer: what is one small step beside a candidate that passes; needs no model.

Where few tests see the code, a fix has neighbours that pass as well: ``<=`` beside ``<``, the next index,
another way of rounding. Which of them is right is for the user to say, or for what else is known of the
function; both need to see them.
"""

from __future__ import annotations

import ast
import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import PurePosixPath
from typing import Final

from core.repo.hunks import common_ends
from core.search.base import AskModel, Draft, FixTask, Tried, TriedSoFar
from core.search.operators import arithmetic, calls, conditions, constants
from core.search.operators.base import Mutation, Operator, Site
from core.search.operators.scope import ScopeFinder
from core.search.select.merit import passes
from core.search.splice import SourceTree, apply_splices, own_expressions
from core.types import RelPath

MOST_FIXES: Final = 3
MOST_EACH: Final = 12
_OPERATIONS: Final = (ast.Compare, ast.BinOp, ast.Call, ast.Subscript)
_STEPS: Final[tuple[Operator, ...]] = (
    conditions.swap_comparison,
    arithmetic.off_by_one,
    arithmetic.swap_operator,
    arithmetic.change_slice,
    arithmetic.change_range,
    constants.change_number,
    calls.change_callee,
    calls.drop_argument,
)


class RivalsProposer:
    """Is asked anew whenever a candidate passes; the search drops what it had before."""

    name = "rivals"
    needs_model = False
    follows = True

    async def propose(
        self, task: FixTask, tried: TriedSoFar, ask: AskModel | None
    ) -> AsyncIterator[Draft]:
        """Yield the steps beside those that pass, those of all in turn, the most plausible first."""
        fixes = [entry for entry in tried() if entry.evidence is not None and passes(entry.evidence)]
        beside = [await asyncio.to_thread(_rivals, task, fix) for fix in fixes[:MOST_FIXES]]
        for turn in range(MOST_EACH):
            for drafts in beside:
                if turn < len(drafts):
                    yield drafts[turn]


def _rivals(task: FixTask, fix: Tried) -> list[Draft]:
    found: list[Draft] = []
    changed = [path for path, text in fix.edits.items() if text != task.sources.get(path)]
    for path in changed:
        if not path.endswith(".py"):
            continue
        try:
            tree = SourceTree(fix.edits[path])
        except SyntaxError:
            continue
        start, end = _changed(task.sources.get(path, ""), tree.text)
        steps = sorted(_steps(tree, start, end), key=lambda step: -step.weight)
        found += [_draft(path, tree, fix, step) for step in steps[:MOST_EACH]]
    return found


def _draft(path: RelPath, tree: SourceTree, fix: Tried, step: Mutation) -> Draft:
    where = f"{PurePosixPath(path).name}:{step.line}"
    title = f"{where} candidate {fix.candidate}, but {step.title}"
    text = apply_splices(tree.text, step.splices)
    return Draft(title, {**fix.edits, path: text}, parent=fix.candidate)


def _steps(tree: SourceTree, start: int, end: int) -> Iterator[Mutation]:
    """Those within the smallest operation that holds all that was changed: what stands beside it in the
    statement was right before, as far as anybody knows."""
    scopes = ScopeFinder(tree)
    for statement in tree.statements():
        expressions = list(own_expressions(statement))
        around = [
            (last - first, first, last)
            for node in expressions
            if isinstance(node, _OPERATIONS)
            for first, last in [tree.span(node)]
            if first <= start and end <= last
        ]
        if not around:
            continue
        _, first, last = min(around)
        site = Site(tree, scopes.of(tree.function_of(statement)), statement)
        for node in expressions:
            for operator in _STEPS:
                for step in operator(site, node):
                    if all(first <= splice.start and splice.end <= last for splice in step.splices):
                        yield step


def _changed(before: str, after: str) -> tuple[int, int]:
    """From where to where ``after`` differs from ``before``."""
    head, tail = common_ends(before, after)
    return head, len(after) - tail
