"""Proposer: the model writes the corrected function straight away.

Greedy for each suspect function first, then samples with different seeds: a small model that misses
at temperature 0 often hits within a few samples (Chen et al., "Evaluating large language models
trained on code", 2021, section 3.3, pass@k against temperature).
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from core.context.prompt import render
from core.search.base import AskModel, BudgetExhausted, Draft, FixTask, TriedSoFar
from core.search.conversation import ask_for_draft
from core.search.focus import focuses, opening
from core.types import EditFormat


class DirectProposer:
    """``samples`` per function at ``temperature`` follow the greedy answers."""

    name = "direct"
    needs_model = True

    def __init__(self, samples: int = 6, temperature: float = 0.8) -> None:
        self._samples = samples
        self._temperature = temperature

    async def propose(
        self, task: FixTask, tried: TriedSoFar, ask: AskModel | None
    ) -> AsyncIterator[Draft]:
        """Yield one draft per usable answer; ends quietly when the budget is spent."""
        if ask is None:
            return
        places = focuses(task)
        form = task.profile.edit_format
        try:
            for turn in range(self._samples + 1):
                for focus in places:
                    name = "direct_search" if form is EditFormat.SEARCH else "direct"
                    request = render(name, subject=focus.subject, kind=task.language.kind)
                    draft = await ask_for_draft(
                        self.name,
                        ask,
                        opening(task, focus, task.sources, task.failures, request),
                        focus,
                        task.sources,
                        task.language,
                        self._temperature if turn else 0.0,
                        turn or None,
                        form=form,
                    )
                    if draft is not None:
                        yield draft
        except BudgetExhausted:
            return
