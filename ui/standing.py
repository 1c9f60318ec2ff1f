"""How each test of the run that is shown stands, one byte a test. Pure; imports no Qt.

The bar, the counts and the list of failures are asked for thirty times a second while results stream
in. With ten thousand tests, walking the results each time would cost the window its smoothness; a
byte array is counted and cut at the speed of memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import IntEnum
from typing import Final

from core.types import NodeId, Outcome, TestResult


class Shade(IntEnum):
    """How a test is painted; of several, the greatest wins."""

    PASSED = 0
    PROMISED = 1
    """Green in the private copy under the candidate that is shown; not yet in the user's tree."""
    WAITING = 2
    SKIPPED = 3
    FAILED = 4


def shade_of(outcome: Outcome | None) -> Shade:
    if outcome is None:
        return Shade.WAITING
    if outcome.is_green:
        return Shade.PASSED
    return Shade.FAILED if outcome.is_red else Shade.SKIPPED


_SHADES: Final = {outcome: shade_of(outcome) for outcome in Outcome}


class Standing:
    """Tests in order, what is known of each, and the shade of each.

    ``order``, ``results`` and ``shades`` are to be read only; ``shades[n]`` belongs to ``order[n]``.
    """

    def __init__(self) -> None:
        self.order: list[NodeId] = []
        self.results: dict[NodeId, TestResult] = {}
        self.shades = bytearray()
        self._place: dict[NodeId, int] = {}

    def show(self, order: Iterable[NodeId], results: Mapping[NodeId, TestResult]) -> None:
        """Show these tests, each once; those of ``results`` that ``order`` lacks come last."""
        wanted = list(dict.fromkeys((*order, *results)))
        if wanted == self.order and results.keys() == self.results.keys():
            # A run's report after its stream: the same results once more, thousands of them.
            known = self.results
            self.take([result for node, result in results.items() if known[node] is not result])
            return
        if wanted != self.order:
            self.order = wanted
            self._place = {node: place for place, node in enumerate(wanted)}
        self.results = dict(results)
        self.shades = bytearray([Shade.WAITING]) * len(wanted)
        for node, result in results.items():
            self.shades[self._place[node]] = _SHADES[result.outcome]

    def take(self, results: Iterable[TestResult]) -> None:
        """Take results in; tests that nobody has heard of are appended."""
        for result in results:
            node = result.node_id
            place = self._place.get(node)
            if place is None:
                place = self._place[node] = len(self.order)
                self.order.append(node)
                self.shades.append(Shade.WAITING)
            self.results[node] = result
            self.shades[place] = _SHADES[result.outcome]

    def place_of(self, node: NodeId) -> int | None:
        return self._place.get(node)

    def failing(self) -> tuple[NodeId, ...]:
        """The red ones, in order."""
        found: list[NodeId] = []
        place = self.shades.find(Shade.FAILED)
        while place >= 0:
            found.append(self.order[place])
            place = self.shades.find(Shade.FAILED, place + 1)
        return tuple(found)
