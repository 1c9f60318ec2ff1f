"""A user who knows what is meant, and answers what a question asks and nothing else.

As in ClarifyGPT (F. Mu et al., "ClarifyGPT: a framework for enhancing LLM-based code generation via
requirements clarification", FSE 2024, section 4), where a simulated user sees the hidden tests; this one
is no model: what is meant is code, which runs in the sandbox on the input of the question. An option
that gives another value is not chosen; where none fits, or the question is about no input, it is left to
the engine.
"""

from __future__ import annotations

import ast
import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Final

from core.errors import GreenbarError
from core.events import Event, QuestionAsked
from core.parsing import literal, parse_expression
from core.search.select.inputs import asking_module, read_answers
from core.session.session import Session
from core.testing.base import RunLimits, RunRequest
from core.types import DECIDE, Option, Question, RelPath

MODULE: Final = "test_greenbar_user.py"
_LIMITS: Final = RunLimits(test_seconds=2.0, run_seconds=10.0)


@dataclass(frozen=True, slots=True)
class Said:
    """An answer as it was given."""

    question: Question
    choice: int
    words: str


class SimulatedUser:
    """A sink of a session's events, that answers its questions while ``run`` runs."""

    def __init__(self, meant: Mapping[RelPath, str]) -> None:
        """``meant`` are the files as they should be."""
        self._meant = meant
        self._questions: asyncio.Queue[Question] = asyncio.Queue()
        self.said: list[Said] = []

    def __call__(self, event: Event) -> None:
        if isinstance(event.body, QuestionAsked):
            self._questions.put_nowait(event.body.question)

    async def run(self, session: Session) -> None:
        """Answer until cancelled."""
        while True:
            question = await self._questions.get()
            try:
                await self._answer(session, question)
            finally:
                self._questions.task_done()

    async def settle(self) -> None:
        """Wait until everything that was asked has been answered."""
        await self._questions.join()

    async def _answer(self, session: Session, question: Question) -> None:
        value = await self._value(session, question)
        choice = next(
            (place for place, option in enumerate(question.options, 1) if _says(option, value)), DECIDE
        )
        call = question.example.call if question.example else question.text
        words = value if choice != DECIDE and value is not None else "decide for me"
        self.said.append(Said(question, choice, f"{call}: {words}"))
        await session.asking.answer(question.id, choice, "")

    async def _value(self, session: Session, question: Question) -> str | None:
        """What the example gives by the code that is meant."""
        called = question.example and _call(question.example.call)
        if not called or len(self._meant) != 1:
            return None
        function, arguments = called
        ((path, text),) = self._meant.items()
        imported = f"from {PurePosixPath(path).stem} import {function}"
        asking = asking_module(imported, function, [arguments])
        request = RunRequest(
            overlay={path: text.encode(), MODULE: asking.encode()},
            node_ids=(f"{MODULE}::test_0",),
            limits=_LIMITS,
        )
        try:
            runner = await session.workspace.runner()
            told = read_answers((await runner.run(request)).report, MODULE, 1)[0]
        except GreenbarError:
            return None
        return _value_in(told)


def _call(text: str) -> tuple[str, tuple[object, ...]] | None:
    """The function and the arguments of a call with literals; ``None`` for anything else."""
    try:
        node = parse_expression(text).body
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.keywords:
            return None
        return node.func.id, tuple(literal(ast.unparse(argument)) for argument in node.args)
    except (ValueError, SyntaxError, TypeError):
        return None


def _value_in(told: str) -> str | None:
    """The value in an answer to an asking module."""
    if told.startswith("raises "):
        return told
    try:
        given: Any = literal(told)
        value, _ = given
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None
    return repr(value)


def _says(option: Option, value: str | None) -> bool:
    """Whether an option expects this value, by value and not by spelling."""
    if value is None or not option.expected:
        return False
    if option.expected == value:
        return True
    try:
        told, meant = literal(option.expected), literal(value)
    except (ValueError, SyntaxError, TypeError):
        return False
    return type(told) is type(meant) and bool(told == meant)
