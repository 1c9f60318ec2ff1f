"""Cutting text so that what tells neighbours apart stays: the middle gives way, never the parameters."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics

_MIDDLE: Final = Qt.TextElideMode.ElideMiddle
_MOST: Final = 0.7
"""What needs more than this share of the room is cut as well."""


def elide_middle(text: str, width: int, metrics: QFontMetrics) -> str:
    """``text`` within ``width`` pixels, its ends kept."""
    return metrics.elidedText(text, _MIDDLE, width)


def elide_change(title: str, width: int, metrics: QFontMetrics) -> str:
    """A candidate's title within ``width`` pixels; the place in front (``rates.py:32``) stays whole."""
    place, space, words = title.partition(" ")
    taken = metrics.horizontalAdvance(place + space)
    if not space or ":" not in place or taken > _MOST * width:
        return elide_middle(title, width, metrics)
    return place + space + elide_middle(words, width - taken, metrics)


def elide_test(name: str, width: int, metrics: QFontMetrics) -> str:
    """A test's name within ``width`` pixels: ``test_price_fol…bands[1.0-390]``."""
    head, bracket, rest = name.partition("[")
    parameters = bracket + rest
    if not bracket or metrics.horizontalAdvance(name) <= width:
        return elide_middle(name, width, metrics)
    room = width - metrics.horizontalAdvance(parameters)
    if room < (1 - _MOST) * width:
        return elide_middle(name, width, metrics)
    return elide_middle(head, room, metrics) + parameters
