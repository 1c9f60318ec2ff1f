"""Properties as the second judge: which of them count, and who breaks them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from core.properties.judging import Judgement, judge


def answers(function: Callable[..., Any], inputs: list[tuple[Any, ...]]) -> list[str]:
    """As an asking module has them."""
    found = []
    for arguments in inputs:
        mine = tuple(list(a) if isinstance(a, list) else a for a in arguments)
        try:
            found.append(repr((function(*mine), mine)))
        except Exception as error:  # noqa: BLE001 - whatever it raises is the answer
            found.append(f"raises {type(error).__name__}")
    return found


def judged(
    inputs: list[tuple[Any, ...]],
    tested: int,
    passing: list[Callable[..., Any]],
    wrong: list[Callable[..., Any]],
    today: Callable[..., Any],
) -> Judgement:
    """The judgement of candidates numbered from 1; the first ``tested`` inputs are those of tests."""
    return judge(
        inputs,
        range(tested),
        {number: answers(one, inputs) for number, one in enumerate(passing, 1)},
        [answers(one, inputs) for one in wrong],
        answers(today, inputs),
    )


LISTS = [([3, 1, 2],), ([5, 4],), ([2, 1, 1],), ([2, 1, 3],), ([],), ([7, 7, 1],), ([1, 1, 2],)]


def test_who_loses_an_item_breaks_what_the_tests_show_of_a_sort():
    found = judged(LISTS, 2, [sorted, lambda xs: sorted(set(xs))], [lambda xs: xs[:1]], lambda xs: xs)

    assert found.weight(1) == 0
    fault = found.against(2)[0]
    assert fault.sentence == "The result has the items of the argument, each as often."
    assert fault.arguments == ([1, 1, 2],), "the smallest that shows it, and then the first by its text"
    assert fault.given == "[1, 2]"


def test_a_property_that_nothing_wrong_breaks_is_vacuous():
    found = judged(LISTS, 2, [sorted, lambda xs: sorted(set(xs))], [], sorted)

    assert found.properties == ()
    assert [fault.sentence for fault in found.against(2)] == ["It changes what others leave as it is."]


def test_a_property_that_all_who_pass_break_is_wrong_itself():
    drop = [lambda xs: sorted(set(xs)), lambda xs: sorted(set(xs))[:3]]
    found = judged(LISTS, 2, drop, [lambda xs: xs[:1]], lambda xs: xs)

    sentences = [one.sentence for one in found.properties]
    assert "The result has the items of the argument, each as often." not in sentences


def test_what_one_call_shows_is_not_enough():
    found = judged(LISTS, 1, [sorted, lambda xs: sorted(set(xs))], [lambda xs: xs[:1]], lambda xs: xs)

    assert not any("each as often" in fault.sentence for fault in found.against(2))


def test_who_changes_its_argument_where_the_others_do_not_is_told():
    def in_place(xs: list[int]) -> list[int]:
        xs.sort()
        return xs

    found = judged(LISTS, 0, [sorted, sorted, in_place], [in_place], lambda xs: xs)
    assert found.weight(3) == 0, "no test has shown that it matters"

    def late(xs: list[int]) -> list[int]:
        return in_place(xs) if len(xs) > 2 and xs[0] == xs[1] else sorted(xs)

    found = judged(LISTS, 3, [sorted, sorted, late], [in_place], lambda xs: xs)
    assert [fault.sentence for fault in found.against(3)] == ["The arguments stay as they were."]
    assert found.weight(1) == 0


def test_who_fails_where_today_s_code_and_the_others_answer_is_told():
    inputs: list[tuple[Any, ...]] = [(4,), (2,), (0,), (-1,)]

    def fails(x: int) -> float:
        return 8 / x

    found = judged(inputs, 2, [lambda x: 8 // x if x else 0, lambda x: 8 / x if x else 0, fails], [], abs)

    assert [fault.sentence for fault in found.against(3)] == ["It fails where others answer."]
    assert found.against(3)[0].arguments == (0,)
    assert found.weight(1) == 0


def test_the_order_of_two_arguments_is_learnt_from_those_that_pass():
    import math

    pairs: list[tuple[Any, ...]] = [(12, 18), (18, 12), (7, 5), (5, 7), (6, 3), (3, 6), (4, 9), (9, 4)]

    def lopsided(a: int, b: int) -> int:
        return math.gcd(a, b) if a <= b else b

    found = judged(pairs, 1, [math.gcd, math.gcd, lopsided], [lambda a, b: a], lambda a, b: a)

    assert "The order of the two arguments makes no difference." in [
        fault.sentence for fault in found.against(3)
    ]
    assert found.weight(1) == 0


def test_answers_that_cannot_be_read_say_nothing():
    inputs: list[tuple[Any, ...]] = [(1,), (2,)]

    found = judge(inputs, [0], {1: ["(1, (1,))", "nothing"], 2: ["(<object>, (1,))", "("]}, [], ["", ""])

    assert found.against(1) == ()


def test_who_changes_what_most_of_the_others_leave_is_told() -> None:
    hours: list[tuple[Any, ...]] = [(12,), (20,), (8,), (3,)]

    found = judged(
        hours,
        2,
        [lambda h: 9 <= h < 17, lambda h: 9 <= h <= 17, lambda h: 8 <= h < 17],
        [],
        lambda h: h >= 9 and h > 17,
    )

    assert [fault.sentence for fault in found.against(3)] == ["It changes what others leave as it is."]
    assert found.against(3)[0].arguments == (8,)
    assert found.weight(1) == found.weight(2) == 0
