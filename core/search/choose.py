"""Which proposers take part, by their names. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from core.errors import UsageError
from core.search.base import Proposer


def choose_proposers(every: Sequence[Proposer], names: Collection[str]) -> tuple[Proposer, ...]:
    """Those with these names, in their own order; all where no name is given. Raises UsageError."""
    known = [proposer.name for proposer in every]
    for name in names:
        if name not in known:
            sentence = f"There is no proposer {name}; there are {', '.join(known)}."
            raise UsageError("search.no_proposer", sentence)
    return tuple(proposer for proposer in every if not names or proposer.name in names)
