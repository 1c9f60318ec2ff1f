"""The settings: one searchable dialog, generated from the schema. A change counts at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QFileDialog, QFrame, QLayout, QLineEdit, QScrollArea, QWidget

from core.commands import Command, ExportSettings, ImportSettings, ResetSettings
from core.types import Settings, SettingValue
from core.types.settings import SPECS, value_of
from ui.actions import ACTIONS, Action
from ui.keys import FIXED, conflict, shortcuts, shown
from ui.session import Session
from ui.settings.fields import Row, control_for, key_control
from ui.theme.look import Look
from ui.widgets import Line, button, column, label, row
from ui.words import tr

GROUPS: Final = {
    "search": "Search",
    "model": "Model",
    "tests": "Tests and sandbox",
    "look": "Look",
    "notices": "Notifications",
    "editor": "Editor",
    "keys": "Keys",
}
_DEFAULTS: Final = Settings()
_KEYS: Final = "keys.bound"


class SettingsDialog(QDialog):
    """``change`` keeps one value at once and lets core write it; ``send`` is for the rest."""

    def __init__(
        self,
        session: Session,
        look: Look,
        change: Callable[[str, SettingValue | None], None],
        send: Callable[[Command], None],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._session, self._look = session, look
        self._change, self._send = change, send
        self._rows: dict[str, Row] = {}
        self._keys: dict[str, Row] = {}
        self._put: dict[str, Callable[[SettingValue], None]] = {}
        self._put_keys: dict[str, Callable[[str], None]] = {}
        self._heads: list[tuple[QWidget, list[Row]]] = []
        self.setWindowTitle(tr("Settings"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.search = QLineEdit()
        self.search.setPlaceholderText(tr("Search settings and keys"))
        self.search.setAccessibleName(tr("Search settings and keys"))
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._filter)
        self._none = label(tr("Nothing here has that in its name."), look="muted")
        self._none.hide()
        area = QScrollArea()
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setAccessibleName(tr("Settings"))
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        page = QWidget()
        area.setWidget(page)
        self._page = column(page, (24, 8, 24, 16), 0)
        self._page.addWidget(self._none)
        for group, title in GROUPS.items():
            self._add_group(group, tr(title))
        self._page.addStretch(1)
        layout = column(self)
        top = row(margins=(24, 16, 24, 8))
        top.addWidget(self.search, 1)
        layout.addLayout(top)
        layout.addWidget(Line())
        layout.addWidget(area, 1)
        layout.addWidget(Line())
        layout.addLayout(self._foot())
        self.resize(look.px(760), look.px(640))
        if (screen := self.screen()) is not None:
            self.resize(self.size().boundedTo(screen.availableSize() * 0.9))
        self.refresh()
        self.search.setFocus()

    def refresh(self) -> None:
        """Show the settings as the session has them."""
        chosen = self._session.settings
        own = {override.key: override for override in self._session.overrides}
        for key, shown_row in self._rows.items():
            value = value_of(chosen, key)
            self._put[key](value)
            shown_row.show_state(is_default=value == value_of(_DEFAULTS, key), own=own.get(key))
        bound = shortcuts(chosen.keys_bound)
        for action, shown_row in self._keys.items():
            self._put_keys[action](bound[action])
            shown_row.show_state(is_default=action not in chosen.keys_bound, own=None)

    def _add_group(self, group: str, title: str) -> None:
        head = label(title.upper(), look="zone")
        head.setContentsMargins(0, 16, 0, 4)
        self._page.addWidget(head)
        rows: list[Row] = []
        for key, spec in SPECS.items():
            if key.partition(".")[0] != group or key == _KEYS:
                continue
            changed = self._changer(key)
            control, self._put[key] = control_for(spec, value_of(_DEFAULTS, key), changed)
            self._rows[key] = made = Row(tr(spec.title), tr(spec.help), control, self._look, changed)
            made.searched += f" {key} {title.lower()}"
            rows.append(made)
        if group == "keys":
            rows += [self._key_row(action) for action in ACTIONS if action.id not in FIXED]
        for made in rows:
            self._page.addWidget(made)
        self._heads.append((head, rows))

    def _key_row(self, action: Action) -> Row:
        control, self._put_keys[action.id] = key_control(action, lambda keys: self._bind(action, keys))
        made = Row(tr(action.title), "", control, self._look, lambda _: self._bind(action, None))
        made.searched += f" {tr(action.group.value).lower()} {shown(action.shortcut).lower()} keys"
        self._keys[action.id] = made
        return made

    def _changer(self, key: str) -> Callable[[SettingValue | None], None]:
        return lambda value: self._change(key, value)

    def _bind(self, action: Action, keys: str | None) -> None:
        """Give an action other keys, or with ``None`` its own again; keys that are taken stay."""
        bound = dict(self._session.settings.keys_bound)
        wanted = action.shortcut if keys is None else keys
        other = conflict(action.id, wanted, bound)
        if other is not None:
            words = tr("{keys} is “{title}” already.", keys=shown(wanted), title=tr(other.title))
            self._keys[action.id].say(words)
            self._put_keys[action.id](shortcuts(bound)[action.id])
            return
        self._keys[action.id].say("")
        bound.pop(action.id, None)
        if wanted != action.shortcut:
            bound[action.id] = wanted
        if bound != self._session.settings.keys_bound:
            self._change(_KEYS, bound)

    def _filter(self, text: str) -> None:
        words = text.lower().split()
        found = False
        for head, rows in self._heads:
            some = False
            for made in rows:
                hit = all(word in made.searched for word in words)
                made.setVisible(hit)
                some = some or hit
            head.setVisible(some)
            found = found or some
        self._none.setVisible(not found)

    # --- the file --------------------------------------------------------------------------------

    def _foot(self) -> QLayout:
        foot = row(margins=(24, 10, 24, 12))
        foot.addWidget(button(tr("Import…"), self._import))
        foot.addWidget(button(tr("Export…"), self._export))
        foot.addWidget(button(tr("Reset all"), lambda: self._send(ResetSettings())))
        foot.addStretch(1)
        foot.addWidget(button(tr("Close"), self.close, "primary"))
        return foot

    def _import(self) -> None:
        self._ask(tr("Import settings"), lambda path: self._send(ImportSettings(path)), save=False)

    def _export(self) -> None:
        self._ask(tr("Export settings"), lambda path: self._send(ExportSettings(path)), save=True)

    def _ask(self, title: str, take: Callable[[str], None], *, save: bool) -> None:
        dialog = QFileDialog(self, title)
        dialog.setNameFilter(tr("Settings (*.toml)"))
        dialog.setDefaultSuffix("toml")
        modes = QFileDialog.AcceptMode
        dialog.setAcceptMode(modes.AcceptSave if save else modes.AcceptOpen)
        if not save:
            dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(take)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
