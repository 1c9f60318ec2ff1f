"""Proposer: the model explains the failure, then fixes it.

Source: X. Chen, M. Lin, N. Schärli, D. Zhou, "Teaching large language models to self-debug", 2023,
section 3 (explanation as feedback, with unit test results). The explanation is a question, and so goes
to the model for judging, where there is one of its own. Works on the best candidate so far where that
turned tests green and broke none, else on the source as it is.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final

from core.context.prompt import render
from core.models.base import ChatRequest, Message
from core.search.base import AskModel, BudgetExhausted, Draft, FixTask, TriedSoFar
from core.search.conversation import ask_for_draft
from core.search.focus import Focus, focuses, opening
from core.search.parents import Parent, best_parent
from core.types import Role

EXPLANATION_TOKENS: Final = 150


class ExplainProposer:
    """``rounds`` per function; the first is greedy, later ones sample at ``temperature``."""

    name = "explain"
    needs_model = True

    def __init__(self, rounds: int = 5, temperature: float = 0.8) -> None:
        self._rounds = rounds
        self._temperature = temperature

    async def propose(
        self, task: FixTask, tried: TriedSoFar, ask: AskModel | None
    ) -> AsyncIterator[Draft]:
        """Yield one draft per usable answer; ends quietly when the budget is spent."""
        if ask is None:
            return
        places = focuses(task)
        asked: set[tuple[Focus, int | None]] = set()
        try:
            for turn in range(self._rounds):
                for focus in places:
                    base = best_parent(task, tried)
                    # The same question again at temperature 0 would only give the same answer.
                    greedy = (focus, base.candidate) not in asked
                    asked.add((focus, base.candidate))
                    temperature = 0.0 if greedy else self._temperature
                    draft = await self._round(
                        task, focus, base, ask, temperature, None if greedy else turn
                    )
                    if draft is not None:
                        yield draft
        except BudgetExhausted:
            return

    async def _round(
        self,
        task: FixTask,
        focus: Focus,
        base: Parent,
        ask: AskModel,
        temperature: float,
        seed: int | None,
    ) -> Draft | None:
        question = render("explain", subject=focus.subject)
        messages = opening(task, focus, base.sources, base.failures, question)
        request = ChatRequest(messages, EXPLANATION_TOKENS, temperature, ("```",), seed)
        explanation, usage = await ask(self.name, request, role=Role.JUDGE)
        messages = (
            *messages,
            Message("assistant", explanation.strip()),
            Message("user", render("explained", subject=focus.subject, kind=task.language.kind)),
        )
        draft = await ask_for_draft(
            self.name,
            ask,
            messages,
            focus,
            base.sources,
            task.language,
            temperature,
            seed,
            spent=usage,
        )
        return None if draft is None else base.extend(draft)
