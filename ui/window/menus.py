"""Turns the action table into Qt actions, menus, palette entries and the cheat sheet."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QDialog, QFrame, QGridLayout, QMenu, QScrollArea, QWidget

from ui.actions import ACTIONS, Action, Group
from ui.keys import shown
from ui.session import Session
from ui.widgets import column, label
from ui.window.palette import Entry
from ui.words import tr


class Menus:
    """Owns the window's QActions."""

    def __init__(
        self,
        window: QWidget,
        session: Session,
        trigger: Callable[[str], None],
        keys: Mapping[str, str],
    ) -> None:
        """``keys``: of every action, by its id."""
        self._session = session
        self._keys = keys
        self._trigger = trigger
        self._actions: dict[str, QAction] = {}
        self._placed = False
        """Whether the keys of the review are the diff's."""
        self.menu = QMenu(window)
        for group in Group:
            submenu = self.menu.addMenu(tr(group.value))
            for spec in ACTIONS:
                if spec.group is group:
                    submenu.addAction(self._made(spec, window))
        self.menu.aboutToShow.connect(self.refresh)

    def _made(self, spec: Action, window: QWidget) -> QAction:
        made = QAction(tr(spec.title), window)
        made.setObjectName(spec.id)
        made.triggered.connect(lambda _checked=False, name=spec.id: self._trigger(name))
        window.addAction(made)
        self._actions[spec.id] = made
        self._bind(spec)
        return made

    def rebind(self, keys: Mapping[str, str]) -> None:
        """Other keys, from now on."""
        self._keys = keys
        for spec in ACTIONS:
            self._bind(spec)

    def _bind(self, spec: Action) -> None:
        # Single letters belong to the diff; Escape means more than Stop. The window sees to both.
        if spec.id != "stop" and (not spec.in_review or self._placed):
            self._actions[spec.id].setShortcut(QKeySequence(self._keys[spec.id]))

    def place_review_keys(self, window: QWidget, view: QWidget) -> None:
        """Let the single-letter keys count while the diff has the focus."""
        self._placed = True
        for spec in ACTIONS:
            if spec.in_review:
                made = self._actions[spec.id]
                self._bind(spec)
                made.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
                window.removeAction(made)
                view.addAction(made)

    def refresh(self) -> None:
        """Enable what can be done now."""
        for spec in ACTIONS:
            self._actions[spec.id].setEnabled(spec.enabled(self._session))

    def entries(self) -> list[Entry]:
        """Every action for the palette."""
        return [
            Entry(
                tr(spec.title),
                shown(self._keys[spec.id]),
                lambda name=spec.id: self._trigger(name),  # type: ignore[misc]
                spec.enabled(self._session),
            )
            for spec in ACTIONS
            if spec.id != "palette"
        ]


ONE_COLUMN: Final = 1.3


class CheatSheet(QDialog):
    """All keys on one page (F1)."""

    def __init__(self, parent: QWidget, keys: Mapping[str, str], scale: float = 1.0) -> None:
        """``scale`` is that of text: large letters stand in one column."""
        super().__init__(parent)
        self.setWindowTitle(tr("Keys"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        area = QScrollArea()
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setAccessibleName(tr("Keys"))
        page = QWidget()
        area.setWidget(page)
        grid = QGridLayout(page)
        grid.setContentsMargins(24, 20, 24, 20)
        grid.setHorizontalSpacing(20)
        grid.setVerticalSpacing(6)
        lines = [0, 0]
        for group in Group:
            keyed = [spec for spec in ACTIONS if spec.group is group and keys[spec.id]]
            if not keyed:
                continue
            side = 0 if lines[0] <= lines[1] or scale > ONE_COLUMN else 1
            left = side * 3
            if lines[side]:
                grid.setRowMinimumHeight(lines[side], 12)
                lines[side] += 1
            grid.addWidget(label(tr(group.value).upper(), look="zone"), lines[side], left, 1, 2)
            for spec in keyed:
                lines[side] += 1
                grid.addWidget(label(shown(keys[spec.id]), look="strong"), lines[side], left)
                grid.addWidget(label(tr(spec.title)), lines[side], left + 1)
            lines[side] += 1
        grid.setColumnMinimumWidth(2, 24)
        grid.setRowStretch(max(lines), 1)
        column(self).addWidget(area)
        self.resize(
            QSize(760, 520).boundedTo(parent.size()) if scale <= ONE_COLUMN else parent.size() * 0.8
        )
