"""Where each test lies in the green bar. Pure; imports no Qt.

With room for two pixels a test, each test has a segment of its own; otherwise neighbours share
one, which shows the worst of them, so that a single red test among thousands is never hidden.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import NamedTuple

from core.types import Outcome

MIN_SEGMENT = 3
"""Pixels; below this, tests are grouped."""


class Shade(IntEnum):
    """How a segment is painted; of several, the greatest wins."""

    PASSED = 0
    PROMISED = 1
    """Green in the private copy under the candidate that is shown; not yet in the user's tree."""
    WAITING = 2
    SKIPPED = 3
    FAILED = 4


class Segment(NamedTuple):
    """Pixels ``left`` to ``right`` (exclusive), tests ``first`` to ``last`` (exclusive)."""

    left: int
    right: int
    first: int
    last: int
    shade: Shade


def shade_of(outcome: Outcome | None) -> Shade:
    if outcome is None:
        return Shade.WAITING
    if outcome.is_green:
        return Shade.PASSED
    return Shade.FAILED if outcome.is_red else Shade.SKIPPED


def segments(shades: Sequence[Shade], width: int) -> list[Segment]:
    """Lay ``shades`` out over ``width`` pixels, left to right, without holes."""
    count = len(shades)
    if count == 0 or width <= 0:
        return []
    buckets = min(count, max(1, width // MIN_SEGMENT))
    laid = []
    for bucket in range(buckets):
        first, last = bucket * count // buckets, (bucket + 1) * count // buckets
        left, right = bucket * width // buckets, (bucket + 1) * width // buckets
        shade = shades[first] if last - first == 1 else max(shades[first:last])
        laid.append(Segment(left, right, first, last, shade))
    return laid


def index_at(laid: Sequence[Segment], shades: Sequence[Shade], x: int) -> int | None:
    """The index of the test under pixel ``x``: in a group, the first of the worst ones."""
    for segment in laid:
        if segment.left <= x < segment.right:
            for index in range(segment.first, segment.last):
                if shades[index] is segment.shade:
                    return index
    return None
