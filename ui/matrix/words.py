"""How a cell of the matrix reads."""

from __future__ import annotations

from ui.matrix.table import Cell, MatrixTable
from ui.words import short_name, tr


def cell_word(cell: Cell) -> str:
    match cell:
        case Cell.UNKNOWN:
            return tr("not run")
        case Cell.SKIPPED:
            return tr("skipped")
        case Cell.PASSED:
            return tr("passes as before")
        case Cell.FIXED:
            return tr("fixed")
        case Cell.FAILED:
            return tr("still fails")
        case Cell.BROKEN:
            return tr("broken")


def cell_line(table: MatrixTable, candidate: int | None, test: int) -> str:
    """The test, the candidate, and how the one stands under the other."""
    name, cell = short_name(table.tests[test]), table.cell(candidate, test)
    if candidate is None:
        word = {Cell.PASSED: tr("passes"), Cell.FAILED: tr("fails")}.get(cell) or cell_word(cell)
        return tr("{test}, before any change: {outcome}", test=name, outcome=word)
    return tr("{test}, candidate {n}: {outcome}", test=name, n=candidate, outcome=cell_word(cell))
