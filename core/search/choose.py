"""Which proposers take part, by their names. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from core.errors import UsageError
from core.search.base import Proposer

ONLY_BY_NAME: Final = frozenset({"whole_file"})
"""What is there to be compared with, and would only take the model's time from the others."""


def choose_proposers(every: Sequence[Proposer], names: Collection[str]) -> tuple[Proposer, ...]:
    """Those with these names, in their own order; where no name is given all but those that want to be
    named. Raises UsageError."""
    known = [proposer.name for proposer in every]
    for name in names:
        if name not in known:
            sentence = f"There is no proposer {name}; there are {', '.join(known)}."
            raise UsageError("search.no_proposer", sentence)
    wanted = names or [name for name in known if name not in ONLY_BY_NAME]
    return tuple(proposer for proposer in every if proposer.name in wanted)
