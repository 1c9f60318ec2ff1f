"""*Commit on a new branch*: the drafted branch and message to edit, and what hooks say in refusing."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import QButtonGroup, QDialog, QLineEdit, QPlainTextEdit, QRadioButton, QWidget

from core.events import TroubleRaised
from core.types import CommitDraft, OwnChanges
from ui.textblock import TextBlock
from ui.theme.look import Look
from ui.theme.tokens import BASE
from ui.widgets import button, card, column, label, row
from ui.words import counted, tr


class CommitDialog(QDialog):
    """Stays open until the commit is made or given up; never blocks the window's work."""

    wanted = Signal(str, str, object)
    """The branch, the message, an :class:`core.types.OwnChanges`."""
    stopped = Signal()
    """The user gives up while git is at work."""

    def __init__(self, draft: CommitDraft, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._busy = False
        self._entangled = bool(draft.entangled)
        self.setWindowTitle(tr("Commit on a new branch"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.branch = QLineEdit(draft.branch)
        self.branch.setAccessibleName(tr("Branch"))
        self.branch.textChanged.connect(self._refresh)
        self.message = QPlainTextEdit(draft.message)
        self.message.setAccessibleName(tr("Message"))
        self.message.setTabChangesFocus(True)
        self.message.setFont(look.code_font(BASE))
        self.message.textChanged.connect(self._refresh)
        self._own = QButtonGroup(self)
        self.leave = QRadioButton(tr("Leave mine out; they stay uncommitted"))
        self.take = QRadioButton(tr("Take mine along in this commit"))
        self._said = TextBlock(look, tr("What git and the hooks said"))
        self._trouble = label(look="strong", tone="failed", wrap=True)
        self.commit = button(tr("Commit"), self._commit, "primary")
        self._close = button(tr("Cancel"), self.reject)
        layout = column(self, (20, 16, 20, 16), 8)
        layout.addWidget(label(tr("Branch"), look="muted"))
        layout.addWidget(self.branch)
        layout.addWidget(label(tr("Message"), look="muted"))
        layout.addWidget(self.message, 1)
        named = ", ".join(draft.paths[:4])
        more = tr(" and {n} more", n=len(draft.paths) - 4) if len(draft.paths) > 4 else ""
        files = counted(len(draft.paths), "{n} file", "{n} files")
        layout.addWidget(label(f"{files}: {named}{more}", wrap=True))
        if draft.detached:
            words = tr("HEAD is detached at {commit}; it will be on the branch.", commit=draft.detached)
            layout.addWidget(label(words, wrap=True))
        if self._entangled:
            layout.addWidget(self._choice(draft.entangled))
        layout.addWidget(self._trouble)
        layout.addWidget(self._said)
        foot = row(gap=8)
        foot.addWidget(
            label(tr("The project's hooks run. Nothing is pushed."), look="muted", wrap=True), 1
        )
        foot.addWidget(self._close)
        foot.addWidget(self.commit)
        layout.addLayout(foot)
        self._trouble.hide()
        self._said.hide()
        self.resize(look.px(620), look.px(520))
        self._refresh()
        self.branch.setFocus()

    def _choice(self, paths: tuple[str, ...]) -> QWidget:
        made = card("attention")
        words = column(made, (12, 10, 12, 10), 6)
        text = tr("{paths} held changes of your own before the fix.", paths=", ".join(paths[:4]))
        words.addWidget(label(text, wrap=True))
        for choice in (self.leave, self.take):
            self._own.addButton(choice)
            choice.toggled.connect(self._refresh)
            words.addWidget(choice)
        return made

    def show_trouble(self, trouble: TroubleRaised) -> None:
        """Git, or a hook, has refused; everything may be tried again."""
        self._busy = False
        self._trouble.setText(trouble.sentence)
        self._trouble.show()
        details = trouble.details.strip()
        if details:
            self._said.show_text(details)
        self._said.setVisible(bool(details))
        self._refresh()

    def work_ended(self) -> None:
        """Nothing runs any more; without a commit, it was stopped."""
        if self._busy:
            self._busy = False
            self._refresh()

    def is_busy(self) -> bool:
        return self._busy

    def _commit(self) -> None:
        self._busy = True
        self._trouble.hide()
        self._said.hide()
        self._refresh()
        self.wanted.emit(self.branch.text().strip(), self.message.toPlainText(), self._own_changes())

    def _own_changes(self) -> OwnChanges:
        if self.leave.isChecked():
            return OwnChanges.LEAVE
        return OwnChanges.TAKE if self.take.isChecked() else OwnChanges.REFUSE

    def _refresh(self) -> None:
        whole = bool(self.branch.text().strip() and self.message.toPlainText().strip())
        settled = not self._entangled or self._own_changes() is not OwnChanges.REFUSE
        self.commit.setText(tr("Committing…") if self._busy else tr("Commit"))
        self.commit.setEnabled(whole and settled and not self._busy)
        self._close.setText(tr("Stop") if self._busy else tr("Cancel"))
        self._close.setAccessibleName(self._close.text())
        for part in (self.branch, self.message, self.leave, self.take):
            part.setEnabled(not self._busy)

    # --- Qt --------------------------------------------------------------------------------------

    def reject(self) -> None:
        if self._busy:
            self.stopped.emit()
            return
        super().reject()

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._busy:
            self.stopped.emit()
        super().closeEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enter and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.commit.click()
            return
        super().keyPressEvent(event)
