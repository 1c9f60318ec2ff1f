"""Proposer: carries out the user's remarks on a candidate, and keeps the rest of it.

What a remark says to the letter is done without a model. For the rest the model is shown the lines that
were remarked, what was said, and what the change is to be (the steps of CodeReviewQA, see
:mod:`core.remark.reading`), and answers with the whole function: greedily, then with what its answer
made of the tests, then in samples. Feedback in words on one's own program helps where more samples of
the first question do not (A. Chen et al., "Learning from natural language feedback" (ILF), TMLR 2024).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Final

from core.context.digest import digest_failures
from core.context.prompt import fence, render
from core.models.base import Message
from core.remark.orders import Order, Start, carry_out_all
from core.remark.places import function_at
from core.search.base import AskModel, BudgetExhausted, Draft, FixTask, Tried, TriedSoFar
from core.search.conversation import ask_for_draft
from core.search.focus import Focus, code_of, opening
from core.search.parents import outcome_of
from core.search.select.merit import passes
from core.types import RelPath, TestResult

OUTCOME_SECONDS: Final = 8.0
_FIRST_SEED: Final = 300
"""Apart from those of other proposers."""
_MOST_FOCUSES: Final = 3


class RemarkProposer:
    """For one round. ``samples`` follow the greedy answer and the answer to its failure."""

    name = "remark"
    needs_model = False
    """What can be done to the letter needs none."""

    def __init__(
        self, orders: Sequence[Order], start: Start, samples: int = 6, temperature: float = 0.8
    ) -> None:
        self._orders = tuple(orders)
        self._start = start
        self._samples = samples
        self._temperature = temperature

    async def propose(
        self, task: FixTask, tried: TriedSoFar, ask: AskModel | None
    ) -> AsyncIterator[Draft]:
        """Yield one draft where all is done to the letter, else one per usable answer."""
        done, left = carry_out_all(self._orders, self._start)
        if done and not left:
            yield Draft(_title(self._orders), done)
            return
        if ask is None or not left:
            return
        try:
            for turn in range(self._samples + 1):
                temperature, seed = (self._temperature, _FIRST_SEED + turn) if turn else (0.0, None)
                draft = await self._answer(task, done, left, ask, temperature, seed)
                if draft is None:
                    continue
                yield draft
                shown = None if turn else await outcome_of(draft, tried, OUTCOME_SECONDS)
                if shown is None or shown.evidence is None or passes(shown.evidence):
                    continue
                again = await self._answer(task, done, left, ask, 0.0, None, shown)
                if again is not None:
                    yield again
        except BudgetExhausted:
            return

    async def _answer(
        self,
        task: FixTask,
        done: Mapping[RelPath, str],
        left: Sequence[Order],
        ask: AskModel,
        temperature: float,
        seed: int | None,
        shown: Tried | None = None,
    ) -> Draft | None:
        """One answer for each function that is left to be changed, one upon the other; after what was
        ``shown`` where there is something."""
        texts = {**task.sources, **done}
        made: dict[RelPath, str] = dict(done)
        answered = None
        for focus, orders in _by_focus(left, texts):
            failure = shown.evidence.failure if shown and shown.evidence else None
            before = {**texts, **shown.edits} if shown else {}
            question = self._question(task, focus, orders, texts, failure, before)
            answered = await ask_for_draft(
                self.name, ask, question, focus, texts, task.language, temperature, seed
            )
            if answered is None:
                return None
            texts |= answered.edits
            made |= answered.edits
        if answered is None:
            return None
        return Draft(_title(self._orders), made, answered.tokens)

    def _question(
        self,
        task: FixTask,
        focus: Focus,
        orders: Sequence[Order],
        texts: Mapping[RelPath, str],
        failure: TestResult | None,
        before: Mapping[RelPath, str],
    ) -> tuple[Message, ...]:
        kind = task.language.kind
        request = render(
            "remark",
            subject=focus.subject,
            code=fence("\n".join(dict.fromkeys(order.code for order in orders)), kind),
            change=", ".join(dict.fromkeys(order.reading.kind.value for order in orders)),
            remark=" ".join(" ".join(order.reading.solution.split()) for order in orders),
            kind=kind,
        )
        question = opening(task, focus, texts, task.failures, request)
        if failure is None:
            return question
        answer = fence(code_of(before, focus, task.language), kind)
        digest = fence(digest_failures((failure,)))
        told = render("refine", digest=digest, subject=focus.subject, kind=kind)
        return (*question, Message("assistant", answer), Message("user", told))


def _by_focus(
    orders: Sequence[Order], texts: Mapping[RelPath, str]
) -> list[tuple[Focus, tuple[Order, ...]]]:
    """The functions that orders are about, each with its orders; a whole file outside of functions."""
    found: dict[Focus, list[Order]] = {}
    for order in orders:
        for path in [order.place.path] if order.place.path else order.paths:
            if path in texts:
                function = function_at(order.place, texts[path]) if order.place.path else ""
                found.setdefault(Focus(path, function), []).append(order)
    return [(focus, tuple(given)) for focus, given in list(found.items())[:_MOST_FOCUSES]]


def _title(orders: Sequence[Order]) -> str:
    solution = " ".join(orders[0].reading.solution.split())
    more = f" (and {len(orders) - 1} more)" if len(orders) > 1 else ""
    return f"{solution[:70]}{more}"
