"""Ends what is written for a hole once no more of it would be taken. Pure.

The hole says where it ends (:func:`core.search.holes.fill`); a model that has nothing to add goes on with
what follows, which costs as much as an answer. See :mod:`core.models.guard` for whoever else watches.
"""

from __future__ import annotations

from core.models.guard import StopReason, StopSign
from core.search.holes import Hole, Shape, neighbours


class HoleGuard:
    """A :class:`core.models.guard.StreamGuard` for one hole of ``text``."""

    def __init__(self, text: str, hole: Hole) -> None:
        self._hole = hole
        self._beside = neighbours(text, hole)
        self._text = ""

    def feed(self, piece: str) -> StopSign | None:
        """A sign once a line is there that is outside of the hole, or only the line beside it."""
        self._text += piece
        if "\n" not in self._text:
            return None
        hole = self._hole
        first, *others = self._text.split("\n")
        if hole.shape is Shape.GAP and first.strip() in self._beside:
            return StopSign(StopReason.HOPELESS, "It repeats the line beside the gap.")
        if any(line.strip() and not hole.takes(line) for line in others):
            return StopSign(StopReason.COMPLETE, "The hole was filled.")
        return None
