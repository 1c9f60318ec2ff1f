"""Where each row of a long list stands, by heights that are guessed until they are known. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate


class Heights:
    """Heights of rows in pixels, top to bottom. Sums are made when they are asked for."""

    def __init__(self, heights: Iterable[int] = ()) -> None:
        self._heights = list(heights)
        self._ends: list[int] | None = None

    def __len__(self) -> int:
        return len(self._heights)

    def __getitem__(self, row: int) -> int:
        return self._heights[row]

    def set(self, row: int, height: int) -> bool:
        """Whether that changes anything."""
        if self._heights[row] == height:
            return False
        self._heights[row] = height
        self._ends = None
        return True

    def insert(self, row: int, heights: Sequence[int]) -> None:
        """Put rows in before ``row``."""
        self._heights[row:row] = heights
        self._ends = None

    def remove(self, first: int, count: int = 1) -> None:
        del self._heights[first : first + count]
        self._ends = None

    def reset(self, heights: Iterable[int]) -> None:
        self._heights = list(heights)
        self._ends = None

    def top(self, row: int) -> int:
        """Where ``row`` begins; one past the last row is the end of all."""
        return self._sums()[row - 1] if row else 0

    def total(self) -> int:
        return self._sums()[-1] if self._heights else 0

    def at(self, y: int) -> int:
        """The row that covers ``y``, or the nearest one. There must be one."""
        return min(bisect_right(self._sums(), max(y, 0)), len(self._heights) - 1)

    def _sums(self) -> list[int]:
        if self._ends is None:
            self._ends = list(accumulate(self._heights))
        return self._ends
