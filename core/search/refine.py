"""Proposer: the model sees what its own attempt made of the tests, and tries again.

Sources: Y. Ding, M. J. Min, G. Kaiser, B. Ray, "CYCLE: learning to self-refine the code generation",
OOPSLA 2024, section 3 (problem, own faulty attempt, what running it showed); UTDebug for going back, see
:mod:`core.search.parents`. An attempt that makes a further test pass becomes what everybody builds upon;
any other is answered once with its failure, in the same conversation, so that the server reads only
what is new, and then dropped.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

from core.context.digest import digest_failures
from core.context.prompt import fence, render
from core.models.base import Message
from core.search.base import AskModel, BudgetExhausted, Draft, FixTask, Tried, TriedSoFar
from core.search.conversation import ask_for_draft
from core.search.focus import Focus, code_of, focuses, opening
from core.search.parents import Parent, best_parent, improves, outcome_of

OUTCOME_SECONDS: Final = 8.0
"""How long a verdict on an attempt is waited for; the model is free for others meanwhile."""
_FIRST_SEED: Final = 100
"""Apart from those of other proposers, whose first questions are the same."""


@dataclass(frozen=True, slots=True)
class _Attempt:
    """A draft with the question that brought it, and what it was made of."""

    draft: Draft
    question: tuple[Message, ...]
    parent: Parent


class RefineProposer:
    """``rounds`` per function, each an attempt and at most ``depth`` answers to its failures."""

    name = "refine"
    needs_model = True

    def __init__(self, rounds: int = 12, depth: int = 2, temperature: float = 0.8) -> None:
        self._rounds = rounds
        self._depth = depth
        self._temperature = temperature

    async def propose(
        self, task: FixTask, tried: TriedSoFar, ask: AskModel | None
    ) -> AsyncIterator[Draft]:
        """Yield one draft per usable answer; ends quietly when the budget is spent."""
        if ask is None:
            return
        try:
            for turn in range(self._rounds):
                for focus in focuses(task):
                    attempt = await self._first(task, focus, tried, ask, _FIRST_SEED + turn)
                    for step in range(self._depth + 1):
                        if attempt is None:
                            break
                        yield attempt.draft
                        shown = await outcome_of(attempt.draft, tried, OUTCOME_SECONDS)
                        if shown is None or step == self._depth or not _is_worth_an_answer(shown):
                            break
                        attempt = await self._again(task, focus, attempt, shown, ask, turn)
        except BudgetExhausted:
            return

    async def _first(
        self, task: FixTask, focus: Focus, tried: TriedSoFar, ask: AskModel, seed: int
    ) -> _Attempt | None:
        parent = best_parent(task, tried)
        request = render("direct", subject=focus.subject, kind=task.language.kind)
        question = opening(task, focus, parent.sources, parent.failures, request)
        return await self._attempt(task, focus, parent, question, ask, self._temperature, seed)

    async def _again(
        self, task: FixTask, focus: Focus, before: _Attempt, shown: Tried, ask: AskModel, turn: int
    ) -> _Attempt | None:
        """The next attempt, after the failure of the one before it."""
        failure = shown.evidence.failure if shown.evidence else None
        if failure is None:
            return None
        texts = {**before.parent.sources, **before.draft.edits}
        kind = task.language.kind
        answer = fence(code_of(texts, focus, task.language), kind)
        told = render(
            "refine", digest=fence(digest_failures((failure,))), subject=focus.subject, kind=kind
        )
        question = (*before.question, Message("assistant", answer), Message("user", told))
        parent = Parent(texts, {**before.parent.edits, **before.draft.edits}, (failure,), shown.candidate)
        # The first answer to a failure is the likeliest one; in later rounds it would be the same.
        temperature = self._temperature if turn else 0.0
        return await self._attempt(
            task, focus, parent, question, ask, temperature, _FIRST_SEED + turn if turn else None
        )

    async def _attempt(
        self,
        task: FixTask,
        focus: Focus,
        parent: Parent,
        question: tuple[Message, ...],
        ask: AskModel,
        temperature: float,
        seed: int | None,
    ) -> _Attempt | None:
        draft = await ask_for_draft(
            self.name, ask, question, focus, parent.sources, task.language, temperature, seed
        )
        if draft is None:
            return None
        return _Attempt(parent.extend(draft), question, parent)


def _is_worth_an_answer(shown: Tried) -> bool:
    """Not where it helped: then the next round starts from it, with a question of its own."""
    return shown.evidence is not None and not improves(shown.evidence)
