"""The page of past tasks: a table to search, and what one or two of them came to, side by side."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QItemSelection, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLineEdit,
    QMessageBox,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from core.commands import Command, DeleteTasks, Fix, ListHistory, OpenRepository, ShowTask
from core.types import TaskEnd, TaskRow
from ui.history.model import Column, HistoryModel
from ui.history.words import cost, end_word, sign_of, tone_of, when
from ui.review.view import DiffView
from ui.session import Busy, Session
from ui.theme.look import Look
from ui.widgets import Elided, Line, button, column, label, restyle, row
from ui.words import counted, tr

_TYPING_MS: Final = 150
_COMPARED: Final = 2
_WIDTHS: Final = {
    Column.COST: 170,
    Column.WHEN: 140,
    Column.REPOSITORY: 150,
    Column.END: 190,
    Column.MODEL: 160,
}


class _Outcome(QWidget):
    """One task: what it was, how it ended, the diff of its best candidate."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.head = Elided(look="strong")
        self._end = label(look="muted", wrap=True)
        self._none = label(tr("No candidate of this task was kept."), look="muted")
        self._none.setContentsMargins(0, 12, 0, 0)
        self.diff = DiffView(look)
        self.diff.choosable = False
        self.diff.set_side_by_side(False)
        layout = column(self, gap=4)
        layout.addWidget(self.head)
        layout.addWidget(self._end)
        layout.addWidget(self._none)
        layout.addWidget(self.diff, 1)
        layout.addStretch(0)

    def show_task(self, task: TaskRow, session: Session) -> None:
        files = session.history.shown.get(task.id)
        self.head.setText(task.request)
        said = [f"{sign_of(task)} {end_word(task)}", when(task), task.model or tr("no model"), cost(task)]
        self._end.setText("  ·  ".join(filter(None, said)))
        restyle(self._end, tone=tone_of(task))
        self._none.setVisible(files == ())
        self.diff.setVisible(bool(files))
        if files:
            self.diff.proven = task.end is TaskEnd.FIXED
            self.diff.show_files(files)


