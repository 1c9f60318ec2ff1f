"""The window with a repository open: where each zone stands, and what is remembered of it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QMenu, QSplitter, QTabWidget, QWidget

from ui.bar.counts import CountsLine
from ui.bar.widget import GreenBar
from ui.candidates.model import CandidateModel
from ui.candidates.pane import CandidatesPane
from ui.changes.pane import ChangesPane
from ui.conversation.pane import ConversationPane
from ui.evidence.panel import EvidencePanel
from ui.fix.pane import FixPane
from ui.inspector.pane import InspectorPane
from ui.ledger.pane import LedgerPane
from ui.ledger.request_card import RequestCard
from ui.matrix.pane import MatrixPane
from ui.prompts.pane import PromptsPane
from ui.review.pane import ReviewPane
from ui.session import Session
from ui.state import UiState
from ui.testtree.pane import TestsPane
from ui.theme.look import Look
from ui.widgets import Line, column
from ui.window.drawer import Drawer
from ui.window.header import Header
from ui.window.side import Side
from ui.words import tr

_ZONES = [328, 768, 344]
_DRAWER = [620, 150]


class Workspace:
    """Builds and arranges the panes; ``top`` goes above the notices, ``body`` under them."""

    def __init__(self, session: Session, state: UiState, look: Look, menu: QMenu) -> None:
        self._session = session
        self._state = state
        self._look = look
        self._narrow = self._slim = False
        self.candidate_model = CandidateModel()
        self.header = Header(session, look, menu)
        self.bar = GreenBar(session, look)
        self.counts = CountsLine(session)
        self.tests = TestsPane(session, look)
        self.changes = ChangesPane(session, look)
        self.side = Side(self.tests, self.changes, look)
        self.fix = FixPane(session, self.candidate_model, look)
        self.conversation = ConversationPane(session, self.fix, look)
        self.review = ReviewPane(session, look, state.side_by_side)
        self.candidates = CandidatesPane(session, self.candidate_model, look)
        self.matrix = MatrixPane(session, look)
        self.prompts = PromptsPane(session, look)
        self.inspector = InspectorPane(session, look)
        self.ledger = LedgerPane(session.ledger)
        self.inspector.requirements.hold(self.ledger)
        self.request: RequestCard | None = None
        """The card of the newest request."""
        self.evidence = EvidencePanel(session)
        self.inspector.evidence.hold(self.evidence)
        self.drawer = Drawer(session, look)
        self.log = self.drawer.log
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.tabBar().setDrawBase(False)
        self.tabs.tabBar().setAccessibleName(tr("Views"))
        self.tabs.setAccessibleName(tr("Views"))
        for page, title in (
            (self.conversation, tr("Conversation")),
            (self.review, tr("Review")),
            (self.candidates, tr("Candidates")),
            (self.matrix, tr("Matrix")),
            (self.prompts, tr("Prompts")),
        ):
            self.tabs.addTab(page, title)
        self.zones = _splitter(Qt.Orientation.Horizontal, self.side, self.tabs, self.inspector)
        self.zones.setStretchFactor(1, 1)
        self.zones.setSizes(state.sizes.get("zones") or _ZONES)
        look.fit(self.side, "setMinimumWidth", 200)
        look.fit(self.tabs, "setMinimumWidth", 420)
        look.fit(self.inspector, "setMinimumWidth", 240)
        self.split = _splitter(Qt.Orientation.Vertical, self.zones, self.drawer)
        self.body = QWidget()
        column(self.body).addWidget(self.split)
        self.split.setStretchFactor(0, 1)
        self.split.setSizes(state.sizes.get("drawer") or _DRAWER)
        self.drawer.setVisible("log" not in state.hidden and "log" in state.sizes)
        self.side.setVisible("tests" not in state.hidden)
        self.top = QWidget()
        layout = column(self.top)
        for part in (self.header, self.bar, self.counts, Line()):
            layout.addWidget(part)

    def refresh(self) -> None:
        """Show the session as it is now, in every pane."""
        self.header.refresh(slim=self._slim)
        self.bar.refresh()
        self.counts.refresh()
        self.fix.refresh()
        self.fix.follow()
        self.conversation.refresh()
        self.candidates.refresh()
        self.candidates.follow()
        self.review.refresh()
        self.matrix.refresh()
        self.prompts.refresh()
        self.inspector.refresh()
        under_review = self._session.review
        self.ledger.refresh(
            self._session.evidence.proof(under_review.candidate) if under_review else None
        )
        if self.request is not None:
            self.request.refresh(busy=self._session.is_busy())
        self.inspector.evidence.setVisible(self.evidence.refresh())
        self.changes.refresh()
        self.drawer.refresh()
        asked = self._session.questions.current is not None
        self._name_tab(self.conversation, tr("Conversation (?)") if asked else tr("Conversation"))
        review = self._session.review
        hunks = sum(len(file.hunks) for file in review.files) if review else 0
        self._name_tab(self.review, tr("Review ({n})", n=hunks) if hunks else tr("Review"))
        number = len(self._session.candidates)
        self._name_tab(self.candidates, tr("Candidates ({n})", n=number) if number else tr("Candidates"))

    def rehearse(self, size: QSize) -> None:
        """Lay everything out and paint it once where nobody sees it: done when a repository opens, it
        would hold the window up for some 50 ms."""
        if not self.body.isVisible():
            self.body.resize(size)
            self.body.grab()

    def show_tab(self, page: QWidget) -> None:
        if self.tabs.indexOf(page) >= 0:
            self.tabs.setCurrentWidget(page)
            page.setFocus()

    def show_request(self) -> RequestCard:
        """Put a card for the newest request into the conversation, and bring it into sight."""
        self.request = made = RequestCard(self._session.ledger, self._look)
        self.conversation.add_card(made)
        self.conversation.show_card(made)
        self.tabs.setCurrentWidget(self.conversation)
        made.task.setFocus()
        return made

    def show_prompt(self, request: int) -> None:
        """Show one request to the model."""
        self.prompts.show_request(request)
        self.show_tab(self.prompts)

    def show_failure(self, candidate: int) -> None:
        """Show how the first test that a candidate fails has failed with it."""
        record = self._session.candidates.get(candidate)
        failure = record.evidence.failure if record and record.evidence else None
        if failure is None:
            return
        self.inspector.show_failure(candidate, failure)
        if self._narrow or self.inspector.isHidden():
            self.show_inspector()

    def show_inspector(self) -> None:
        """Bring the inspector into sight, wherever it stands."""
        if self._narrow:
            self.tabs.setCurrentWidget(self.inspector)
        else:
            self.inspector.setVisible(self.inspector.isHidden())

    def is_narrow(self) -> bool:
        return self._narrow

    def set_narrow(self, narrow: bool) -> None:
        """Below 1200 px the inspector becomes a tab."""
        if narrow == self._narrow:
            return
        if narrow:
            if not self._slim:
                self._state.sizes["zones"] = self.zones.sizes()
            self.tabs.addTab(self.inspector, tr("Inspector"))
        else:
            self.tabs.removeTab(self.tabs.indexOf(self.inspector))
            self.zones.addWidget(self.inspector)
            self.inspector.show()
            if not self._slim:
                self.zones.setSizes(self._state.sizes.get("zones") or _ZONES)
        self._narrow = narrow

    def set_slim(self, slim: bool) -> None:
        """Below 1024 px the tests are a drawer over the rest."""
        if slim == self._slim:
            return
        if slim:
            if not self._narrow:
                self._state.sizes["zones"] = self.zones.sizes()
            self.side.lie_over(self.body)
        else:
            self.side.stand()
            self.zones.insertWidget(0, self.side)
            self.side.setVisible("tests" not in self._state.hidden)
            self.zones.setSizes(self._state.sizes.get("zones") or _ZONES)
        self._slim = slim
        self.header.refresh(slim=slim)

    def show_tests(self) -> None:
        """Bring the tests into sight, wherever they stand."""
        if self._slim:
            self.side.open_drawer()
        elif self.side.isHidden():
            self.toggle("tests")

    def close_tests(self) -> bool:
        """Close the drawer of the tests; ``False`` where it is none or not open."""
        if not self._slim or self.side.isHidden():
            return False
        self.side.hide()
        return True

    def show_page(self, page: QWidget) -> None:
        """Open the drawer at the foot on one of its pages."""
        self.drawer.show_page(page)
        if self.drawer.isHidden():
            self.toggle("log")

    def toggle(self, name: str) -> None:
        """Show or hide ``tests`` or ``log``, the drawer at the foot."""
        if name == "tests" and self._slim:
            if not self.close_tests():
                self.side.open_drawer()
                self.tests.view.setFocus()
            return
        panel = {"tests": self.side, "log": self.drawer}[name]
        panel.setVisible(panel.isHidden())
        hidden = set(self._state.hidden) - {name}
        self._state.hidden = sorted(hidden | {name} if panel.isHidden() else hidden)
        if name == "log" and not panel.isHidden():
            self._state.sizes["log"] = [1]

    def remember(self) -> None:
        """Write the sizes into the state."""
        if not (self._narrow or self._slim):
            self._state.sizes["zones"] = self.zones.sizes()
        if not self.drawer.isHidden():
            self._state.sizes["drawer"] = self.split.sizes()

    def connect_actions(self, trigger: Callable[[str], None]) -> None:
        """Wire everything that names an action of :mod:`ui.actions`."""
        self.header.action.connect(trigger)
        self.fix.action.connect(trigger)
        self.tests.action.connect(trigger)
        self.drawer.action.connect(trigger)
        self.tests.view.clicked.connect(lambda index: index.parent().isValid() and self.close_tests())
        self.review.accept_all.connect(lambda: trigger("accept_all"))
        self.review.accept_selected.connect(lambda: trigger("accept_selected"))
        self.review.verify.connect(lambda: trigger("verify_selection"))
        self.review.undo.connect(lambda: trigger("undo"))
        self.review.mode_toggled.connect(lambda: trigger("toggle_split"))

    def _name_tab(self, page: QWidget, title: str) -> None:
        place = self.tabs.indexOf(page)
        if self.tabs.tabText(place) != title:
            self.tabs.setTabText(place, title)


def _splitter(orientation: Qt.Orientation, *parts: QWidget) -> QSplitter:
    made = QSplitter(orientation)
    made.setChildrenCollapsible(False)
    made.setHandleWidth(1)
    for part in parts:
        made.addWidget(part)
    return made
