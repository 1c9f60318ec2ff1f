"""Merging rankings that have no common unit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.localise.fusion import Ranking, fuse, middle_ranks


def test_equal_scores_share_the_middle_of_their_ranks() -> None:
    assert middle_ranks({"a": 1.0, "b": 0.5, "c": 0.5, "d": 0.1}) == {"a": 1, "b": 2.5, "c": 2.5, "d": 4}


def test_what_a_ranking_knows_nothing_of_gets_nothing_from_it() -> None:
    fused = fuse([Ranking(1.0, {"a": 3.0, "b": 0.0})], k=10)
    assert fused == {"a": pytest.approx(1 / 11)}


def test_second_in_two_rankings_is_better_than_first_in_one() -> None:
    fused = fuse([Ranking(1.0, {"a": 9.0, "b": 1.0}), Ranking(1.0, {"c": 0.3, "b": 0.2})], k=10)
    assert max(fused, key=lambda item: fused[item]) == "b"


def test_a_ranking_that_cannot_tell_many_apart_says_little() -> None:
    alike = Ranking(1.0, dict.fromkeys(range(200), 1.0))
    assert fuse([alike, Ranking(0.2, {7: 1.0})], k=10)[7] > 2 * fuse([alike], k=10)[7]


@given(st.dictionaries(st.integers(), st.floats(0.01, 1e9)))
def test_only_the_order_of_scores_counts(scores: dict[int, float]) -> None:
    order = sorted(set(scores.values()))
    ranks = {item: 1.0 + order.index(score) for item, score in scores.items()}
    assert fuse([Ranking(1.0, scores)], 10) == fuse([Ranking(1.0, ranks)], 10)
