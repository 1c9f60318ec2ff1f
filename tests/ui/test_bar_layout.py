"""The green bar's layout: no hole, nothing red hidden, every pixel leads to a test."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from ui.bar.layout import index_at, segments
from ui.standing import Shade

SHADES = st.lists(st.sampled_from(list(Shade)), min_size=1, max_size=400)


@given(SHADES, st.integers(1, 900))
def test_segments_cover_the_width_and_every_test_once(shades: list[Shade], width: int) -> None:
    laid = segments(shades, width)
    assert laid[0].left == 0
    assert laid[-1].right == width
    assert laid[0].first == 0
    assert laid[-1].last == len(shades)
    for before, after in itertools.pairwise(laid):
        assert before.right == after.left
        assert before.last == after.first


@given(SHADES, st.integers(1, 900))
def test_a_red_test_is_never_hidden_by_its_neighbours(shades: list[Shade], width: int) -> None:
    laid = segments(shades, width)
    for segment in laid:
        assert (segment.shade is Shade.FAILED) == (Shade.FAILED in shades[segment.first : segment.last])


@given(SHADES, st.integers(1, 900))
def test_a_click_leads_to_a_test_of_the_shade_that_is_seen(shades: list[Shade], width: int) -> None:
    laid = segments(shades, width)
    for segment in laid:
        if segment.left < segment.right:
            index = index_at(laid, shades, segment.left)
            assert index is not None
            assert shades[index] is segment.shade


def test_few_tests_have_a_segment_each() -> None:
    assert len(segments([Shade.PASSED] * 10, 200)) == 10


def test_thousands_share_segments() -> None:
    assert len(segments([Shade.PASSED] * 5000, 1440)) == 480


def test_no_tests_no_segments() -> None:
    assert segments([], 100) == []
    assert index_at([], [], 5) is None
