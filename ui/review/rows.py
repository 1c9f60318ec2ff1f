"""The rows of a diff and where each stands, laid out a slice at a time. Imports no Qt.

A diff of twenty thousand lines takes longer to lay out than a window may stand still; what is in sight
comes at once, the rest in slices between events.
"""

from __future__ import annotations

import time
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from typing import Final

from ui.review.layout import Kind, Row

_CHUNK: Final = 64
"""Rows taken before the clock is looked at again."""


class RowTable:
    """Rows in order; ``tops`` has one entry more than ``rows``: the end of the last one, in pixels."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.tops: list[int] = [0]
        self.hunks: list[int] = []
        """Places of the HUNK rows."""
        self.widest = 0
        """Characters of the longest line so far."""
        self._coming: Iterator[Row] = iter(())
        self._heights: Mapping[Kind, int] = {}

    def start(self, rows: Iterator[Row], heights: Mapping[Kind, int]) -> None:
        """Begin anew with ``rows``; ``heights`` are in pixels. ``widest`` stays until it is reset."""
        self.rows, self.tops, self.hunks = [], [0], []
        self._coming, self._heights = rows, heights

    def more(self, seconds: float, until: int = 0) -> bool:
        """Take rows for ``seconds``, and at least to ``until`` pixels; ``False`` when all are there."""
        deadline = time.perf_counter() + seconds
        while self._take(_CHUNK):
            if self.tops[-1] >= until and time.perf_counter() >= deadline:
                return True
        return False

    def finish(self) -> None:
        """Take all that remain."""
        while self._take(_CHUNK):
            pass

    def at(self, y: int) -> int | None:
        """The row at ``y`` pixels from the top."""
        number = bisect_right(self.tops, y) - 1
        return number if 0 <= number < len(self.rows) else None

    def _take(self, number: int) -> bool:
        rows, tops, heights = self.rows, self.tops, self._heights
        for _ in range(number):
            row = next(self._coming, None)
            if row is None:
                return False
            if row.kind is Kind.HUNK:
                self.hunks.append(len(rows))
            rows.append(row)
            tops.append(tops[-1] + heights[row.kind])
            self.widest = max(self.widest, len(row.old.text), len(row.new.text))
        return True