class HistoryPage(QWidget):
    """``send`` hands a command to core, with what runs until it has ended."""

    left = Signal()

    def __init__(self, session: Session, send: Callable[[Command, Busy], None], look: Look) -> None:
        super().__init__()
        self.setObjectName("models")
        self.setAccessibleName(tr("History"))
        self._session = session
        self._send = send
        self._shown: object = self
        self._diffs: object = None
        self.model = HistoryModel()
        layout = column(self, (24, 20, 24, 16), 0)
        self.back = button(tr("← Back"), self.left.emit, "link", tr("Back"))
        head = row()
        head.addWidget(self.back)
        head.addStretch(1)
        layout.addLayout(head)
        layout.addSpacing(8)
        layout.addWidget(label(tr("History"), look="display"))
        layout.addSpacing(12)
        self._add_table(layout, look)
        layout.addSpacing(12)
        layout.addWidget(Line())
        layout.addSpacing(12)
        self._outcomes = [_Outcome(look) for _ in range(_COMPARED)]
        beside = row(gap=16)
        for outcome in self._outcomes:
            beside.addWidget(outcome, 1)
        layout.addLayout(beside, 2)
        self._add_buttons(layout)
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(_TYPING_MS)
        self._typing.timeout.connect(self.look)
        self.refresh()

    def look(self) -> None:
        """Ask core for the tasks that the words in the field name."""
        self._send(ListHistory(self.field.text()), Busy.NOTHING)

    def refresh(self) -> None:
        """Show the session as it is now."""
        state = self._session.history
        if state.rows is not self._shown:
            self._shown = state.rows
            self.model.load(state.rows or ())
            self._diffs = None
            self._say(state.rows, state.total)
        chosen = self.chosen()
        diffs = [(task.id, state.shown.get(task.id)) for task in chosen]
        if diffs != self._diffs:
            self._diffs = diffs
            for place, outcome in enumerate(self._outcomes):
                outcome.setVisible(place < len(chosen))
                if place < len(chosen):
                    outcome.show_task(chosen[place], self._session)
        self.again.setEnabled(len(chosen) == 1 and bool(chosen[0].targets))
        cut = len(chosen) == 1 and chosen[0].end in (TaskEnd.CUT_OFF, TaskEnd.STOPPED)
        self.again.setText(tr("Go on with it") if cut else tr("Try it again"))
        self._open.setEnabled(len(chosen) == 1)
        self._delete.setEnabled(bool(self._selected()))

    def chosen(self) -> list[TaskRow]:
        """The selected tasks that are shown: two at most, to be compared."""
        return self._selected()[:_COMPARED]

    # --- inner -----------------------------------------------------------------------------------

    def _add_table(self, layout: QVBoxLayout, look: Look) -> None:
        self.field = QLineEdit()
        self.field.setPlaceholderText(tr("Search by repository, test, model or result"))
        self.field.setAccessibleName(tr("Search the history"))
        self.field.setClearButtonEnabled(True)
        self.field.textChanged.connect(lambda _: self._typing.start())
        layout.addWidget(self.field)
        layout.addSpacing(8)
        self._count = label(look="muted")
        layout.addWidget(self._count)
        layout.addSpacing(8)
        self.table = QTableView()
        self.table.setAccessibleName(tr("Past tasks"))
        self.table.setModel(self.model)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.table.setShowGrid(False)
        self.table.setWordWrap(False)
        self.table.setTabKeyNavigation(False)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(look.px(26))
        header = self.table.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(Column.REQUEST, QHeaderView.ResizeMode.Stretch)
        for place, width in _WIDTHS.items():
            header.resizeSection(place, look.px(width))
        self.table.selectionModel().selectionChanged.connect(self._selection_changed)
        self.table.doubleClicked.connect(lambda _: self._open_repository())
        layout.addWidget(self.table, 1)

    def _add_buttons(self, layout: QVBoxLayout) -> None:
        self._open = button(tr("Open the repository"), self._open_repository)
        self.again = button(tr("Try it again"), self._try_again, "primary")
        self._delete = button(tr("Delete…"), self._ask_to_delete)
        layout.addSpacing(12)
        buttons = row()
        buttons.addWidget(self.again)
        buttons.addWidget(self._open)
        buttons.addStretch(1)
        buttons.addWidget(label(tr("Select two to compare them."), look="muted"))
        buttons.addWidget(self._delete)
        layout.addLayout(buttons)

    def _say(self, rows: tuple[TaskRow, ...] | None, total: int) -> None:
        if rows is None:
            self._count.setText(tr("Looking…"))
        elif not rows:
            searched = bool(self._session.history.search.strip())
            nothing = tr("Nothing yet. Each fix that you start appears here.")
            self._count.setText(tr("No task holds these words.") if searched else nothing)
        elif total > len(rows):
            self._count.setText(tr("The newest {n} of {total}", n=len(rows), total=f"{total:,}"))
        else:
            self._count.setText(counted(total, "{n} task", "{n} tasks"))

    def _selected(self) -> list[TaskRow]:
        selection = self.table.selectionModel()
        return [self.model.task(index) for index in selection.selectedRows()]

    def _selection_changed(self, _now: QItemSelection, _before: QItemSelection) -> None:
        for task in self.chosen():
            if task.id not in self._session.history.shown:
                self._send(ShowTask(task.id), Busy.NOTHING)
        self.refresh()

    # --- what the user wants ---------------------------------------------------------------------

    def _open_repository(self) -> None:
        if self.chosen():
            self._send(OpenRepository(self.chosen()[0].repository), Busy.OPENING)

    def _try_again(self) -> None:
        task = self.chosen()[0]
        opened = self._session.repository
        if opened is None or opened.path != task.repository:
            self._send(OpenRepository(task.repository), Busy.OPENING)
        self._send(Fix(task.targets), Busy.FIXING)
        self.left.emit()

    def _ask_to_delete(self) -> None:
        tasks = self._selected()
        question = counted(
            len(tasks), "Delete {n} task and its journal?", "Delete {n} tasks and their journals?"
        )
        box = QMessageBox(self.window())
        box.setText(question)
        box.setInformativeText(tr("What was written to your repositories stays. This cannot be undone."))
        delete = box.addButton(tr("Delete"), QMessageBox.ButtonRole.DestructiveRole)
        delete.clicked.connect(lambda: self.delete(tasks))
        box.addButton(tr("Keep"), QMessageBox.ButtonRole.RejectRole)
        box.finished.connect(box.deleteLater)
        box.open()

    def delete(self, tasks: list[TaskRow]) -> None:
        """Forget these tasks."""
        ids = tuple(task.id for task in tasks)
        self._send(DeleteTasks(ids, self.field.text()), Busy.NOTHING)
