"""When a search has done enough, by its strategy's stop rule. Pure: moments come from outside.

The look for a better candidate after the first that passes is kept in proportion to what the search
has cost: more samples of weak tests only bring more that pass and are wrong (B. Stroebl, S. Kapoor,
A. Narayanan, "Inference scaling fLaws", 2024, section 3). Where few tests see the code, and what those
that pass do on other inputs is judged as well, there has to be something to choose among.
"""

from __future__ import annotations

import math
from typing import Final

from core.search.strategy import StopRule

DOUBT: Final = 4.0
"""How many times longer to look on where all that pass look made for the tests."""
FEW_TESTS: Final = 8
"""Tests beside the failing ones, these included, below which passing them says little."""
AMONG: Final = 2
"""How many times as many that pass to choose among, where there are few tests."""
LOOK_ON: Final = (2.0, 10.0)
"""Seconds, at least and at most, to look on where there are few tests; else as long as it took."""
MORE: Final = 40
"""So many candidates are enough of a look, whatever the time."""


class Ending:
    """Told what happens and when (seconds since the search's budget began to run)."""

    def __init__(self, rule: StopRule, began: float, *, few_tests: bool = False) -> None:
        """``few_tests``: so few see the code that others than the right fix pass them often, and somebody
        is there who can tell more than the tests; a rule that asks for one fix is kept all the same."""
        self._rule = rule
        self._few_tests = few_tests and rule.greens > 1
        self._since = 0
        self._progress = began
        self._first: float | None = None
        self._trusted = False
        self._greens = 0
        self._enough = False

    def progressed(self, at: float) -> None:
        """A candidate was better than all before."""
        self._progress = at

    def verified(self) -> None:
        """A candidate was verified, whatever came of it."""
        self._since += self._first is not None

    def passed(self, at: float, *, trusted: bool) -> None:
        """A candidate passed; ``trusted``: nothing of it looks made for the tests."""
        self._first = at if self._first is None else self._first
        self._trusted = self._trusted or trusted
        self._greens += 1
        wanted = self._rule.greens * (AMONG if self._few_tests else 1)
        self._enough = self._greens >= wanted and self._trusted

    @property
    def looks_on(self) -> bool:
        """Whether others that pass are wanted beside those that do."""
        return self._few_tests and not self._enough

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
        window *= 1.0 if self._trusted else DOUBT
        if self._few_tests and self._since < MORE:
            least, most = LOOK_ON
            window = max(window, least, min(most, self._first))
        return self._first + window
