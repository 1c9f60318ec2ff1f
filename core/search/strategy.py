"""What a strategy is: which proposers take part and how, how the tree grows, when enough is enough. Pure.

A strategy is a file (:mod:`core.search.strategy_file`); the controller knows none by its name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from core.errors import UsageError
from core.types import Remedy, Role, StrategyRow

Setting: TypeAlias = bool | int | float | str
_LIST: Final = Remedy("List the strategies", shell="greenbar strategies list")


@dataclass(frozen=True, slots=True)
class Part:
    """How one proposer takes part. What is not said in ``settings`` is as its constructor has it."""

    share: float = 1.0
    """Of the model, against the other proposers'; what each has gained moves it by a factor of four."""
    stage: int = 1
    """It begins when those of every earlier stage are out of ideas."""
    drafts: int = 0
    """How many drafts it may have; 0: any number."""
    expand: bool = False
    """Whether it works on promising candidates, too, and not only on the source."""
    role: Role | None = None
    """Whose model answers all its questions; ``None``: as the proposer asks."""
    hints: tuple[str, ...] = ()
    """Sentences of which each sampled question gets the next one at its end."""
    settings: Mapping[str, Setting] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StopRule:
    """When a search ends before its budget does.

    After the first candidate that passes, it looks on for a better one: until ``greens`` have passed,
    or for ``share`` of the time spent so far, ``seconds`` at most. ``patience``: seconds without any
    progress; 0: as long as the budget lasts.
    """

    greens: int = 3
    share: float = 0.2
    seconds: float = 5.0
    patience: float = 0.0


@dataclass(frozen=True, slots=True)
class Strategy:
    """One strategy. ``source`` is the published work, ``approximation`` what of it our parts only
    come near to; empty for our own."""

    name: str = "plain"
    title: str = "Plain"
    summary: str = ""
    source: str = ""
    approximation: str = ""
    parts: Mapping[str, Part] = field(default_factory=dict)
    """By the names of proposers, in the file's order."""
    others: bool = True
    """Whether proposers that ``parts`` does not name take part as well."""
    stop: StopRule = StopRule()
    branching: int = 3
    """How many promising candidates are worked on at a time."""
    depth: int = 2
    """How far from the source a candidate may be that is worked on; 0: only the source is."""

    def part(self, proposer: str) -> Part:
        return self.parts.get(proposer, Part())

    def row(self) -> StrategyRow:
        """For the window and the command line."""
        return StrategyRow(
            self.name, self.title, self.summary, self.source, self.approximation, tuple(self.parts)
        )


PLAIN: Final = Strategy(stop=StopRule(greens=1))
"""Everybody on the source until the first candidate passes; for whoever names no strategy."""


def find_strategy(name: str, every: Sequence[Strategy]) -> Strategy:
    """The strategy of this name; of two, the later one. Raises UsageError."""
    for strategy in reversed(every):
        if strategy.name == name:
            return strategy
    names = ", ".join(dict.fromkeys(strategy.name for strategy in every))
    raise UsageError("strategy.unknown", f"There is no strategy {name}; there are {names}.", (_LIST,))
