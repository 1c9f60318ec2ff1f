"""The input that divides those that pass most evenly becomes a question; agreement asks nothing."""

from __future__ import annotations

from dataclasses import replace

from core.clarify.divide import divisions, question_of
from core.search.select.asked import Asked, Held
from core.search.select.inputs import Function
from core.types import Example

INPUTS = (([1, 2],), ([],), ([1, 1, 1],))
CUT = Function("pkg/lists.py", "cut", 1, 5)


def asked(**answers: tuple[str, str, str]) -> Asked:
    """Values as Python, as candidates 1, 2, 3, ... gave them for each input."""
    given = {
        number: tuple(
            value if value.startswith("raises ") else f"({value}, {arguments!r})"
            for value, arguments in zip(values, INPUTS, strict=True)
        )
        for number, values in enumerate(answers.values(), 1)
    }
    return Asked(CUT, "from pkg.lists import cut", "cut", INPUTS, given)


def test_candidates_that_behave_alike_leave_nothing_to_ask() -> None:
    assert divisions(asked(a=("1", "0", "1"), b=("1", "0", "1")), (1, 2)) == ()
    assert divisions(asked(a=("1", "0", "1")), (1,)) == ()


def test_the_most_even_split_comes_first_and_the_shortest_call_of_equals() -> None:
    told = asked(a=("1", "0", "3"), b=("1", "0", "4"), c=("1", "None", "4"), d=("2", "None", "4"))
    places = [one.place for one in divisions(told, (1, 2, 3, 4))]
    assert places[0] == 1, "two against two"
    even = asked(a=("1", "0", "3"), b=("2", "None", "4"))
    assert [one.place for one in divisions(even, (1, 2))] == [1, 0, 2]


def test_impact_is_the_share_of_behaviour_that_hangs_on_the_answer() -> None:
    (small,) = divisions(asked(a=("1", "0", "3"), b=("1", "None", "3")), (1, 2))
    large = divisions(asked(a=("1", "0", "3"), b=("2", "None", "4")), (1, 2))[0]
    assert (small.uncertainty, large.uncertainty) == (1.0, 1.0)
    assert small.impact == 0.5 * 1 / 3
    assert large.impact == 0.5


def test_the_question_stands_alone_and_recommends_what_the_best_does() -> None:
    told = replace(
        asked(a=("1", "0", "3"), b=("1", "raises ValueError", "3"), c=("1", "0", "3")),
        today=("(1, ([1, 2],))", "(0, ([],))", "(0, ([1, 1, 1],))"),
    )
    order = (2, 1, 3)
    question = question_of(told, divisions(told, order)[0], order, ("the docstring of cut",))
    assert question.text == "What should cut([]) give?"
    assert question.example == Example("cut([])", "pkg/lists.py", "pkg.lists")
    assert [option.label for option in question.options] == ["It raises ValueError", "0"]
    assert [option.candidates for option in question.options] == [(2,), (1, 3)]
    assert question.options[0].consequence == "1 of the 3 fixes does this: the best so far."
    assert question.options[1].consequence == "2 of the 3 fixes do this, and so does the code today."
    assert "1 of 3 inputs" in question.why
    assert question.looked_up == ("the docstring of cut",)


def test_accidents_and_two_ways_to_fail_are_no_options() -> None:
    accident = asked(a=("1", "0", "3"), b=("1", "raises TypeError", "3"))
    assert divisions(accident, (1, 2)) == ()
    errors = asked(a=("1", "raises KeyError", "3"), b=("1", "raises ValueError", "3"))
    assert divisions(errors, (1, 2)) == ()


def test_values_that_are_only_spelled_differently_are_one() -> None:
    assert divisions(asked(a=("1", "{1, 2}", "3"), b=("1", "{2, 1}", "3")), (1, 2)) == ()
    assert divisions(asked(a=("1", "True", "3"), b=("1", "1", "3")), (1, 2)) != ()


def test_what_is_held_refutes_those_that_give_something_else() -> None:
    told = asked(a=("1", "0", "3"), b=("1", "None", "3"))
    assert told.refuted([Held(Example("lists.cut([])", "pkg/lists.py"), "0")]) == {2}
    assert told.refuted([Held(Example("cut([])", "other.py"), "0")]) == frozenset()
    assert told.refuted([Held(Example("cut([9])", "pkg/lists.py"), "0")]) == frozenset(), "not asked"
