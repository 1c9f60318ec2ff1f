"""Proposer: the model judges what a suspect function did, block by block, then mends it.

Source: LDB, sections 3.2 (all blocks are judged in one question) and 3.3 (the code is written from the
verdicts); see :mod:`core.search.execution`. Where nothing is known of the values, or the failing test
does not call the function, there is nothing to ask.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

from core.context.prompt import fence, render
from core.edits.functions import function_lines
from core.models.base import ChatRequest, Message
from core.search.base import AskModel, BudgetExhausted, Draft, FixTask, TriedSoFar
from core.search.conversation import ask_for_draft
from core.search.execution import tell_execution
from core.search.focus import Focus, focuses, opening
from core.search.parents import Parent, best_parent
from core.testing.base import Watch
from core.types import Outcome, Role, TestResult

VERDICT_TOKENS: Final = 140
_NOT_RUN: Final = (Outcome.COLLECT_ERROR, Outcome.CRASHED)


@dataclass(slots=True)
class _Seen:
    """A failing test with what the function did in it; empty where that is not known."""

    failure: TestResult
    execution: str
    asked: bool = False


class RuntimeDebugProposer:
    """``rounds`` per function; the first is greedy, later ones sample at ``temperature``."""

    name = "runtime_debug"
    needs_model = True

    def __init__(self, rounds: int = 5, temperature: float = 0.8) -> None:
        self._rounds = rounds
        self._temperature = temperature

    async def propose(
        self, task: FixTask, tried: TriedSoFar, ask: AskModel | None
    ) -> AsyncIterator[Draft]:
        """Yield one draft per usable answer; ends quietly when the budget is spent."""
        if ask is None or task.record is None or not task.language.is_python:
            return
        seen: dict[tuple[Focus, int | None], _Seen] = {}
        try:
            for turn in range(self._rounds):
                for focus in focuses(task):
                    parent = best_parent(task, tried)
                    place = focus, parent.candidate
                    if place not in seen:
                        seen[place] = await _look(task, focus, parent)
                    if not seen[place].execution:
                        continue
                    # The same question again at temperature 0 would only give the same answer.
                    temperature = self._temperature if seen[place].asked else 0.0
                    seen[place].asked = True
                    draft = await self._round(
                        task, focus, parent, seen[place], ask, temperature, turn if temperature else None
                    )
                    if draft is not None:
                        yield parent.extend(draft)
        except BudgetExhausted:
            return

    async def _round(
        self,
        task: FixTask,
        focus: Focus,
        parent: Parent,
        seen: _Seen,
        ask: AskModel,
        temperature: float,
        seed: int | None,
    ) -> Draft | None:
        question = render("runtime", subject=focus.subject, execution=fence(seen.execution))
        messages = opening(task, focus, parent.sources, (seen.failure,), question)
        request = ChatRequest(messages, VERDICT_TOKENS, temperature, ("```",), seed)
        verdict, usage = await ask(self.name, request, role=Role.JUDGE)
        told = render("explained", subject=focus.subject, kind=task.language.kind)
        messages = (*messages, Message("assistant", verdict.strip()), Message("user", told))
        return await ask_for_draft(
            self.name,
            ask,
            messages,
            focus,
            parent.sources,
            task.language,
            temperature,
            seed,
            spent=usage,
        )


async def _look(task: FixTask, focus: Focus, parent: Parent) -> _Seen:
    """The failure that is soonest told, with what the function did in it."""
    failure = min(
        parent.failures, key=lambda f: (f.outcome is Outcome.TIMEOUT, len(f.message) + len(f.node_id))
    )
    source = parent.sources[focus.path]
    lines = function_lines(source, focus.function) if focus.function else None
    if task.record is None or lines is None or failure.outcome in _NOT_RUN:
        return _Seen(failure, "")
    steps = await task.record(parent.edits, failure.node_id, Watch(focus.path, *lines))
    return _Seen(failure, tell_execution(source, steps))
