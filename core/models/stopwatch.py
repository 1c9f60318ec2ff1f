"""How long an answer took. The clock starts with the request."""

from __future__ import annotations

import time
from typing import Final

from core.models.base import Timing

_TOO_SHORT: Final = 0.05
"""Seconds between the first and the last piece, below which a speed would be noise."""


class Stopwatch:
    """Made when a request goes out; told of each piece that arrives."""

    def __init__(self) -> None:
        self._asked = time.monotonic()
        self._first = self._last = 0.0

    def piece(self) -> None:
        """Something of the answer has arrived."""
        self._last = time.monotonic()
        if not self._first:
            self._first = self._last

    def read(self, completion: int, server_speed: float = 0.0) -> Timing:
        """``completion``: tokens of the answer; ``server_speed``: the server's own figure, if any."""
        first = self._first or time.monotonic()
        writing = self._last - self._first
        # The first token came with the first piece: the time between is that of the others.
        speed = (completion - 1) / writing if writing > _TOO_SHORT else 0.0
        return Timing(first - self._asked, server_speed or speed)
