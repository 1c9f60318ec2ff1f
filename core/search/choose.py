"""Which proposers take part, by a strategy and by their names. Pure."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final, cast

from core.errors import UsageError
from core.search.base import Proposer
from core.search.strategy import PLAIN, Setting, Strategy
from core.types import Remedy

ONLY_BY_NAME: Final = frozenset({"whole_file"})
"""What is there to be compared with, and would only take the model's time from the others."""
_WITH_AUTO: Final = Remedy("Use another strategy", shell="greenbar fix PATH --strategy auto")


def choose_proposers(
    every: Sequence[Proposer], names: Collection[str], strategy: Strategy = PLAIN
) -> tuple[Proposer, ...]:
    """Those of the strategy with these names (where no name is given all of them, but for those that want
    to be named), in the order of ``every``, with the strategy's settings. Raises UsageError."""
    known = [proposer.name for proposer in every]
    for name in strategy.parts:
        if name not in known:
            sentence = f"The strategy {strategy.name} has the proposer {name}, which there is not."
            raise UsageError("search.no_proposer", sentence, (_WITH_AUTO,))
    if strategy.others:
        left_out = ONLY_BY_NAME - {*strategy.parts, *names}
        taking_part = [name for name in known if name not in left_out]
    else:
        taking_part = [name for name in known if name in strategy.parts]
    for name in names:
        if name not in known:
            sentence = f"There is no proposer {name}; there are {', '.join(known)}."
            raise UsageError("search.no_proposer", sentence)
        if name not in taking_part:
            has = ", ".join(taking_part)
            sentence = f"The strategy {strategy.name} has no proposer {name}; it has {has}."
            raise UsageError("search.no_proposer", sentence, (_WITH_AUTO,))
    wanted = names or taking_part
    return tuple(
        _with(proposer, strategy.part(proposer.name).settings, strategy.name)
        for proposer in every
        if proposer.name in wanted
    )


def without_model(proposers: Sequence[Proposer]) -> tuple[Proposer, ...]:
    """Those that need no model. Raises UsageError where there is none among them."""
    left = tuple(proposer for proposer in proposers if not proposer.needs_model)
    if proposers and not left:
        names = ", ".join(proposer.name for proposer in proposers)
        sentence = f"No model takes part, and all that would have ideas need one: {names}."
        raise UsageError("strategy.needs_model", sentence, (_WITH_AUTO,))
    return left


def _with(proposer: Proposer, settings: Mapping[str, Setting], strategy: str) -> Proposer:
    """The proposer made anew with these arguments of its constructor."""
    if not settings:
        return proposer
    make = type(proposer)
    taken = inspect.signature(make).parameters
    for key, value in settings.items():
        if key not in taken:
            has = f"it takes {', '.join(taken)}" if taken else "it takes none"
            sentence = f"The strategy {strategy} has a setting {key} for {proposer.name}; {has}."
            raise UsageError("strategy.setting", sentence)
        if not _fits(value, taken[key].default):
            what = f"{key} of {proposer.name}"
            sentence = f"The strategy {strategy} sets {what} to {value!r}, which it cannot be."
            raise UsageError("strategy.setting", sentence)
    return cast(Callable[..., Proposer], make)(**settings)


def _fits(value: Setting, default: object) -> bool:
    """Whether a value is of its default's type; a number is never below 0."""
    if isinstance(default, float) and type(value) is int:
        return value >= 0
    return type(value) is type(default) and (not isinstance(value, (int, float)) or value >= 0)
