"""Proposer: a model fills in suspect lines, and what is missing between them, in the middle of the code.

Sources: C. S. Xia, L. Zhang, "Less training, more repairing please: revisiting automated program repair
via zero-shot learning" (AlphaRepair), FSE 2022, section 3: a suspect line is masked and predicted from
both sides, no bug-fix training needed; the training that makes models good at it is M. Bavarian et al.,
"Efficient training of language models to fill in the middle", 2022. A small model that cannot rewrite
a function without a slip can often write one line of it.

The most suspicious statements come first, a dozen at a time. Of each dozen: every line greedily, then a
line more between two, then samples, then expressions, then blocks. Within one such pass holes go down
the file, so that each prompt begins as the one before it and the server need not read it again.
"""

from __future__ import annotations

import ast
import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Final, TypeAlias

from core.edits.elision import find_elision
from core.models.base import CompletionRequest
from core.search.base import AskModel, BudgetExhausted, Draft, FixTask, TriedSoFar
from core.search.frame import Frame, around, frame_of, plain_frame
from core.search.hole_guard import HoleGuard
from core.search.holes import (
    DEFINITIONS,
    Hole,
    Shape,
    block_holes,
    expression_holes,
    fill,
    gap_holes,
    line_holes,
    plain_holes,
)
from core.search.mutation import suspicions
from core.search.rank import normalised_key
from core.search.splice import SourceTree
from core.types import RelPath, TokenUsage

TIER: Final = 12
"""Statements that are worked through before less suspicious ones."""
MOST_STATEMENTS: Final = 48
_TITLE: Final = 60


@dataclass(slots=True)
class _Place:
    """A hole in a file. ``agreed``: asked for its most likely content, the model wrote what is there."""

    path: RelPath
    text: str
    frame: Frame
    hole: Hole
    agreed: bool = False


_Tier: TypeAlias = dict[Shape, list[_Place]]


@dataclass(slots=True)
class _Run:
    """One use of the proposer."""

    task: FixTask
    ask: AskModel
    seen: set[str]
    spent: TokenUsage = field(default_factory=TokenUsage)


class InfillProposer:
    """``samples`` per hole at ``temperature`` follow the greedy answers."""

    name = "infill"
    needs_model = True

    def __init__(self, samples: int = 3, temperature: float = 0.8) -> None:
        self._samples = samples
        self._temperature = temperature

    async def propose(
        self, task: FixTask, tried: TriedSoFar, ask: AskModel | None
    ) -> AsyncIterator[Draft]:
        """Yield one draft per new filling; nothing where the model cannot fill in the middle."""
        if ask is None:
            return
        # While the model starts: the first question must not come after those of others.
        tiers = await asyncio.to_thread(lambda: list(_tiers(task)))
        if not (await ask.capabilities()).infill:
            return
        run = _Run(task, ask, {normalised_key({}, task.sources)})
        try:
            for place, seed in self._questions(tiers):
                if draft := await self._ask(run, place, seed):
                    yield draft
        except BudgetExhausted:
            return

    def _questions(self, tiers: Sequence[_Tier]) -> Iterator[tuple[_Place, int | None]]:
        """Places with a seed for a sample, ``None`` for a greedy answer; see the module docstring."""
        seeds = range(1, self._samples + 1)
        for tier in tiers:
            lines, gaps = tier[Shape.LINE], tier[Shape.GAP]
            expressions, blocks = tier[Shape.EXPRESSION], tier[Shape.BLOCK]
            yield from ((place, None) for place in (*lines, *gaps))
            # Where the model is sure of what is there, its samples are that again.
            doubtful_first = sorted(lines, key=lambda place: place.agreed)
            yield from ((place, seed) for place in doubtful_first for seed in seeds)
            yield from ((place, None) for place in (*expressions, *blocks))
            yield from ((place, seed) for place in (*gaps, *blocks, *expressions) for seed in seeds)

    async def _ask(self, run: _Run, place: _Place, seed: int | None) -> Draft | None:
        """The next filling, unless it was had before or does not parse where the file did."""
        hole = place.hole
        prompt, suffix = around(place.text, place.frame, hole)
        temperature = 0.0 if seed is None else self._temperature
        request = CompletionRequest(prompt, suffix, hole.max_tokens, temperature, hole.stop, seed)
        answer, usage = await run.ask(self.name, request, HoleGuard(place.text, hole))
        run.spent += usage
        text = None if find_elision(answer, place.text) else fill(place.text, hole, answer)
        if text is None:
            place.agreed = seed is None or place.agreed
            return None
        edits = {place.path: text}
        key = normalised_key(edits, run.task.sources)
        if key in run.seen or key.startswith("unparsed:"):
            return None
        run.seen.add(key)
        # What fruitless questions cost is part of the next draft's price.
        cost, run.spent = run.spent, TokenUsage()
        return Draft(_title(place, answer), edits, cost)


def _tiers(task: FixTask) -> Iterator[_Tier]:
    """The holes of the most suspicious statements, then of the next; each list goes down its file."""
    trees: dict[RelPath, SourceTree | None] = {}
    ranked: list[tuple[float, RelPath, ast.stmt | int]] = []
    for path in dict.fromkeys(s.path for s in task.suspects if s.path in task.sources):
        tree = trees[path] = _tree(path, task.sources[path])
        own = [s for s in task.suspects if s.path == path]
        if tree is None:
            ranked += ((s.score, path, s.line) for s in own)
        else:
            ranked += ((score, path, found) for found, score in suspicions(tree, own) if _is_code(found))
    ranked.sort(key=lambda entry: -entry[0])
    for start in range(0, min(len(ranked), MOST_STATEMENTS), TIER):
        tier: _Tier = defaultdict(list)
        chunk = ranked[start : start + TIER]
        for path in dict.fromkeys(path for _, path, _ in chunk):
            entries = [found for _, where, found in chunk if where == path]
            for place in _places(task, path, trees[path], entries):
                tier[place.hole.shape].append(place)
        yield tier


def _places(
    task: FixTask,
    path: RelPath,
    tree: SourceTree | None,
    entries: Sequence[ast.stmt | int],
) -> Iterator[_Place]:
    text = task.sources[path]
    if tree is None:
        for hole in plain_holes(text, sorted(found for found in entries if isinstance(found, int))):
            yield _Place(path, text, plain_frame(text, hole.line, task.language), hole)
        return
    statements = [found for found in entries if isinstance(found, ast.stmt)]
    statements.sort(key=lambda statement: statement.lineno)
    for make in (line_holes, gap_holes, expression_holes, block_holes):
        for hole in make(tree, statements):
            # A gap at the end of a function belongs to the line above it.
            line = hole.line - 1 if hole.shape is Shape.GAP else hole.line
            yield _Place(path, text, frame_of(tree, line), hole)


def _tree(path: RelPath, text: str) -> SourceTree | None:
    if not path.endswith(".py"):
        return None
    try:
        return SourceTree(text)
    except SyntaxError:
        return None


def _is_code(statement: ast.stmt) -> bool:
    """Neither a definition, whose parts count for themselves, nor a text that stands alone."""
    if isinstance(statement, ast.Expr):
        return not isinstance(statement.value, ast.Constant)
    return not isinstance(statement, DEFINITIONS)


def _title(place: _Place, answer: str) -> str:
    written = " ".join(answer.split())
    short = written if len(written) <= _TITLE else f"{written[: _TITLE - 1]}…"
    verb = "insert" if place.hole.shape is Shape.GAP else "write"
    return f"{PurePosixPath(place.path).name}:{place.hole.line} {verb} {short}"
