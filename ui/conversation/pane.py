"""The *Conversation* tab: messages and answers in their order, and among them the cards of others."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from ui.conversation.rows import CardRow, RowList
from ui.session import Session
from ui.theme.look import Look
from ui.widgets import column
from ui.words import tr


class ConversationPane(QWidget):
    """``task`` is the card of the task at hand; it stands where that task began."""

    def __init__(self, session: Session, task: QWidget, look: Look) -> None:
        super().__init__()
        self._session = session
        self._look = look
        self._cards: dict[QWidget, CardRow] = {}
        self.rows = RowList()
        self.rows.setAccessibleName(tr("Conversation"))
        self.setFocusProxy(self.rows)
        self._task = CardRow(task, fills=True)
        self.rows.append([self._task])
        column(self).addWidget(self.rows, 1)

    def add_card(self, widget: QWidget) -> None:
        """Put a card at the end; it is the conversation's until :meth:`remove_card`, or until another
        repository is opened.

        Its layout says how high it is at a given width; a card that changes need only change.
        """
        self._cards[widget] = made = CardRow(widget)
        self.rows.append([made])

    def remove_card(self, widget: QWidget) -> None:
        """Take a card out, which is its owner's again. Quiet where it is not there."""
        if (row := self._cards.pop(widget, None)) is not None:
            self.rows.remove([row])
            widget.hide()

    def show_card(self, widget: QWidget) -> None:
        """Bring a card into sight."""
        if (row := self._cards.get(widget)) is not None:
            self.rows.reveal(row)

    def begin_task(self) -> None:
        """A task begins: its card goes to the end."""
        self.rows.remove([self._task])
        self.rows.append([self._task])
        self.rows.go_to_end()

    def start_over(self) -> None:
        """Another repository: nothing of the one before is left."""
        for widget in list(self._cards):
            self.remove_card(widget)
            widget.deleteLater()
        self.rows.clear()
