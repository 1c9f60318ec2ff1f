"""Groups failing tests by where and how they fail, for a first look. Pure; imports no Qt."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from core.types import NodeId, TestResult


class Cause(NamedTuple):
    """Tests that fail at one place with one kind of error."""

    place: str
    """``path:line`` of the innermost repository frame; empty where there is none."""
    message: str
    """The message of the first of them."""
    tests: tuple[NodeId, ...]


def group(results: Iterable[TestResult]) -> list[Cause]:
    """Causes of the red ones among ``results``, those with most tests first."""
    found: dict[tuple[str, str], list[TestResult]] = {}
    for result in results:
        if not result.outcome.is_red:
            continue
        place = f"{result.frames[-1].path}:{result.frames[-1].line}" if result.frames else ""
        kind = result.message.partition(":")[0]
        found.setdefault((place, kind), []).append(result)
    causes = [
        Cause(place, reds[0].message.strip() or reds[0].outcome.value, tuple(red.node_id for red in reds))
        for (place, _), reds in found.items()
    ]
    return sorted(causes, key=lambda cause: -len(cause.tests))
