"""Proposer: of a long function the model rewrites one piece at a time.

A small model that writes eighty lines anew makes a slip in one of them, and the answer takes as long as
ten short ones. So a long function is cut at its statements into pieces; the question shows the function
and asks for one piece, the most suspicious first. The division is that of J. Chen et al., "Divide-and-
conquer meets consensus" (FunCoder), NeurIPS 2024, section 2.1, turned from writing to mending.
"""

from __future__ import annotations

import ast
import textwrap
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from core.context.prompt import estimate_tokens, fence, render
from core.edits.answer import last_code
from core.edits.elision import find_elision
from core.edits.functions import function_lines
from core.models.base import ChatRequest
from core.search.base import AskModel, BudgetExhausted, Draft, FixTask, TriedSoFar
from core.search.conversation import CLOSING_FENCE
from core.search.focus import Focus, focuses, opening
from core.search.parents import Parent, best_parent
from core.search.splice import blocks, first_line, parse_quietly

LONG: Final = 18
"""Lines from which a function is cut; a shorter one is better written whole."""
PIECE: Final = 14
"""Lines of a piece, about."""
MOST_PIECES: Final = 6
_ROOM: Final = 80


@dataclass(frozen=True, slots=True)
class Piece:
    """Lines ``first`` to ``last`` (from 1, both included) of a file."""

    first: int
    last: int


class PiecesProposer:
    """Each piece greedily, then ``samples`` times."""

    name = "pieces"
    needs_model = True

    def __init__(self, samples: int = 3, temperature: float = 0.8) -> None:
        self._samples = samples
        self._temperature = temperature

    async def propose(
        self, task: FixTask, tried: TriedSoFar, ask: AskModel | None
    ) -> AsyncIterator[Draft]:
        """Yield one draft per usable answer; nothing for short functions."""
        if ask is None or not task.language.is_python:
            return
        try:
            for turn in range(self._samples + 1):
                for focus in focuses(task):
                    parent = best_parent(task, tried)
                    for piece in _suspicious(task, focus, parent):
                        if draft := await self._ask(task, focus, parent, piece, ask, turn):
                            yield draft
        except BudgetExhausted:
            return

    async def _ask(
        self, task: FixTask, focus: Focus, parent: Parent, piece: Piece, ask: AskModel, turn: int
    ) -> Draft | None:
        source = parent.sources[focus.path]
        code = "\n".join(source.split("\n")[piece.first - 1 : piece.last])
        kind = task.language.kind
        shown = textwrap.dedent(code)
        question = render("piece", subject=focus.subject, kind=kind, code=fence(shown, kind))
        messages = opening(task, focus, parent.sources, parent.failures, question)
        limit = estimate_tokens(shown) * 3 // 2 + _ROOM
        temperature = self._temperature if turn else 0.0
        request = ChatRequest(messages, limit, temperature, (CLOSING_FENCE,), turn or None)
        answer, usage = await ask(self.name, request)
        text = put_piece(source, piece, answer)
        if text is None:
            return None
        title = f"{PurePosixPath(focus.path).name}:{piece.first} rewrite up to line {piece.last}"
        return Draft(title, {**parent.edits, focus.path: text}, usage, parent.candidate)


def pieces(source: str, first: int, last: int) -> Iterator[Piece]:
    """The body of the function at these lines, cut at statements; a compound one that is too long is cut
    inside. Raises SyntaxError."""
    function = next(
        node
        for node in ast.walk(parse_quietly(source))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        and (first_line(node), node.end_lineno) == (first, last)
    )
    body = function.body
    yield from _cut(body[1:] if ast.get_docstring(function, clean=False) is not None else body)


def _cut(statements: list[ast.stmt]) -> Iterator[Piece]:
    first = last = 0
    for statement in statements:
        start, end = first_line(statement), statement.end_lineno or statement.lineno
        if end - start >= PIECE and any(blocks(statement)):
            if first:
                yield Piece(first, last)
            first = 0
            for block in blocks(statement):
                yield from _cut(block)
            continue
        if first and end - first >= PIECE:
            yield Piece(first, last)
            first = 0
        first, last = first or start, end
    if first:
        yield Piece(first, last)


def put_piece(source: str, piece: Piece, answer: str) -> str | None:
    """The whole text with the last block of the answer for the piece; ``None`` where there is none, it
    changes nothing, or the text does not parse with it."""
    code = last_code(answer)
    lines = source.split("\n")
    old = lines[piece.first - 1 : piece.last]
    if not code.strip() or find_elision(code, source):
        return None
    indent = old[0][: len(old[0]) - len(old[0].lstrip())]
    new = textwrap.indent(textwrap.dedent(code).strip("\n"), indent).split("\n")
    if new == old:
        return None
    text = "\n".join([*lines[: piece.first - 1], *new, *lines[piece.last :]])
    try:
        parse_quietly(text)
    except SyntaxError:
        return None
    return text


def _suspicious(task: FixTask, focus: Focus, parent: Parent) -> list[Piece]:
    """The pieces of a long function that hold suspects, the most suspicious first."""
    source = parent.sources[focus.path]
    lines = function_lines(source, focus.function) if focus.function else None
    if lines is None or lines[1] - lines[0] < LONG:
        return []
    # Edits move lines; a candidate's are few, so that suspects stay near where they were.
    scores = {s.line: s.score for s in task.suspects if s.path == focus.path}

    def weight(piece: Piece) -> float:
        return max((scores.get(n, 0.0) for n in range(piece.first, piece.last + 1)), default=0.0)

    found = [piece for piece in pieces(source, *lines) if weight(piece) > 0]
    return sorted(found, key=lambda piece: -weight(piece))[:MOST_PIECES]
