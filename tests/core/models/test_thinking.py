"""Thoughts in tags, cut anywhere between two pieces."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.models.thinking import ThinkingSplitter


def split(pieces: list[str]) -> tuple[str, str]:
    splitter = ThinkingSplitter()
    parts = [*(splitter.feed(piece) for piece in pieces), splitter.finish()]
    return "".join(thoughts for thoughts, _ in parts), "".join(answer for _, answer in parts)


@pytest.mark.parametrize(
    ("text", "thoughts", "answer"),
    [
        ("plain", "", "plain"),
        ("<think>a < b</think>\n\nyes", "a < b", "yes"),
        ("\n<think></think>yes", "", "yes"),
        ("<think>never ends", "never ends", ""),
        ("say <think>this</think>", "", "say <think>this</think>"),
        ("<thinker>", "", "<thinker>"),
        ("<thi", "", "<thi"),
        ("<think>a</thin", "a</thin", ""),
        ("", "", ""),
    ],
)
def test_only_a_tag_at_the_start_opens_thoughts(text: str, thoughts: str, answer: str) -> None:
    assert split([text]) == (thoughts, answer)
    assert split(list(text)) == (thoughts, answer)


@given(st.text("<think/>ab \n", max_size=40), st.lists(st.integers(0, 40), max_size=5))
def test_where_the_pieces_are_cut_makes_no_difference(text: str, cuts: list[int]) -> None:
    for start in ("", "<think>"):
        whole = start + text
        edges = sorted({0, len(whole), *(min(cut, len(whole)) for cut in cuts)})
        pieces = [whole[a:b] for a, b in pairwise(edges)]
        assert split(pieces) == split([whole])
