"""Answers for holes are ended where no more of them would be taken."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.models.guard import StopReason
from core.search.hole_guard import HoleGuard
from core.search.holes import Hole, Shape, block_holes, fill, gap_holes
from core.search.splice import SourceTree

SOURCE = "def f(a):\n    b = a\n    if b:\n        b = 2\n    return b\n"
TREE = SourceTree(SOURCE)
GAP = next(hole for hole in gap_holes(TREE, list(TREE.statements())) if hole.line == 3)
BLOCK = next(hole for hole in block_holes(TREE, list(TREE.statements())) if hole.line == 3)


def written(hole: Hole, answer: str) -> tuple[str, StopReason | None]:
    """What is written of an answer, letter by letter, and why it was ended."""
    guard = HoleGuard(SOURCE, hole)
    for end in range(1, len(answer) + 1):
        if sign := guard.feed(answer[end - 1 : end]):
            return answer[:end], sign.reason
    return answer, None


def test_a_gap_is_filled_when_the_next_line_is_no_part_of_it() -> None:
    text, reason = written(GAP, "b += 1\n    if b:\n        b = 3\n")
    assert text == "b += 1\n    i"
    assert reason is StopReason.COMPLETE


def test_a_statement_that_goes_on_deeper_is_written_to_its_end() -> None:
    answer = "if not a:\n        return 0\n"
    assert written(GAP, answer) == (answer, None)


def test_a_model_that_repeats_what_is_beside_the_gap_has_nothing_to_add() -> None:
    assert written(GAP, "if b:\n        b = 2") == ("if b:\n", StopReason.HOPELESS)
    assert written(GAP, "b = a\n    c") == ("b = a\n", StopReason.HOPELESS)


def test_a_block_is_whole_when_a_line_stands_left_of_it() -> None:
    text, reason = written(BLOCK, "if b > 1:\n        b = 2\n    b = 3\n\ndef g():\n")
    assert text.endswith("b = 3\n\nd")
    assert reason is StopReason.COMPLETE


LINES = st.lists(st.sampled_from(["b = 1", "    b = 1", "        b = 1", "if b:", "", "x"]), max_size=5)


@pytest.mark.parametrize("hole", [GAP, BLOCK], ids=[Shape.GAP, Shape.BLOCK])
@given(LINES)
def test_what_is_cut_off_would_not_have_been_taken(hole: Hole, lines: list[str]) -> None:
    answer = "\n".join(lines)
    text, reason = written(hole, answer)
    if reason is not StopReason.HOPELESS:
        assert fill(SOURCE, hole, text) == fill(SOURCE, hole, answer)
