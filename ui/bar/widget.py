"""The green bar, painted: ten pixels high, live, with patterns as well as colours."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QHelpEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from ui.bar.layout import Segment, index_at, segments
from ui.session import Session
from ui.standing import Shade
from ui.theme.look import Look
from ui.theme.tokens import BAR_HEIGHT
from ui.tips import tip
from ui.words import outcome_word, short_name, tr

_GAP_FROM = 6
"""Pixels; segments at least this wide are drawn apart."""


class GreenBar(QWidget):
    """One segment for each test of the run that is shown."""

    test_clicked = Signal(str)

    def __init__(self, session: Session, look: Look) -> None:
        super().__init__()
        self._session = session
        self._look = look
        self._shades = bytearray()
        self._laid: list[Segment] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(tr("Green bar"))
        look.changed.connect(self.update)

    def refresh(self) -> None:
        """Take the session's results; the layout is made at the next paint."""
        self._laid = []
        self.update()

    def _ensure_layout(self) -> None:
        if not self._laid or self._laid[-1].right != self.width():
            self._lay_out()

    def _lay_out(self) -> None:
        session = self._session
        self._shades = bytearray(session.standing.shades)
        promised = session.judged()
        if promised is not None and session.accepted is None and session.purpose != "selection":
            for node in promised.fixed:
                place = session.standing.place_of(node)
                if place is not None and self._shades[place] == Shade.FAILED:
                    self._shades[place] = Shade.PROMISED
        self._laid = segments(self._shades, self.width())

    def _test_at(self, x: int) -> str | None:
        self._ensure_layout()
        index = index_at(self._laid, self._shades, x)
        return self._session.order[index] if index is not None else None

    def _fill(self, shade: Shade) -> tuple[QColor, Qt.BrushStyle | None]:
        colour = self._look.colour
        match shade:
            case Shade.PASSED:
                return colour("passed_fill"), None
            case Shade.PROMISED:
                return colour("passed_fill"), Qt.BrushStyle.BDiagPattern
            case Shade.FAILED:
                return colour("failed_fill"), Qt.BrushStyle.Dense6Pattern
            case Shade.SKIPPED:
                return colour("idle_fill"), Qt.BrushStyle.HorPattern
            case Shade.WAITING:
                return colour("idle_fill"), None

    def sizeHint(self) -> QSize:
        return QSize(400, BAR_HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return QSize(100, BAR_HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        area = self.rect()
        painter.fillRect(area, self._look.colour("raised"))
        self._ensure_layout()
        pattern = self._look.colour("pattern")
        for piece in _merged(self._laid):
            width = piece.right - piece.left
            apart = 1 if width >= _GAP_FROM and piece.last - piece.first == 1 else 0
            box = QRect(piece.left, area.top(), width - apart, area.height())
            fill, brush = self._fill(piece.shade)
            if piece.shade is Shade.WAITING:
                inset = box.adjusted(0, 3, 0, -3)
                painter.fillRect(inset, fill)
                continue
            painter.fillRect(box, fill)
            if brush is not None:
                painter.fillRect(box, QBrush(pattern, brush))

    def resizeEvent(self, event: object) -> None:
        self._laid = []

    def mousePressEvent(self, event: QMouseEvent) -> None:
        node = self._test_at(event.position().toPoint().x())
        if node is not None:
            self.test_clicked.emit(node)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            node = self._test_at(event.pos().x())
            if node is not None:
                text = tr(
                    "{test}: {outcome}",
                    test=short_name(node),
                    outcome=outcome_word(self._session.outcome(node)),
                )
                QToolTip.showText(event.globalPos(), tip(text), self)
            return True
        return super().event(event)


def _merged(laid: list[Segment]) -> list[Segment]:
    """Join narrow neighbours of one shade, so that thousands of tests cost few rectangles."""
    joined: list[Segment] = []
    for piece in laid:
        before = joined[-1] if joined else None
        if before is not None and before.shade is piece.shade and piece.right - piece.left < _GAP_FROM:
            joined[-1] = Segment(before.left, piece.right, before.first, piece.last, piece.shade)
        else:
            joined.append(piece)
    return joined
