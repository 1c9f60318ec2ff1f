"""Paints one row of the tree: sign, name, detail at the right."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from ui.elide import elide_test
from ui.testtree.model import Role
from ui.theme.look import Look
from ui.theme.tokens import BASE, ROW, SMALL


class TestDelegate(QStyledItemDelegate):
    """Meaning by sign first, by colour second."""

    __test__ = False

    def __init__(self, look: Look) -> None:
        super().__init__(look)
        self._look = look

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        look = self._look
        area: QRect = option.rect
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(area, look.colour("selection"))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(area, look.colour("raised"))
        is_file = index.internalId() == 0
        box = area.adjusted(4, 0, -10, 0)
        painter.setFont(look.font(BASE, strong=True))
        painter.setPen(look.colour(index.data(Role.TONE)))
        painter.drawText(
            QRect(box.left(), box.top(), look.px(16), box.height()),
            Qt.AlignmentFlag.AlignCenter,
            index.data(Role.SIGN),
        )
        detail = index.data(Role.DETAIL)
        painter.setFont(look.font(SMALL))
        room = painter.fontMetrics().horizontalAdvance(detail)
        painter.setPen(look.colour("muted"))
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(box, int(right), detail)
        painter.setFont(look.font(BASE, strong=is_file))
        painter.setPen(look.colour("text"))
        name = box.adjusted(look.px(22), 0, -(room + 8 if room else 0), 0)
        text = elide_test(index.data(Qt.ItemDataRole.DisplayRole), name.width(), painter.fontMetrics())
        painter.drawText(name, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), text)
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(look.colour("focus"))
            painter.drawRect(area.adjusted(0, 0, -1, -1))
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(120, self._look.px(ROW))
