"""Choosing proposers by name."""

from __future__ import annotations

import pytest

from core.errors import UsageError
from core.search.choose import choose_proposers
from core.search.infill import InfillProposer
from core.search.mutation import MutationProposer
from core.search.whole_file import WholeFileProposer

EVERY = (MutationProposer(), InfillProposer())


def test_all_take_part_where_none_is_named() -> None:
    assert choose_proposers(EVERY, ()) == EVERY


def test_a_baseline_for_comparison_takes_part_only_by_its_name() -> None:
    plain = WholeFileProposer()
    assert choose_proposers((*EVERY, plain), ()) == EVERY
    assert choose_proposers((*EVERY, plain), ("whole_file",)) == (plain,)


def test_named_ones_take_part_in_their_own_order() -> None:
    assert choose_proposers(EVERY, ("infill", "mutation")) == EVERY
    assert choose_proposers(EVERY, ("infill",)) == EVERY[1:]


def test_a_name_that_is_none_is_refused_with_those_there_are() -> None:
    with pytest.raises(UsageError) as refused:
        choose_proposers(EVERY, ("infil",))
    assert refused.value.sentence == "There is no proposer infil; there are mutation, infill."
