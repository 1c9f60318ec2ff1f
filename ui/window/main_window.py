"""The window's shell: welcome or workspace, cards, status; drop, size, close. It never blocks.

What arrives goes through :class:`ui.window.router.Router`; what the user wants through
:class:`ui.window.handlers.Handlers`. The workspace is built when a repository is first opened, so
that the first paint need not wait for it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QByteArray, QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QKeySequence,
    QPaintEvent,
    QResizeEvent,
    QShortcut,
)
from PySide6.QtWidgets import QMainWindow, QStackedWidget, QWidget
from shiboken6 import isValid

from core.commands import (
    AddModelFile,
    AnswerConsent,
    ChangeSettings,
    Command,
    ConfirmTests,
    MarkSuspect,
    OpenRepository,
    ReadSettings,
    Refine,
    ShowTestPast,
)
from core.types import ConsentKind, Settings, SettingValue
from core.types.settings import field_of, value_of
from ui.attention.center import Attention
from ui.inbox import Inbox
from ui.keys import shortcuts
from ui.session import MODEL_JOB, Busy, Session
from ui.state import UiState
from ui.theme.look import Look
from ui.welcome.page import WelcomePage
from ui.widgets import column
from ui.window.cards import Notices
from ui.window.drop_cue import DropCue, folder_in, model_file_in
from ui.window.handlers import Handlers
from ui.window.router import Router
from ui.window.status import StatusStrip
from ui.words import tr

if TYPE_CHECKING:
    from ui.conversation.pane import ConversationPane
    from ui.doctor.page import DoctorPage
    from ui.history.page import HistoryPage
    from ui.models.page import ModelsPage
    from ui.questions.deck import QuestionDeck
    from ui.settings.dialog import SettingsDialog
    from ui.setup.page import SetUpPage
    from ui.window.menus import Menus
    from ui.window.workspace import Workspace

NARROW: Final = 1200
"""Pixels as designed; below this the inspector is a tab."""
SLIM: Final = 1024
"""Pixels as designed; below this the tests are a drawer."""
_SMALLEST: Final = QSize(900, 560)
_USUAL: Final = QSize(1440, 900)
_IDLE_MS: Final = 50


class MainWindow(QMainWindow):
    """One repository in one window.

    ``post`` hands a command to core and returns at once; events come through ``inbox``.
    """

    closing = Signal()
    """The user closes the window; its state has been saved."""
    first_painted = Signal()
    another_wanted = Signal()
    """The user wants a further window."""
    settings_changed = Signal()

    def __init__(self, post: Callable[[Command], None], inbox: Inbox, state: UiState, look: Look) -> None:
        super().__init__()
        self._post = post
        self.state = state
        self.look = look
        self.session = Session()
        self.workspace: Workspace | None = None
        self.menus: Menus | None = None
        self.questions: QuestionDeck | None = None
        self.doctor: DoctorPage | None = None
        self.keys = shortcuts({})
        self.handlers = Handlers(self)
        self.router = Router(self)
        self.attention = Attention(self, self.session)
        self._painted = False
        self.setWindowTitle("Greenbar")
        look.changed.connect(self._restyle)
        self.setMinimumSize((_SMALLEST * look.scale).boundedTo(QSize(1024, 700)))
        self.setAcceptDrops(True)
        self.welcome = WelcomePage(self.session, state, look)
        self.welcome.action.connect(self.handlers.trigger)
        self.welcome.opened.connect(self.open_path)
        self.welcome.remedy.connect(self.handlers.mend)
        self.notices = Notices(self.handlers.mend, look)
        self.notices.answered.connect(self._answer)
        self.status = StatusStrip(self.session, look)
        self.status.model_clicked.connect(lambda: self.handlers.trigger("models"))
        self.settings: SettingsDialog | None = None
        self.models: ModelsPage | None = None
        self.set_up: SetUpPage | None = None
        self.history: HistoryPage | None = None
        self.stack = QStackedWidget()
        self.stack.addWidget(self.welcome)
        page = QWidget()
        page.setObjectName("page")
        self._column = column(page)
        self._column.addWidget(self.notices)
        self._column.addWidget(self.stack, 1)
        self._column.addWidget(self.status)
        self.setCentralWidget(page)
        self._cue = DropCue(self)
        self.welcome.open_button.setFocus()
        self.status.refresh()
        self.resize(_USUAL.boundedTo(self.screen().availableSize() * 0.95))
        if state.geometry:
            self.restoreGeometry(
                QByteArray.fromBase64(QByteArray(state.geometry.encode("ascii", "ignore")))
            )
        inbox.arrived.connect(self.router.take)
        QShortcut(QKeySequence(Qt.Key.Key_Escape), self, self.handlers.escape)

    def send(self, command: Command, busy: Busy = Busy.NOTHING) -> None:
        """Hand ``command`` to core; ``busy`` says what runs until it has ended. Cards need not know
        what the user has set for a search."""
        if isinstance(command, ConfirmTests | Refine):
            command = replace(command, budget=self.session.wanted_budget())
        if busy is not Busy.NOTHING:
            self.session.begin(busy)
            self.router.refresh_soon()
        self._post(command)

    def open_path(self, path: str) -> None:
        """Open a folder, whoever named it."""
        self.send(OpenRepository(path), Busy.OPENING)

    def ensure_workspace(self) -> Workspace:
        """The workspace, built on first need."""
        if self.workspace is None:
            from ui.questions.deck import QuestionDeck
            from ui.window.workspace import Workspace

            menus = self.ensure_menus()
            self.workspace = made = Workspace(self.session, self.state, self.look, menus.menu)
            made.connect_actions(self.handlers.trigger)
            self.questions = QuestionDeck(made.conversation, self.send, self.look)
            made.header.show_keys(self.keys)
            made.bar.test_clicked.connect(self.handlers.show_test)
            made.tests.test_selected.connect(made.inspector.show_test)
            made.fix.test_opened.connect(self.handlers.show_test)
            made.fix.tests_wanted.connect(self.handlers.fix_these)
            made.fix.marked.connect(lambda place, mark: self.send(MarkSuspect(place, mark)))
            made.fix.candidate_opened.connect(self.handlers.open_candidate)
            self._connect_conversation(made.conversation)
            made.candidates.opened.connect(self.handlers.open_candidate)
            made.evidence.hunk_opened.connect(self.handlers.evidence.show_hunk)
            made.inspector.past_wanted.connect(self._ask_for_past)
            made.matrix.opened.connect(self.handlers.open_candidate)
            made.matrix.test_opened.connect(self.handlers.show_test)
            made.candidates.prompt_opened.connect(made.show_prompt)
            made.candidates.failure_opened.connect(made.show_failure)
            made.ledger.wanted.connect(self.send)
            made.ledger.hunk_opened.connect(self.handlers.evidence.show_hunk_here)
            made.ledger.test_opened.connect(self.handlers.show_test)
            made.review.choice_changed.connect(self.router.refresh_soon)
            made.review.remarks.wanted.connect(self.send)
            menus.place_review_keys(self, made.review.view)
            self.notices.before = made.header.more
            made.top.hide()
            self._column.insertWidget(0, made.top)
            self.stack.addWidget(made.body)
            made.changes.opened.connect(self.handlers.open_file)
            self._arrange()
        return self.workspace

    def _connect_conversation(self, pane: ConversationPane) -> None:
        pane.command.connect(self.send)
        pane.fix_wanted.connect(self.handlers.fix_these)
        pane.change_wanted.connect(self.handlers.change)
        pane.review_wanted.connect(self.handlers.open_file)
        pane.remedy.connect(self.handlers.mend)

    def ensure_menus(self) -> Menus:
        if self.menus is None:
            from ui.window.menus import Menus

            self.menus = Menus(self, self.session, self.handlers.trigger, self.keys)
        return self.menus

    def shows_workspace(self) -> bool:
        return self.workspace is not None and self.stack.currentWidget() is self.workspace.body

    def shows_doctor(self) -> bool:
        return self.doctor is not None and self.stack.currentWidget() is self.doctor

    def show_doctor(self) -> None:
        """Show the doctor's page in the place of what was there."""
        if self.doctor is None:
            from ui.doctor.page import DoctorPage

            self.doctor = DoctorPage(self.session, self.look)
            self.doctor.action.connect(self.handlers.trigger)
            self.doctor.remedy.connect(self.handlers.mend)
            self.stack.addWidget(self.doctor)
        if self.workspace is not None:
            self.workspace.top.hide()
        self.doctor.refresh()
        self.stack.setCurrentWidget(self.doctor)
        self.doctor.again.setFocus()

    def show_workspace(self, shown: bool) -> None:
        """Show the open repository, or the welcome page."""
        if shown:
            made = self.ensure_workspace()
            made.top.show()
            self.stack.setCurrentWidget(made.body)
            return
        self.welcome.refresh()
        if self.workspace is not None:
            self.workspace.top.hide()
        self.welcome.refresh_recent()
        self.stack.setCurrentWidget(self.welcome)

    def show_models(self) -> None:
        """Show the models and keys, as core finds them now."""
        if self.models is None:
            from ui.models.page import ModelsPage

            self.models = ModelsPage(self.session, self.send, self.look)
            self.models.left.connect(self.leave_page)
            self.stack.addWidget(self.models)
        if self.workspace is not None:
            self.workspace.top.hide()
        self.notices.end_jobs(MODEL_JOB)
        self.models.look()
        self.models.refresh()
        self.stack.setCurrentWidget(self.models)
        self.models.back.setFocus()

    def shows_models(self) -> bool:
        return self.models is not None and self.stack.currentWidget() is self.models

    def show_set_up(self) -> None:
        """Show what the open repository's tests need, as core finds it now."""
        if self.set_up is None:
            from ui.setup.page import SetUpPage

            self.set_up = SetUpPage(self.session, self.send, self.look)
            self.set_up.left.connect(self.leave_page)
            self.stack.addWidget(self.set_up)
        if self.workspace is not None:
            self.workspace.top.hide()
        self.set_up.look()
        self.set_up.refresh()
        self.stack.setCurrentWidget(self.set_up)
        self.set_up.back.setFocus()

    def show_history(self) -> None:
        """Show past tasks, as core finds them now."""
        if self.history is None:
            from ui.history.page import HistoryPage

            self.history = HistoryPage(self.session, self.send, self.look)
            self.history.left.connect(self.leave_page)
            self.stack.addWidget(self.history)
        if self.workspace is not None:
            self.workspace.top.hide()
        self.history.look()
        self.history.refresh()
        self.stack.setCurrentWidget(self.history)
        self.history.field.setFocus()

    def shows_history(self) -> bool:
        return self.history is not None and self.stack.currentWidget() is self.history

    def shows_set_up(self) -> bool:
        return self.set_up is not None and self.stack.currentWidget() is self.set_up

    def leave_page(self) -> None:
        """Back to the open repository, or to the welcome page."""
        self.show_workspace(self.session.repository is not None)

    def change(self, key: str, value: SettingValue | None) -> None:
        """Set one setting (``None``: its default): here at once, and for good by core."""
        wanted = value_of(Settings(), key) if value is None else value
        if wanted == value_of(self.session.settings, key):
            return
        change: dict[str, Any] = {field_of(key): wanted}
        self.session.settings = replace(self.session.settings, **change)
        self.take_settings()
        self.send(ChangeSettings(((key, value),)))

    def take_settings(self) -> None:
        """Bring the window in line with the session's settings."""
        chosen, look = self.session.settings, self.look
        self.settings_changed.emit()
        if chosen.look_theme != look.choice:
            look.choose(chosen.look_theme)
        look.zoom(chosen.look_text)
        look.calm(not chosen.look_motion)
        keys = shortcuts(chosen.keys_bound)
        if keys != self.keys:
            self.keys = keys
            if self.menus is not None:
                self.menus.rebind(keys)
            if self.workspace is not None:
                self.workspace.header.show_keys(keys)
        if self.settings is not None and isValid(self.settings):
            self.settings.refresh()

    def show_settings(self) -> None:
        """Open the settings, as core finds them now."""
        from ui.settings.dialog import SettingsDialog

        self.send(ReadSettings())
        if self.settings is None or not isValid(self.settings):
            self.settings = SettingsDialog(self.session, self.look, self.change, self.send, self)
        self.settings.show()
        self.settings.raise_()
        self.settings.activateWindow()

    def save_state(self) -> None:
        """Write what is remembered; quick, and safe to call at any time."""
        self.state.geometry = bytes(self.saveGeometry().toBase64().data()).decode("ascii")
        if self.workspace is not None:
            self.workspace.remember()
        self.state.save()

    def _arrange(self) -> None:
        """Place the zones as the window's size and the text size have room for."""
        if self.workspace is not None:
            self.workspace.set_narrow(self.width() < self.look.px(NARROW))
            self.workspace.set_slim(self.width() < self.look.px(SLIM))

    def _restyle(self) -> None:
        self.setMinimumSize((_SMALLEST * self.look.scale).boundedTo(QSize(1024, 700)))
        self._arrange()

    def _after_first_paint(self) -> None:
        from ui.theme.icons import application_icon

        self.first_painted.emit()
        self.setWindowIcon(application_icon())
        self.ensure_menus()
        # Built while nothing streams yet, so that opening a repository does not stall.
        QTimer.singleShot(_IDLE_MS, self, self._prepare)

    def _prepare(self) -> None:
        workspace = self.ensure_workspace()
        workspace.review.view.warm_up()
        workspace.rehearse(self.stack.size())

    def _ask_for_past(self, node: str) -> None:
        if self.session.repository is not None:
            self.send(ShowTestPast(self.session.repository.path, node))

    def _answer(self, kind: ConsentKind, granted: bool) -> None:
        self.send(AnswerConsent(kind, granted))

    # --- Qt --------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._painted:
            self._painted = True
            QTimer.singleShot(0, self, self._after_first_paint)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.notices.fit()
        self._arrange()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        model = model_file_in(event.mimeData())
        if model is not None:
            self._cue.show_words(tr("Drop to list {name} as a model", name=model.name))
            event.acceptProposedAction()
            return
        folder = folder_in(event.mimeData())
        if folder is not None:
            self._cue.show_for(folder)
            event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._cue.hide()

    def dropEvent(self, event: QDropEvent) -> None:
        self._cue.hide()
        model = model_file_in(event.mimeData())
        if model is not None:
            self.show_models()
            self.send(AddModelFile(str(model)))
            event.acceptProposedAction()
            return
        folder = folder_in(event.mimeData())
        if folder is not None:
            self.open_path(str(folder))
            event.acceptProposedAction()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.ActivationChange and self.isActiveWindow():
            self.attention.came_back()

    def closeEvent(self, event: QCloseEvent) -> None:
        self.save_state()
        self.attention.close()
        self.closing.emit()
        super().closeEvent(event)
