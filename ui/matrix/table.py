"""How every candidate fares in every test, one byte each. Pure; imports no Qt.

Two hundred candidates by five thousand tests are a million cells: they are kept, cut and put together at
the speed of memory, and one that no pixel shows costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import IntEnum
from typing import Final

from core.types import Evidence, NodeId, Outcome, Rung, TestResult


class Cell(IntEnum):
    """How a test stands under a candidate; where several share a pixel, the greatest is seen."""

    UNKNOWN = 0
    SKIPPED = 1
    PASSED = 2
    FIXED = 3
    FAILED = 4
    BROKEN = 5


_CELLS: Final = {
    outcome: Cell.PASSED if outcome.is_green else Cell.FAILED if outcome.is_red else Cell.SKIPPED
    for outcome in Outcome
}


class MatrixTable:
    """Columns are tests, those that fail before any change first; rows are candidates.

    ``order`` holds the numbers of the candidates, those that fix most and break least first.
    """

    def __init__(self) -> None:
        self.tests: tuple[NodeId, ...] = ()
        self.before = bytearray()
        self.order: list[int] = []
        self._places: dict[NodeId, int] = {}
        self._rows: dict[int, bytearray] = {}
        self._merits: dict[int, tuple[int, int, int]] = {}

    def start(self, tests: Iterable[NodeId], baseline: Mapping[NodeId, TestResult]) -> None:
        """Begin anew with these tests and how they stand before any change."""

        def red_last(node: NodeId) -> bool:
            return node not in baseline or not baseline[node].outcome.is_red

        self.tests = tuple(sorted(dict.fromkeys(tests), key=red_last))
        self._places = {node: place for place, node in enumerate(self.tests)}
        self.before = bytearray(
            _CELLS[baseline[node].outcome] if node in baseline else Cell.UNKNOWN for node in self.tests
        )
        self.order, self._rows, self._merits = [], {}, {}

    def put(self, evidence: Evidence) -> None:
        """Take in how a candidate fared; tests that were not run for it stay unknown."""
        comparison = evidence.comparison
        row = bytearray(self.before if evidence.rung is Rung.SUITE else len(self.before))
        for nodes, cell in (
            (comparison.fixed, Cell.FIXED),
            (comparison.still_failing, Cell.FAILED),
            (comparison.newly_skipped, Cell.SKIPPED),
            (comparison.vanished, Cell.BROKEN),
            (comparison.broken, Cell.BROKEN),
        ):
            for node in nodes:
                place = self._places.get(node)
                if place is not None:
                    row[place] = cell
        candidate = evidence.candidate
        self._rows[candidate] = row
        self._merits[candidate] = (-len(comparison.fixed), len(comparison.broken), candidate)
        if candidate not in self.order:
            self.order.append(candidate)
        self.order.sort(key=self._merits.__getitem__)

    def row(self, candidate: int | None) -> bytearray:
        """The cells of a candidate; of the code as it is where that is ``None``."""
        return self.before if candidate is None else self._rows[candidate]

    def cell(self, candidate: int | None, test: int) -> Cell:
        return Cell(self.row(candidate)[test])


def squeezed(row: Sequence[int], share: int) -> bytes:
    """One byte for each ``share`` cells: the greatest of them."""
    if share <= 1:
        return bytes(row)
    return bytes([max(row[place : place + share]) for place in range(0, len(row), share)])
