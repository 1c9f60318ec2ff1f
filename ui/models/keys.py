"""The keys of servers on the page: where each is from, a field to give one. A key is never shown."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from core.types import KeyRow, KeySource
from ui.models.words import key_words
from ui.theme.look import Look
from ui.widgets import button, card, clear, column, label, row
from ui.words import tr


class KeyLine(QWidget):
    """One key. ``can_keep`` is false where there is no keyring: then it can be for this run only."""

    given = Signal(str, str, bool)
    """Name, value, for this run only."""
    removed = Signal(str)

    def __init__(self, key: KeyRow, can_keep: bool, look: Look) -> None:
        super().__init__()
        self._key = key
        self._for_this_run = not can_keep
        has = key.source is not KeySource.NONE
        self.setAccessibleName(f"{key.title}, {key_words(key)}")
        sign = label("✓" if has else "–", look="strong", tone="" if has else "idle")
        look.fit(sign, "setFixedWidth", 20)
        names = column(gap=2)
        names.addWidget(label(key.title, look="strong"))
        names.addWidget(label(key_words(key), look="small", wrap=True))
        line = row(self, (16, 8, 12, 8), 12)
        line.addWidget(sign)
        line.addLayout(names, 1)
        if key.source is KeySource.ENVIRONMENT:
            return  # read-only: it wins over whatever is kept
        self.field = QLineEdit()
        self.field.setEchoMode(QLineEdit.EchoMode.Password)
        self.field.setPlaceholderText(tr("Paste a new key") if has else tr("Paste the key"))
        self.field.setAccessibleName(tr("Key for {name}", name=key.title))
        look.fit(self.field, "setFixedWidth", 220)
        self.field.returnPressed.connect(self._give)
        line.addWidget(self.field)
        keep = tr("Use for this run") if self._for_this_run else tr("Keep")
        line.addWidget(button(keep, self._give, name=f"{keep}: {key.title}"))
        forget = tr("Forget")
        last = button(forget, lambda: self.removed.emit(key.name), "quiet", f"{forget} {key.title}")
        policy = last.sizePolicy()
        policy.setRetainSizeWhenHidden(True)  # the fields stand under each other
        last.setSizePolicy(policy)
        last.setVisible(has)
        line.addWidget(last)

    def _give(self) -> None:
        # Keys hold no blanks; what is pasted often ends in a line break.
        value = "".join(self.field.text().split())
        self.field.clear()
        if value:
            self.given.emit(self._key.name, value, self._for_this_run)


class KeysSection(QWidget):
    """All keys, and a sentence where the keyring cannot keep any."""

    given = Signal(str, str, bool)
    removed = Signal(str)

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._shown: object = None
        self._box = column(self, gap=8)

    def show_keys(self, rows: tuple[KeyRow, ...] | None, trouble: str) -> None:
        """``None`` while nobody has looked yet."""
        if (rows, trouble) == self._shown:
            return
        self._shown = (rows, trouble)
        clear(self._box)
        self._box.addWidget(label(tr("KEYS"), look="zone"))
        if rows is None:
            self._box.addWidget(label(tr("Looking…"), look="muted"))
            return
        if trouble:
            words = tr("{trouble} Here, a key can be given for this run only.", trouble=trouble)
            self._box.addWidget(label(words, look="muted", wrap=True))
        box = card()
        inside = column(box, (1, 4, 1, 4), 0)
        for key in rows:
            line = KeyLine(key, not trouble, self._look)
            line.given.connect(self.given)
            line.removed.connect(self.removed)
            inside.addWidget(line)
        self._box.addWidget(box)
