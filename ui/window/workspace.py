"""The window with a repository open: where each zone stands, and what is remembered of it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QMenu, QSplitter, QTabWidget, QWidget

from ui.bar.counts import CountsLine
from ui.bar.widget import GreenBar
from ui.candidates.model import CandidateModel
from ui.candidates.pane import CandidatesPane
from ui.conversation.pane import ConversationPane
from ui.fix.pane import FixPane
from ui.inspector.pane import InspectorPane
from ui.prompts.pane import PromptsPane
from ui.review.pane import ReviewPane
from ui.session import Session
from ui.state import UiState
from ui.testtree.pane import TestsPane
from ui.theme.look import Look
from ui.widgets import Line, column
from ui.window.drawer import LogDrawer
from ui.window.header import Header
from ui.words import tr

_ZONES = [328, 768, 344]
_DRAWER = [620, 150]


class Workspace:
    """Builds and arranges the panes; ``top`` goes above the notices, ``body`` under them."""

    def __init__(self, session: Session, state: UiState, look: Look, menu: QMenu) -> None:
        self._session = session
        self._state = state
        self._narrow = False
        self.candidate_model = CandidateModel()
        self.header = Header(session, look, menu)
        self.bar = GreenBar(session, look)
        self.counts = CountsLine(session)
        self.tests = TestsPane(session, look)
        self.fix = FixPane(session, self.candidate_model, look)
        self.conversation = ConversationPane(session, self.fix, look)
        self.review = ReviewPane(session, look, state.side_by_side)
        self.candidates = CandidatesPane(session, self.candidate_model, look)
        self.prompts = PromptsPane(session, look)
        self.inspector = InspectorPane(session, look)
        self.log = LogDrawer(look)
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.tabBar().setDrawBase(False)
        self.tabs.tabBar().setAccessibleName(tr("Views"))
        self.tabs.setAccessibleName(tr("Views"))
        for page, title in (
            (self.conversation, tr("Conversation")),
            (self.review, tr("Review")),
            (self.candidates, tr("Candidates")),
            (self.prompts, tr("Prompts")),
        ):
            self.tabs.addTab(page, title)
        self.zones = _splitter(Qt.Orientation.Horizontal, self.tests, self.tabs, self.inspector)
        self.zones.setStretchFactor(1, 1)
        self.zones.setSizes(state.sizes.get("zones") or _ZONES)
        look.fit(self.tests, "setMinimumWidth", 200)
        look.fit(self.tabs, "setMinimumWidth", 420)
        look.fit(self.inspector, "setMinimumWidth", 240)
        self.body = _splitter(Qt.Orientation.Vertical, self.zones, self.log)
        self.body.setStretchFactor(0, 1)
        self.body.setSizes(state.sizes.get("drawer") or _DRAWER)
        self.log.setVisible("log" not in state.hidden and "log" in state.sizes)
        self.tests.setVisible("tests" not in state.hidden)
        self.top = QWidget()
        layout = column(self.top)
        for part in (self.header, self.bar, self.counts, Line()):
            layout.addWidget(part)

    def refresh(self) -> None:
        """Show the session as it is now, in every pane."""
        self.header.refresh()
        self.bar.refresh()
        self.counts.refresh()
        self.fix.refresh()
        self.fix.follow()
        self.candidates.refresh()
        self.candidates.follow()
        self.review.refresh()
        self.prompts.refresh()
        self.inspector.refresh()
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
            self._state.sizes["zones"] = self.zones.sizes()
            self.tabs.addTab(self.inspector, tr("Inspector"))
        else:
            self.tabs.removeTab(self.tabs.indexOf(self.inspector))
            self.zones.addWidget(self.inspector)
            self.inspector.show()
            self.zones.setSizes(self._state.sizes.get("zones") or _ZONES)
        self._narrow = narrow

    def toggle(self, name: str) -> None:
        """Show or hide ``tests`` or ``log``."""
        panel = {"tests": self.tests, "log": self.log}[name]
        panel.setVisible(panel.isHidden())
        hidden = set(self._state.hidden) - {name}
        self._state.hidden = sorted(hidden | {name} if panel.isHidden() else hidden)
        if name == "log" and not panel.isHidden():
            self._state.sizes["log"] = [1]

    def remember(self) -> None:
        """Write the sizes into the state."""
        if not self._narrow:
            self._state.sizes["zones"] = self.zones.sizes()
        if not self.log.isHidden():
            self._state.sizes["drawer"] = self.body.sizes()

    def connect_actions(self, trigger: Callable[[str], None]) -> None:
        """Wire everything that names an action of :mod:`ui.actions`."""
        self.header.action.connect(trigger)
        self.fix.action.connect(trigger)
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
