"""Where each test lies in the green bar. Pure; imports no Qt.

With room for two pixels a test, each test has a segment of its own; otherwise neighbours share
one, which shows the worst of them, so that a single red test among thousands is never hidden.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ui.standing import Shade

MIN_SEGMENT = 3
"""Pixels; below this, tests are grouped."""


class Segment(NamedTuple):
    """Pixels ``left`` to ``right`` (exclusive), tests ``first`` to ``last`` (exclusive)."""

    left: int
    right: int
    first: int
    last: int
    shade: Shade


def segments(shades: Sequence[int], width: int) -> list[Segment]:
    """Lay ``shades`` (of :class:`Shade`) out over ``width`` pixels, left to right, without holes."""
    count = len(shades)
    if count == 0 or width <= 0:
        return []
    buckets = min(count, max(1, width // MIN_SEGMENT))
    laid = []
    for bucket in range(buckets):
        first, last = bucket * count // buckets, (bucket + 1) * count // buckets
        left, right = bucket * width // buckets, (bucket + 1) * width // buckets
        laid.append(Segment(left, right, first, last, Shade(max(shades[first:last]))))
    return laid


def index_at(laid: Sequence[Segment], shades: Sequence[int], x: int) -> int | None:
    """The index of the test under pixel ``x``: in a group, the first of the worst ones."""
    for segment in laid:
        if segment.left <= x < segment.right:
            for index in range(segment.first, segment.last):
                if shades[index] == segment.shade:
                    return index
    return None
