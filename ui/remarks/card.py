"""One remark as it is understood: what kind of change, where, and the solution, each to be corrected."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QFrame, QGridLayout, QLineEdit, QWidget

from core.types import ChangeKind, FileDiff, RemarkPlace, RemarkReading, UnderstoodRemark
from ui.widgets import button, column, label, row
from ui.words import tr

_KINDS: Final = {
    ChangeKind.CHANGE: "Change the code",
    ChangeKind.ADD: "Add something",
    ChangeKind.REMOVE: "Take something out",
    ChangeKind.RENAME: "Give another name",
    ChangeKind.KEEP: "Leave as it is",
}
_MOST: Final = 400
"""Characters of a solution."""


class RemarkCard(QFrame):
    """Sends a correction as soon as a field is left changed."""

    corrected = Signal(int, object)
    """The number of the remark and a :class:`core.types.RemarkReading`."""
    dropped = Signal(int)

    def __init__(self, remark: UnderstoodRemark, files: Sequence[FileDiff]) -> None:
        super().__init__()
        self._remark = remark
        self._places = _places(remark, files)
        self.setProperty("look", "card")
        if remark.doubt:
            self.setProperty("tone", "attention")
        layout = column(self, (12, 8, 12, 10), 6)
        head = row(gap=8)
        said = label(tr("Remark {n}: “{text}”", n=remark.id, text=_one_line(remark.text)), wrap=True)
        said.setProperty("look", "strong")
        head.addWidget(said, 1)
        drop = button(
            tr("Drop"), lambda: self.dropped.emit(remark.id), "quiet", tr("Drop remark {n}", n=remark.id)
        )
        head.addWidget(drop, 0, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(head)
        if remark.doubt:
            layout.addWidget(label(f"!  {remark.doubt}", tone="attention", wrap=True))
        self.kind = QComboBox()
        for kind, words in _KINDS.items():
            self.kind.addItem(tr(words), kind)
        self.kind.setCurrentIndex(list(_KINDS).index(remark.reading.kind))
        self.where = QComboBox()
        self.where.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        for place in self._places:
            self.where.addItem(_place_words(place, files))
        self.where.setCurrentIndex(0)
        self.solution = QLineEdit(_one_line(remark.reading.solution))
        self.solution.setMaxLength(_MOST)
        self.solution.setCursorPosition(0)
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        steps: tuple[tuple[str, QWidget], ...] = (
            (tr("1  What"), self.kind),
            (tr("2  Where"), self.where),
            (tr("3  Solution"), self.solution),
        )
        for number, (title, field) in enumerate(steps):
            field.setAccessibleName(tr("Remark {n}, {step}", n=remark.id, step=title[3:]))
            grid.addWidget(label(title, look="muted"), number, 0)
            grid.addWidget(field, number, 1)
        layout.addLayout(grid)
        if remark.by_model:
            layout.addWidget(
                label(tr("Read by the model. Correct what it got wrong."), look="small", wrap=True)
            )
        self.kind.activated.connect(lambda _index: self._correct())
        self.where.activated.connect(lambda _index: self._correct())
        self.solution.editingFinished.connect(self._correct)

    def reading(self) -> RemarkReading:
        """What the fields say now."""
        kind = list(_KINDS)[self.kind.currentIndex()]
        solution = self.solution.text()
        if solution == _one_line(self._remark.reading.solution):
            solution = self._remark.reading.solution
        return RemarkReading(kind, self._places[max(0, self.where.currentIndex())], solution)

    def _correct(self) -> None:
        reading = self.reading()
        if reading != self._remark.reading:
            self.corrected.emit(self._remark.id, reading)


def _places(remark: UnderstoodRemark, files: Sequence[FileDiff]) -> list[RemarkPlace]:
    """Where it is, where it may belong, then every hunk, and the whole patch; each once."""
    hunks = [RemarkPlace(file.path, hunk=hunk.id) for file in files for hunk in file.hunks]
    # What lies outside of the patch is told in the doubt, but no round of this candidate goes there.
    changed = {file.path for file in files}
    found: list[RemarkPlace] = []
    taken: set[object] = set()
    for place in (remark.reading.place, *remark.elsewhere, *hunks, RemarkPlace()):
        key = place.hunk or place
        if key not in taken and (not place.path or place.path in changed or place.test):
            taken.add(key)
            found.append(place)
    return found


def _place_words(place: RemarkPlace, files: Sequence[FileDiff]) -> str:
    if place.test or not place.path:
        return place.test or tr("The whole patch")
    hunk = next((h for file in files for h in file.hunks if h.id == place.hunk), None)
    line = place.first or (hunk.new_start if hunk else 0)
    where = f"{place.path}:{line}" if line else place.path
    return f"{where}  {hunk.section}" if hunk is not None and hunk.section else where


def _one_line(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= _MOST else f"{words[: _MOST - 1]}…"
