"""When a search has done enough, by its strategy's stop rule. Pure: moments come from outside.

The look for a better candidate after the first that passes is kept in proportion to what the search
has cost: more samples of weak tests only bring more that pass and are wrong (B. Stroebl, S. Kapoor,
A. Narayanan, "Inference scaling fLaws", 2024, section 3).
"""

from __future__ import annotations

import math
from typing import Final

from core.search.strategy import StopRule

DOUBT: Final = 4.0
"""How many times longer to look on where all that pass look made for the tests."""


class Ending:
    """Told what happens and when (seconds since the search's budget began to run)."""

    def __init__(self, rule: StopRule, began: float) -> None:
        self._rule = rule
        self._progress = began
        self._first: float | None = None
        self._trusted = False
        self._greens = 0
        self._enough = False

    def progressed(self, at: float) -> None:
        """A candidate was better than all before."""
        self._progress = at

    def passed(self, at: float, *, trusted: bool) -> None:
        """A candidate passed; ``trusted``: nothing of it looks made for the tests."""
        self._first = at if self._first is None else self._first
        self._trusted = self._trusted or trusted
        self._greens += 1
        self._enough = self._greens >= self._rule.greens and self._trusted

    @property
    def found(self) -> bool:
        return self._first is not None

    @property
    def at(self) -> float:
        """The moment at which to end; infinity where only the budget ends it."""
        if self._first is None:
            return self._progress + self._rule.patience if self._rule.patience else math.inf
        if self._enough:
            return self._first
        window = min(self._rule.seconds, self._rule.share * self._first)
        return self._first + window * (1.0 if self._trusted else DOUBT)
