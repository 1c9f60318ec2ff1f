"""The left zone: a filter and the tree of tests."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QModelIndex, QPoint, Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu, QTreeView, QWidget

from core.types import NodeId, TestResult
from ui.actions import BY_ID
from ui.session import Session
from ui.testtree.delegate import TestDelegate
from ui.testtree.model import Role, TestTreeModel
from ui.theme.look import Look
from ui.widgets import column, label, row
from ui.words import tr

OPEN_ROWS: Final = 500
"""As many rows are opened by themselves. The view lays out every open row whenever rows move: with all
files of a suite of ten thousand tests open, the window would stutter while results stream in."""


_MENU: Final = ("run_selected", "fix_selected", "open_in_editor")


class TestsPane(QWidget):
    """Shows the session's tests; says which one is selected."""

    __test__ = False

    test_selected = Signal(str)
    action = Signal(str)
    """The id of an action that the user wants for the selected tests."""

    def __init__(self, session: Session, look: Look) -> None:
        super().__init__()
        self.setProperty("look", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._session = session
        self._chosen_by_hand = False
        self._closed: set[str] = set()
        self.model = TestTreeModel(self)
        self.filter = QLineEdit()
        self.filter.setPlaceholderText(tr("Filter"))
        self.filter.setAccessibleName(tr("Filter tests"))
        self.filter.setClearButtonEnabled(True)
        self.filter.textChanged.connect(self._apply_filter)
        self.view = QTreeView()
        self.view.setAccessibleName(tr("Tests"))
        self.view.setHeaderHidden(True)
        self.view.setSelectionMode(QTreeView.SelectionMode.ExtendedSelection)
        self.view.setUniformRowHeights(True)
        self.view.setIndentation(14)
        self.view.setMouseTracking(True)
        self.view.setItemDelegate(TestDelegate(look))
        self.view.setModel(self.model)
        self.view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.view.selectionModel().currentChanged.connect(self._current_changed)
        self.view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.view.customContextMenuRequested.connect(self._open_menu)
        self.view.pressed.connect(self._pressed)
        self.view.collapsed.connect(self._close_by_hand)
        self.view.expanded.connect(self._open_again)
        self._empty = label(tr("No tests yet."), look="muted")
        self._empty.setContentsMargins(16, 12, 16, 12)
        head = row(margins=(16, 8, 8, 8))
        head.addWidget(label(tr("TESTS"), look="zone"))
        head.addWidget(self.filter, 1)
        layout = column(self)
        layout.addLayout(head)
        layout.addWidget(self._empty)
        layout.addWidget(self.view, 1)
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(120)
        self._settle.timeout.connect(self._open_red_files)

    def reload(self) -> None:
        """The set of tests has changed, or all results have."""
        selected = self.selected()
        self.model.load(self._session.order, self._session.results)
        self._empty.setVisible(not self._session.order)
        self._open_red_files()
        if selected is not None:
            self.select(selected)

    def update_results(self, results: tuple[TestResult, ...]) -> None:
        self.model.update(results)
        self._empty.hide()
        if not self._settle.isActive():
            self._settle.start()

    def selected(self) -> NodeId | None:
        """The selected test; ``None`` where nothing or a file is selected."""
        index = self.view.currentIndex()
        if not index.isValid() or index.internalId() == 0:
            return None
        node = index.data(Role.NODE)
        return node if isinstance(node, str) else None

    def selection(self) -> tuple[NodeId, ...]:
        """The tests of every selected row; of a file, all that are shown of it."""
        found: dict[NodeId, None] = {}
        for index in self.view.selectionModel().selectedIndexes():
            found.update(dict.fromkeys(self.model.tests_at(index)))
        return tuple(found)

    def select(self, node: NodeId) -> None:
        """Make a test the current one, whatever the filter says."""
        index = self.model.index_of(node)
        if not index.isValid() and self.filter.text():
            self.filter.clear()
            index = self.model.index_of(node)
        if index.isValid():
            self.view.expand(index.parent())
            self.view.setCurrentIndex(index)
            self.view.scrollTo(index)

    def select_first_red(self) -> None:
        """Open the first failure, unless the user has picked a test."""
        if self._chosen_by_hand and self.selected() is not None:
            return
        index = self.model.first_red()
        if index.isValid():
            self.view.setCurrentIndex(index)
            self.view.scrollTo(index)

    def forget_choice(self) -> None:
        self._chosen_by_hand = False
        self._closed.clear()

    def menu(self) -> QMenu:
        """What can be done with the selected tests."""
        made = QMenu(self.view)
        for action in _MENU:
            made.addAction(tr(BY_ID[action].title), lambda action=action: self.action.emit(action))
        made.addSeparator()
        made.addAction(tr("Copy the name"), self._copy_name)
        return made

    def _open_menu(self, at: QPoint) -> None:
        if self.selection():
            made = self.menu()
            made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            made.popup(self.view.viewport().mapToGlobal(at))

    def _copy_name(self) -> None:
        QApplication.clipboard().setText("\n".join(self.selection()))

    def _apply_filter(self, text: str) -> None:
        self.model.set_filter(text)
        self._open_files(every=bool(text))

    def _open_red_files(self) -> None:
        self._open_files(every=bool(self.filter.text()))

    def _open_files(self, *, every: bool) -> None:
        """Open files with failures, or ``every`` file, up to OPEN_ROWS; not what the user has closed."""
        room = OPEN_ROWS
        files = self.model.rowCount()
        for place in range(files):
            index = self.model.index(place, 0)
            if not (every or files == 1 or self.model.is_red_file(index)):
                return
            if index.data(Role.NODE) in self._closed:
                continue
            room -= self.model.rowCount(index)
            if room < 0 and place > 0:
                return
            self.view.expand(index)

    def _pressed(self, _index: QModelIndex) -> None:
        self._chosen_by_hand = True

    def _close_by_hand(self, index: QModelIndex) -> None:
        self._closed.add(index.data(Role.NODE))

    def _open_again(self, index: QModelIndex) -> None:
        self._closed.discard(index.data(Role.NODE))

    def _current_changed(self, current: QModelIndex, _previous: QModelIndex) -> None:
        if current.isValid() and current.internalId() != 0:
            self.test_selected.emit(current.data(Role.NODE))
