"""Small statistics for the measurements."""

from __future__ import annotations

import statistics
from collections.abc import Sequence


def spread(values: Sequence[float], digits: int = 4) -> dict[str, float]:
    """Median with the least and the greatest, rounded."""
    return {
        "median": round(statistics.median(values), digits),
        "min": round(min(values), digits),
        "max": round(max(values), digits),
        "runs": len(values),
    }


def median_ratio(top: Sequence[float], bottom: Sequence[float]) -> float:
    """The median of ``top`` over that of ``bottom``."""
    return round(statistics.median(top) / statistics.median(bottom), 3)
