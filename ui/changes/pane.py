"""Under the tests: which files would change, or have changed; a click opens the diff."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import (
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from ui.changes.model import Change, ChangesModel, Role, changes_of, tally
from ui.session import Session
from ui.theme.look import Look
from ui.theme.tokens import BASE, ROW, SMALL
from ui.widgets import Line, column, label, row
from ui.words import tr


class ChangesPane(QWidget):
    """Shows the files of the session's review; hidden while there is none."""

    opened = Signal(str)
    """The path of a file whose diff is wanted."""

    def __init__(self, session: Session, look: Look) -> None:
        super().__init__()
        self.setProperty("look", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._session = session
        self._shown: object = None
        self.model = ChangesModel(self)
        self.view = QListView()
        self.view.setAccessibleName(tr("Changed files"))
        self.view.setModel(self.model)
        self.view.setItemDelegate(_Delegate(look))
        self.view.setUniformItemSizes(True)
        self.view.setMouseTracking(True)
        self.view.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.view.activated.connect(self._open)
        self.view.clicked.connect(self._open)
        self._stands = label(look="small")
        head = row(margins=(16, 8, 16, 4))
        head.addWidget(label(tr("CHANGES"), look="zone"))
        head.addStretch(1)
        head.addWidget(self._stands)
        layout = column(self)
        layout.addWidget(Line())
        layout.addLayout(head)
        layout.addWidget(self.view, 1)
        look.fit(self, "setMinimumHeight", 40 + 2 * ROW)
        self.hide()

    def refresh(self) -> None:
        """Show the review as it is now."""
        session = self._session
        review = session.review
        self.setVisible(review is not None)
        if review is None:
            return
        self._stands.setText(tr("not yet written") if session.accepted is None else tr("written"))
        if review is not self._shown:
            self._shown = review
            self.model.load(changes_of(review.files))

    def _open(self, index: QModelIndex) -> None:
        self.opened.emit(index.data())


class _Delegate(QStyledItemDelegate):
    """The name gives way at its front: the end tells neighbours apart."""

    def __init__(self, look: Look) -> None:
        super().__init__(look)
        self._look = look

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        look, area = self._look, option.rect
        change: Change = index.data(Role.CHANGE)
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(area, look.colour("selection"))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(area, look.colour("raised"))
        box = area.adjusted(16, 0, -10, 0)
        painter.setFont(look.font(SMALL))
        detail = tally(change)
        room = painter.fontMetrics().horizontalAdvance(detail) + 8
        painter.setPen(look.colour("attention" if change.locked else "muted"))
        painter.drawText(box, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), detail)
        painter.setFont(look.font(BASE))
        painter.setPen(look.colour("text"))
        name = painter.fontMetrics().elidedText(
            change.path, Qt.TextElideMode.ElideLeft, box.width() - room
        )
        painter.drawText(box, int(Qt.AlignmentFlag.AlignVCenter), name)
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(look.colour("focus"))
            painter.drawRect(area.adjusted(0, 0, -1, -1))
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(120, self._look.px(ROW))
