"""The header: which repository, the three verbs, and the way to everything else."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QFrame, QMenu, QPushButton, QToolButton

from ui.actions import BY_ID
from ui.keys import shortcuts, shown
from ui.session import Session
from ui.theme.icons import SIDE, icon
from ui.theme.look import Look
from ui.tips import tip
from ui.widgets import Elided, button, label, row
from ui.words import counted, tr


class Header(QFrame):
    """``action`` carries the id of an action in :mod:`ui.actions`."""

    action = Signal(str)

    def __init__(self, session: Session, look: Look, menu: QMenu) -> None:
        super().__init__()
        self._session = session
        self._look = look
        self._slim = False
        self._keys: Mapping[str, str] = shortcuts({})
        self.setProperty("look", "header")
        look.fit(self, "setFixedHeight", 48)
        self._name = Elided(look="lead")
        self._branch = Elided(look="muted")
        self._language = label(look="small")
        self._dirty = label(look="small")
        self._run = self._verb("run_tests", tr("Run tests"), "play")
        self._fix = self._verb("fix", tr("Fix"), "wrench")
        self._stop = self._verb("stop", tr("Stop"), "stop")
        self._undo = self._verb("undo", tr("Undo"), "undo")
        self._find = button(
            tr("Find  Ctrl+K"), lambda: self.action.emit("palette"), "quiet", tr("Find an action")
        )
        self.more = QToolButton()
        self.more.setProperty("look", "quiet")
        self.more.setAccessibleName(tr("Menu"))
        self.more.setToolTip(tr("Menu"))
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.more.setMenu(menu)
        layout = row(self, (16, 0, 12, 0), 8)
        self._tests = button(
            "", lambda: self.action.emit("toggle_tests"), "quiet", tr("Show or hide the tests")
        )
        self._tests.hide()
        layout.addWidget(self._tests)
        layout.addWidget(self._name)
        layout.addWidget(self._branch)
        layout.addWidget(self._language)
        layout.addWidget(self._dirty)
        layout.addStretch(1)
        for part in (self._run, self._fix, self._stop, self._undo, self._find, self.more):
            layout.addWidget(part)
        look.changed.connect(self._paint_icons)
        self._paint_icons()
        self.show_keys(self._keys)

    def _verb(self, action: str, text: str, picture: str) -> QPushButton:
        made = button(text, lambda: self.action.emit(action))
        made.setProperty("picture", picture)
        return made

    def show_keys(self, keys: Mapping[str, str]) -> None:
        """Say in the tool tips which keys do the same."""
        verbs = {"run_tests": self._run, "fix": self._fix, "stop": self._stop, "undo": self._undo}
        for action, part in {**verbs, "toggle_tests": self._tests, "palette": self._find}.items():
            part.setToolTip(f"{tr(BY_ID[action].title)}  {shown(keys[action])}".rstrip())
        self._keys = keys
        self._word()

    def _word(self) -> None:
        """Words on the buttons, where there is room; their names and tool tips stay."""
        for part in (self._run, self._fix, self._stop, self._undo):
            part.setText("" if self._slim else part.accessibleName())
        find = f"{tr('Find')}  {shown(self._keys['palette'])}".rstrip()
        self._find.setText("" if self._slim else find)

    def _paint_icons(self) -> None:
        side = self._look.px(SIDE)
        for part in (self._run, self._fix, self._stop, self._undo, self._find, self.more, self._tests):
            part.setIconSize(QSize(side, side))
        for part in (self._run, self._fix, self._stop, self._undo):
            part.setIcon(icon(part.property("picture"), self._look))
        self._tests.setIcon(icon("tests", self._look))
        self._find.setIcon(icon("search", self._look, "muted"))
        self.more.setIcon(icon("more", self._look))

    def refresh(self, slim: bool = False) -> None:
        """``slim``: the tests are a drawer, which needs a button."""
        self._tests.setVisible(slim)
        if slim != self._slim:
            self._slim = slim
            self._word()
        session = self._session
        repository = session.repository
        if repository is not None:
            self._name.setText(repository.name)
            self._name.setToolTip(tip(repository.path))
            self._branch.setText(repository.branch)
            self._language.setText(repository.language)
            self._dirty.setText(
                counted(repository.dirty, "{n} uncommitted change", "{n} uncommitted changes")
                if repository.dirty
                else ""
            )
        self._language.setVisible(bool(self._language.text()) and self.width() > 1000)
        self._dirty.setVisible(bool(self._dirty.text()) and self.width() > 1100)
        for part, action in ((self._run, "run_tests"), (self._fix, "fix"), (self._stop, "stop")):
            part.setEnabled(BY_ID[action].enabled(session))
        self._undo.setVisible(session.undoable > 0)
        self._undo.setEnabled(BY_ID["undo"].enabled(session))
