"""Groups of candidates that behave alike, and which of them to believe."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from core.search.select.clusters import b4, believed, codet, groups_of, matrix_of

ANSWERS = st.dictionaries(
    st.integers(1, 50), st.tuples(*[st.sampled_from("abc")] * 4), min_size=1, max_size=8
)


def test_the_same_answers_make_a_group() -> None:
    matrix = matrix_of({1: "ab", 2: "ac", 3: "ab"})
    assert groups_of(matrix) == ((1, 3), (2,))


def test_most_that_agree_are_believed() -> None:
    matrix = matrix_of({1: "abcd", 2: "abzz", 3: "abcd", 4: "xbcd"})
    assert believed(matrix) == (1, 3)
    assert b4((1, 3), matrix) > b4((2,), matrix)
    assert codet((1, 3), matrix) > codet((2,), matrix)


def test_a_large_lead_is_believed_more_firmly_than_a_small_one() -> None:
    small = matrix_of({1: "ab", 2: "ab", 3: "cd"})
    large = matrix_of({n: "ab" if n < 9 else "cd" for n in range(10)})
    lead = [b4(groups_of(m)[0], m) - b4(groups_of(m)[1], m) for m in (small, large)]
    assert 0 < lead[0] < lead[1]


def test_with_tests_of_somebody_elses_the_group_that_passes_more_is_believed() -> None:
    matrix = {1: frozenset("abcde"), 2: frozenset("a"), 3: frozenset("abcde"), 4: frozenset("b")}
    assert believed(matrix) == (1, 3)


def test_nobody_is_believed_where_all_stand_alone_or_two_groups_are_alike() -> None:
    assert believed({}) == ()
    assert believed(matrix_of({1: "ab"})) == ()
    assert believed(matrix_of({1: "ab", 2: "cd"})) == ()
    assert believed(matrix_of({1: "ab", 2: "cd", 3: "ab", 4: "cd"})) == ()


@given(ANSWERS)
def test_a_whole_group_or_none_is_believed_whatever_they_answer(
    answers: dict[int, tuple[str, ...]],
) -> None:
    matrix = matrix_of(answers)
    assert believed(matrix) in ((), *groups_of(matrix))


@given(ANSWERS)
def test_the_order_in_which_candidates_come_changes_no_score(answers: dict[int, tuple[str, ...]]) -> None:
    matrix = matrix_of(answers)
    turned = matrix_of(dict(reversed(answers.items())))
    for group in groups_of(matrix):
        assert abs(b4(group, matrix) - b4(group, turned)) < 1e-9
