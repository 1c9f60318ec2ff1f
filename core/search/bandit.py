"""What each proposer has gained for what it cost, and so who is next.

Source: Y. Xia, H. Li, T. Qin, N. Yu, T.-Y. Liu, "Thompson sampling for budgeted multi-armed bandits",
IJCAI 2015, section 3: draw each arm's gain from its posterior, divide by its cost, pull the highest.
Gains between 0 and 1 count as that part of a success (S. Agrawal, N. Goyal, "Analysis of Thompson
sampling for the multi-armed bandit problem", COLT 2012, section 4, without its coin toss). O. Chapelle,
L. Li, "An empirical evaluation of Thompson sampling", NIPS 2011, section 2 has why informed priors pay.

The verifiers are given away by that draw: one second of theirs is one pull. The model's time is shared:
each proposer's weight at its door is what it gains for a token, so that none ever starves.
"""

from __future__ import annotations

import random
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.resources import files
from typing import Final

from core.types import ProposerUsage, TokenUsage

READ_COST: Final = 0.2
"""What reading a token costs of writing one; as prices and processors have it, roughly."""
MOST_TILT: Final = 4.0
"""How far gains move a proposer's share, up or down."""
_LEAST: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Prior:
    """What is believed of a proposer's drafts before the first; see ``resources/priors.toml``."""

    gain: float
    weight: float
    seconds: float
    tokens: float


@dataclass(slots=True)
class Arm:
    """One proposer on one base, in one search."""

    proposer: str
    prior: Prior
    drafts: int = 0
    gained: float = 0.0
    seconds: float = 0.0

    def draw(self, chance: random.Random) -> float:
        """Gain per second of a verifier, drawn from what is believed of it."""
        good = self.prior.gain * self.prior.weight + self.gained
        bad = (1.0 - self.prior.gain) * self.prior.weight + self.drafts - self.gained
        cost = (self.prior.seconds * self.prior.weight + self.seconds) / (self.prior.weight + self.drafts)
        return chance.betavariate(max(good, _LEAST), max(bad, _LEAST)) / max(cost, _LEAST)


@dataclass(slots=True)
class _Spending:
    """What the model has cost for one proposer."""

    tokens: TokenUsage = field(default_factory=TokenUsage)
    cost: float = 0.0
    gained: float = 0.0


class Gains:
    """The book of one search. The same ``seed`` draws the same, as long as the same things happen."""

    def __init__(self, priors: Mapping[str, Prior], asking: Iterable[str] = (), seed: int = 0) -> None:
        """``asking`` are the proposers that share the model."""
        self._priors = priors
        self._chance = random.Random(seed)
        self._arms: list[Arm] = []
        self._spending = {name: _Spending() for name in asking}

    def arm(self, proposer: str, promise: float = 0.0) -> Arm:
        """A new arm. ``promise`` in 0..1 is how much of the task its base has done already."""
        prior = self._prior(proposer)
        arm = Arm(proposer, replace(prior, gain=min(0.5, prior.gain * (1.0 + promise))))
        self._arms.append(arm)
        return arm

    def best(self, arms: Sequence[Arm]) -> int:
        """The place of the arm to pull among ``arms``, of which there is one at least."""
        if len(arms) == 1:
            return 0
        draws = [arm.draw(self._chance) for arm in arms]
        return draws.index(max(draws))

    def verified(self, arm: Arm, gain: float, seconds: float) -> None:
        """One pull is over: ``gain`` in 0..1 for ``seconds`` of a verifier."""
        arm.drafts += 1
        arm.gained += gain
        arm.seconds += seconds
        if arm.proposer in self._spending:
            self._spending[arm.proposer].gained += gain

    def asked(self, proposer: str, usage: TokenUsage) -> None:
        """The model was asked for a proposer."""
        spending = self._spending.setdefault(proposer, _Spending())
        spending.tokens += usage
        spending.cost += usage.completion + READ_COST * max(0, usage.prompt - usage.cached)

    def tilt(self, proposer: str) -> float:
        """How much more of the model a proposer should have than others: 1 for the average gain."""
        rates = {name: self._rate(name) for name in (*self._spending, proposer)}
        average = sum(rates.values()) / len(rates)
        return min(MOST_TILT, max(1.0 / MOST_TILT, rates[proposer] / average)) if average else 1.0

    def usage(self) -> tuple[ProposerUsage, ...]:
        """What each proposer has had and gained, in the order in which they began."""
        rows: list[ProposerUsage] = []
        for name in dict.fromkeys((*(arm.proposer for arm in self._arms), *self._spending)):
            arms = [arm for arm in self._arms if arm.proposer == name]
            spending = self._spending.get(name, _Spending())
            rows.append(
                ProposerUsage(
                    name,
                    sum(arm.drafts for arm in arms),
                    sum(arm.gained for arm in arms),
                    sum(arm.seconds for arm in arms),
                    spending.tokens,
                )
            )
        return tuple(rows)

    def _rate(self, proposer: str) -> float:
        """Gain per token: that of the prior at first, then more and more that of this search."""
        prior, spending = self._prior(proposer), self._spending.get(proposer, _Spending())
        cost = max(prior.tokens, 1.0) * prior.weight + spending.cost
        return (prior.gain * prior.weight + spending.gained) / cost

    def _prior(self, proposer: str) -> Prior:
        return self._priors.get(proposer) or self._priors["default"]


def load_priors() -> Mapping[str, Prior]:
    """Those that come with Greenbar, by proposer; ``default`` is for any other."""
    table = tomllib.loads(files("resources").joinpath("priors.toml").read_text("utf-8"))
    return {name: Prior(**values) for name, values in table.items()}
