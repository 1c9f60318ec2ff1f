"""The budget of one task: what is spent, by role, in seconds, tokens and money."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import replace

from core.errors import ModelError
from core.models.guard import StopReason
from core.models.http_errors import WITHOUT_MODEL
from core.types import Budget, Remedy, Role, RoleUsage, TokenUsage

MIN_CALL_SECONDS = 1.0
"""A call that could not run this long is not begun."""
MIN_ANSWER_TOKENS = 32
"""A call whose answer could not be this long is not begun."""

CostOf = Callable[[str, TokenUsage], float | None]
"""US dollars for a model's usage, by its spec; ``None`` where its price is not known."""


def unknown_cost(spec: str, usage: TokenUsage) -> float | None:
    """For whoever has no list of prices: nothing is known of any."""
    return None


class Meter:
    """Time, tokens and money of one task. Seconds run from construction."""

    def __init__(self, budget: Budget, cost: CostOf = unknown_cost) -> None:
        self.budget = budget
        self._cost = cost
        self._roles: dict[tuple[Role, str], RoleUsage] = {}
        self._lengths: list[int] = []
        self._started = time.monotonic()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._started

    @property
    def seconds_left(self) -> float:
        return max(0.0, self.budget.seconds - self.seconds)

    @property
    def spent(self) -> bool:
        return self.seconds_left <= 0

    @property
    def tokens(self) -> TokenUsage:
        """Of all roles together."""
        return sum((row.tokens for row in self._roles.values()), TokenUsage())

    @property
    def roles(self) -> tuple[RoleUsage, ...]:
        """One row for each role and model that was asked, in the order of their first call."""
        return tuple(self._roles.values())

    @property
    def dollars(self) -> float | None:
        """``None`` where a part of it is not known."""
        costs = [row.dollars for row in self._roles.values()]
        return None if None in costs else sum(cost for cost in costs if cost is not None)

    def answer_tokens(self, model: str, prompt_tokens: int, wanted: int) -> int:
        """How long an answer of ``model`` may get after a prompt of about this size; 0 where the budget
        has no room for the call.

        Raises ModelError ``model.price_unknown`` where money is limited and the price is not known.
        """
        if self.seconds_left < MIN_CALL_SECONDS:
            return 0
        allowed = min(wanted, self._tokens_left(prompt_tokens, wanted))
        allowed = min(allowed, self._affordable(model, prompt_tokens, wanted))
        return allowed if allowed >= min(MIN_ANSWER_TOKENS, wanted) else 0

    def add(self, role: Role, model: str, usage: TokenUsage) -> None:
        """Count a call that has ended, however it ended."""
        row = self._roles.get((role, model), RoleUsage(role, model))
        cost = self._cost(model, usage)
        self._roles[role, model] = replace(
            row,
            tokens=row.tokens + usage,
            calls=row.calls + 1,
            dollars=None if cost is None or row.dollars is None else row.dollars + cost,
        )

    def note_whole(self, completion: int) -> None:
        """An answer of this many tokens ended by itself: what is typical is learned from these."""
        self._lengths.append(completion)

    def note_stopped(
        self, role: Role, model: str, reason: StopReason, completion: int, limit: int
    ) -> int:
        """Count an answer that was stopped, and estimate the tokens that this saved.

        One that goes in circles would have run to its ``limit``; of any other, the typical length of the
        answers so far is taken to be missing, or where there are none a quarter of its own.
        """
        if reason is StopReason.REPEATS:
            expected = limit
        elif self._lengths:
            expected = round(statistics.median(self._lengths))
        else:
            expected = completion * 5 // 4
        saved = max(0, min(expected, limit) - completion)
        row = self._roles.get((role, model), RoleUsage(role, model))
        self._roles[role, model] = replace(row, stopped=row.stopped + 1, saved=row.saved + saved)
        return saved

    def _tokens_left(self, prompt_tokens: int, wanted: int) -> int:
        if not self.budget.tokens:
            return wanted
        spent = self.tokens
        return self.budget.tokens - spent.prompt - spent.completion - prompt_tokens

    def _affordable(self, model: str, prompt_tokens: int, wanted: int) -> int:
        """The longest answer that the money pays for, if ``wanted`` costs too much."""
        if not self.budget.dollars:
            return wanted
        prompt = self._cost(model, TokenUsage(prompt_tokens))
        whole = self._cost(model, TokenUsage(prompt_tokens, wanted))
        if prompt is None or whole is None:
            raise _price_unknown(model)
        left = self.budget.dollars - sum(row.dollars or 0.0 for row in self._roles.values())
        if whole <= left:
            return wanted
        return int(wanted * (left - prompt) / (whole - prompt)) if whole > prompt else 0


def _price_unknown(model: str) -> ModelError:
    sentence = f"The price of {model} is not known, so a limit in dollars cannot be kept."
    remedies = (
        Remedy("Limit tokens instead", shell="greenbar fix PATH --budget-tokens N"),
        WITHOUT_MODEL,
    )
    return ModelError("model.price_unknown", sentence, remedies)
