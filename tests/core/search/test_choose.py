"""Choosing proposers by strategy and name."""

from __future__ import annotations

from typing import Any

import pytest

from core.errors import UsageError
from core.search.choose import choose_proposers, without_model
from core.search.infill import InfillProposer
from core.search.mutation import MutationProposer
from core.search.strategy import Part, Strategy
from core.search.whole_file import WholeFileProposer

EVERY = (MutationProposer(), InfillProposer())


def strategy(others: bool = False, **parts: Any) -> Strategy:
    return Strategy("mine", parts={name: Part(**said) for name, said in parts.items()}, others=others)


def refusal(names: tuple[str, ...], strategy: Strategy) -> str:
    with pytest.raises(UsageError) as refused:
        choose_proposers(EVERY, names, strategy)
    return refused.value.sentence


def test_all_take_part_where_none_is_named() -> None:
    assert choose_proposers(EVERY, ()) == EVERY


def test_a_baseline_for_comparison_takes_part_only_by_its_name() -> None:
    plain = WholeFileProposer()
    assert choose_proposers((*EVERY, plain), ()) == EVERY
    assert choose_proposers((*EVERY, plain), ("whole_file",)) == (plain,)
    assert choose_proposers((*EVERY, plain), (), strategy(whole_file={})) == (plain,)
    assert choose_proposers((*EVERY, plain), (), strategy(others=True, whole_file={})) == (*EVERY, plain)


def test_named_ones_take_part_in_their_own_order() -> None:
    assert choose_proposers(EVERY, ("infill", "mutation")) == EVERY
    assert choose_proposers(EVERY, ("infill",)) == EVERY[1:]


def test_a_name_that_is_none_is_refused_with_those_there_are() -> None:
    with pytest.raises(UsageError) as refused:
        choose_proposers(EVERY, ("infil",))
    assert refused.value.sentence == "There is no proposer infil; there are mutation, infill."


def test_a_strategy_says_who_takes_part() -> None:
    assert choose_proposers(EVERY, (), strategy(mutation={})) == EVERY[:1]
    assert choose_proposers(EVERY, (), strategy(others=True, mutation={})) == EVERY
    assert refusal(("infill",), strategy(mutation={})) == (
        "The strategy mine has no proposer infill; it has mutation."
    )
    assert refusal((), strategy(dreams={})) == (
        "The strategy mine has the proposer dreams, which there is not."
    )


def test_a_strategy_gives_proposers_their_settings() -> None:
    (made,) = choose_proposers(EVERY, (), strategy(infill={"settings": {"samples": 7, "temperature": 1}}))
    assert isinstance(made, InfillProposer)
    assert (made._samples, made._temperature) == (7, 1)


@pytest.mark.parametrize(
    ("proposer", "settings", "sentence"),
    [
        ("mutation", {"samples": 2}, "has a setting samples for mutation; it takes none."),
        ("infill", {"rounds": 2}, "has a setting rounds for infill; it takes samples, temperature."),
        ("infill", {"samples": "two"}, "sets samples of infill to 'two', which it cannot be."),
        ("infill", {"samples": -1}, "sets samples of infill to -1, which it cannot be."),
        ("infill", {"temperature": True}, "sets temperature of infill to True, which it cannot be."),
    ],
)
def test_a_setting_that_a_proposer_does_not_take_is_refused(
    proposer: str, settings: dict[str, Any], sentence: str
) -> None:
    assert refusal((), strategy(**{proposer: {"settings": settings}})) == f"The strategy mine {sentence}"


def test_without_a_model_those_that_need_none_go_on_alone() -> None:
    assert without_model(EVERY) == EVERY[:1]
    with pytest.raises(UsageError) as refused:
        without_model(EVERY[1:])
    assert refused.value.sentence == (
        "No model takes part, and all that would have ideas need one: infill."
    )
