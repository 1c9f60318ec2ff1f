"""Takes what arrives to the session first, then to the panes; repaints at most thirty times a second."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QTextEdit

from core import events as ev
from core.commands import ConfirmTask, ConfirmTests, DropRequest, ShowCandidate
from core.types import Verdict
from ui.coalesce import Arrival, ResultBatch, Shown, is_urgent
from ui.history.words import cut_off
from ui.session import MODEL_JOB, Busy
from ui.window.logbook import sentence
from ui.words import counted, tr

if TYPE_CHECKING:
    from ui.window.main_window import MainWindow
    from ui.window.workspace import Workspace

_REFRESH_MS: Final = 33
BUSY: Final = {ConfirmTask: Busy.TESTING, ConfirmTests: Busy.FIXING, DropRequest: Busy.TESTING}
"""What runs after a command of a request's card."""
_AFTER_ANSWER_MS: Final = 150
"""For the next question, or another best, to arrive."""


class Router(QObject):
    """Belongs to one window."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._log: list[tuple[float, str]] = []
        self.wanted: int | None = None
        """The candidate whose diff the user waits for."""
        self._asked: int | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_REFRESH_MS)
        self._timer.timeout.connect(self.refresh)

    def take(self, arrivals: list[Arrival]) -> None:
        """Handle arrivals in order."""
        urgent = False
        for arrival in arrivals:
            body = arrival.body
            self._window.session.apply(body, arrival.time)
            self._note(arrival.time, body)
            self._show(body, arrival.time)
            self._window.attention.take(body)
            urgent = urgent or (not isinstance(body, ResultBatch) and is_urgent(body))
        if urgent:
            self.refresh()
        else:
            self.refresh_soon()

    def refresh_soon(self) -> None:
        if not self._timer.isActive():
            self._timer.start()

    def refresh(self) -> None:
        """Bring everything in sight up to date."""
        window = self._window
        window.status.refresh()
        window.welcome.refresh()
        if window.models is not None and window.shows_models():
            window.models.refresh()
        if window.shows_set_up() and window.set_up is not None:
            window.set_up.refresh()
        if window.shows_history() and window.history is not None:
            window.history.refresh()
        if window.shows_doctor() and window.doctor is not None:
            window.doctor.refresh()
        if window.menus is not None:
            window.menus.refresh()
        if window.workspace is not None:
            window.workspace.refresh()
        self._title()

    # --- inner -----------------------------------------------------------------------------------

    def _note(self, time: float, body: Shown) -> None:
        words = sentence(body)
        if not words:
            return
        workspace = self._window.workspace
        if workspace is None:
            self._log.append((time, words))
            return
        workspace.log.note(time, words)

    def _show(self, body: Shown, time: float) -> None:
        window = self._window
        if window.handlers.evidence.take(body):
            return
        match body:
            case ev.RepositoryOpened(repository):
                window.state.remember(repository.path, repository.name, time)
                window.notices.dismiss_all()
                self._asked = self.wanted = None
                window.show_workspace(True)
                workspace = window.ensure_workspace()
                for at, words in self._log:
                    workspace.log.note(at, words)
                self._log.clear()
                workspace.tests.forget_choice()
                workspace.tests.reload()
                workspace.candidate_model.load([], None)
                workspace.fix.stream.start_over()
                workspace.conversation.start_over()
                workspace.request = None
                self._show_question(body)
                workspace.tabs.setCurrentWidget(workspace.conversation)
                workspace.tests.view.setFocus()
            case ev.Progress(job=job):
                # The page shows it in the model's own row.
                if not (job.startswith((MODEL_JOB, "probe")) and window.shows_models()):
                    window.notices.show_progress(body)
            case ev.ConsentNeeded(request):
                window.notices.ask(request)
            case ev.SettingsChanged():
                window.take_settings()
            case ev.ConsentGiven(kind, _):
                window.notices.settle(kind)
            case ev.TaskCutOff(task):
                window.notices.raise_trouble(cut_off(task))
            case ev.TroubleRaised():
                window.notices.raise_trouble(body)
            case ev.WorkEnded():
                window.notices.end_jobs(but=MODEL_JOB)
                self._ask_for_best()
            case _ if window.workspace is not None:
                window.workspace.conversation.take(body)
                self._show_tests(body, window.workspace)
                self._show_fix(body, window.workspace)
                self._show_question(body)

    def _show_tests(self, body: Shown, workspace: Workspace) -> None:
        match body:
            case ev.TaskRestated():
                card = workspace.show_request()
                card.wanted.connect(lambda command: self._window.send(command, BUSY[type(command)]))
            case ev.TestsProposed() if workspace.request is not None:
                workspace.conversation.show_card(workspace.request)
            case ResultBatch(results):
                workspace.tests.update_results(results)
            case ev.TestRunStarted() | ev.TestsCollected():
                workspace.tests.reload()
            case ev.TestRunFinished(purpose, _):
                workspace.tests.reload()
                if purpose != "selection":
                    workspace.tests.select_first_red()
                    self._remember_verdict()
            case ev.Accepted() | ev.Undone() | ev.Redone():
                workspace.tests.reload()
                self._remember_verdict()

    def _show_fix(self, body: Shown, workspace: Workspace) -> None:
        session = self._window.session
        match body:
            case ev.FixStarted():
                self._asked = self.wanted = None
                workspace.candidate_model.load([], None)
                workspace.fix.stream.start_over()
                workspace.tests.reload()
                workspace.conversation.begin_task()
                workspace.tabs.setCurrentWidget(workspace.conversation)
            case ev.CandidateProposed(candidate=candidate):
                workspace.candidate_model.add(session.candidates[candidate])
            case ev.CandidateVerified(evidence, best):
                workspace.candidate_model.changed(evidence.candidate)
                if best:
                    workspace.candidate_model.set_best(evidence.candidate)
            case ev.ModelAsked(request, proposer, _):
                workspace.fix.stream.begin(request, proposer)
            case ev.ModelStreamed(_, text):
                workspace.fix.stream.add(text)
            case ev.ModelAnswered():
                workspace.fix.stream.end(body.usage, body.tokens_per_second, body.cancelled)
            case ev.FixFinished():
                workspace.candidate_model.set_best(session.best)
            case ev.Reranked():
                workspace.candidate_model.set_best(session.best)
            case ev.ReviewReady(candidate=candidate):
                proven = session.result is not None and session.result.verdict is Verdict.GREEN
                if candidate == self.wanted or (proven and candidate == session.best):
                    asked = session.questions.current is not None and candidate != self.wanted
                    self.wanted = None
                    workspace.review.refresh()
                    if not asked:
                        self._show_review()

    def _show_review(self) -> None:
        workspace = self._window.ensure_workspace()
        workspace.show_tab(workspace.review)
        workspace.review.view.setFocus()

    def _show_question(self, body: Shown) -> None:
        window = self._window
        assert window.questions is not None, "made with the workspace"
        window.questions.show(body)
        match body:
            case ev.QuestionAsked() | ev.FixFinished():
                # What is asked must be seen; but nobody is interrupted who writes something.
                if not isinstance(QApplication.focusWidget(), QLineEdit | QPlainTextEdit | QTextEdit):
                    window.handlers.show_question()
            case ev.QuestionAnswered():
                QTimer.singleShot(_AFTER_ANSWER_MS, self, self._after_answer)
            case _:
                pass

    def _after_answer(self) -> None:
        """Nothing more is asked: show the best, which may be another one now."""
        session = self._window.session
        result, review = session.result, session.review
        if session.questions.current is not None or session.is_busy() or result is None:
            return
        if result.verdict is Verdict.GREEN and review is not None and review.candidate == session.best:
            self._show_review()

    def _ask_for_best(self) -> None:
        """Have the diff of the best candidate at hand when a fix has ended, if core did not send it."""
        session = self._window.session
        best = session.best
        if session.result is None or best is None or best == self._asked:
            return
        if session.review is None or session.review.candidate != best:
            self._asked = best
            self._window.send(ShowCandidate(best))

    def _remember_verdict(self) -> None:
        session = self._window.session
        if session.repository is None or not session.results:
            return
        counts = session.counts()
        for entry in self._window.state.recent:
            if entry.path == session.repository.path:
                entry.passed, entry.failed = counts.passed, counts.failed
                entry.other = counts.skipped + counts.waiting
        self._window.state.save()

    def _title(self) -> None:
        session = self._window.session
        parts = ["Greenbar"]
        if session.repository is not None:
            parts.insert(0, session.repository.name)
            failing = session.counts().failed
            if failing:
                parts.insert(1, counted(failing, "{n} fails", "{n} fail"))
            if session.questions.current is not None:
                parts.insert(0, tr("? Question"))
        self._window.setWindowTitle(" · ".join(parts))
