"""Whether and when a request that failed is worth another try. Pure; the clock and chance are given."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

_PASSING: Final = frozenset({408, 425, 429, 500, 502, 503, 504, 529})
_LASTING_WORDS: Final = ("insufficient_quota", "quota exceeded", "billing", "memory")
"""In a body that comes with such a status, and that no waiting mends."""


@dataclass(frozen=True, slots=True)
class Retries:
    """``count`` tries after the first; seconds between them double from ``base``.

    A server that asks for a longer pause than ``longest`` is not waited for.
    """

    count: int = 2
    base: float = 0.5
    longest: float = 20.0

    def pause(
        self, tried: int, status: int, body: str, asked: float | None, chance: Callable[[], float]
    ) -> float | None:
        """Seconds to wait before the next try, or ``None``: it is not worth one.

        ``tried`` counts from 1; ``status`` 0 is a connection that was refused or broken off before the
        answer; ``asked`` is what the server wants; ``chance()`` is in 0..1. Jitter keeps several
        clients of one busy server from coming back at the same moment.
        """
        if tried > self.count or (status and status not in _PASSING):
            return None
        if any(words in body.lower() for words in _LASTING_WORDS):
            return None
        if asked is not None:
            return asked if asked <= self.longest else None
        return min(self.longest, self.base * 2.0 ** (tried - 1)) * (0.75 + chance() / 2)


NEVER: Final = Retries(count=0)


def asked_pause(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Seconds that ``Retry-After`` (seconds or a date) or ``retry-after-ms`` asks for, if any."""
    try:
        if "retry-after-ms" in headers:
            return max(0.0, float(headers["retry-after-ms"]) / 1000)
        text = headers.get("retry-after", "").strip()
        if not text:
            return None
        if text.replace(".", "", 1).isdigit():
            return float(text)
        return max(0.0, (parsedate_to_datetime(text) - (now or datetime.now(UTC))).total_seconds())
    except (ValueError, TypeError):
        return None
