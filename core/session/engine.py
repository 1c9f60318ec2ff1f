"""Carries out commands, one work at a time, and turns every failure into an event."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Protocol, assert_never

from core.commands import (
    Accept,
    AddEndpoint,
    AddModelFile,
    AddRequirement,
    AllowHunk,
    AnswerConsent,
    AnswerQuestion,
    CancelDownload,
    ChangeSettings,
    ChooseSetUp,
    Command,
    CommitAccepted,
    ConfirmTask,
    ConfirmTests,
    CorrectRemark,
    DeleteKey,
    DeleteModel,
    DeleteTasks,
    DownloadModel,
    DraftCommit,
    DraftPullRequest,
    DropRemark,
    DropRequest,
    DropRequirement,
    EditRequirement,
    ExportSettings,
    FindNames,
    FindSuspects,
    Fix,
    ImportSettings,
    ListHistory,
    ListKeys,
    ListModels,
    LookAtSetUp,
    MarkSuspect,
    MendTruncation,
    OpenRepository,
    OpenSample,
    ProbeModel,
    Prove,
    ReadSettings,
    Redo,
    Refine,
    RefuseHunk,
    Remark,
    Request,
    ResetSettings,
    RunDoctor,
    RunSelfTest,
    RunTests,
    SaveEvidence,
    Say,
    SelectModel,
    SelectSandbox,
    SelectStrategy,
    SetKey,
    SetUpEnvironment,
    ShowCandidate,
    ShowSource,
    ShowTask,
    ShowTestPast,
    StartDocker,
    Stop,
    StopAnswer,
    TakeBackAnswer,
    Undo,
    VerifyModel,
    VerifySelection,
    WatchTree,
)
from core.errors import GreenbarError
from core.events import (
    ConsentGiven,
    ConsentNeeded,
    ReadinessChanged,
    SelfTested,
    WorkEnded,
)
from core.history.runs import RunBook
from core.history.store import HistoryStore
from core.session.emitter import Emitter
from core.session.history_desk import HistoryDesk
from core.session.model_desk import ModelDesk
from core.session.probing import IdleProbe
from core.session.readiness import look_around
from core.session.self_test import self_test
from core.session.services import Services, SessionSettings
from core.session.session import Session
from core.session.settings_desk import SettingsDesk
from core.session.talking import Talking
from core.session.watch_desk import WatchDesk
from core.types import ConsentKind, ConsentRequest

log = logging.getLogger("greenbar.engine")

STOP_SECONDS = 3.0
CLOSE_SECONDS = 5.0

_LEFT_BEHIND = (
    OpenRepository,
    OpenSample,
    RunTests,
    Fix,
    FindSuspects,
    VerifySelection,
    Prove,
    Remark,
    Refine,
    SetUpEnvironment,
    ChooseSetUp,
    LookAtSetUp,
    Request,
    ConfirmTask,
    ConfirmTests,
    DropRequest,
)
"""Work on a repository that makes no sense once another one is to be opened."""


_WRITING = (Accept, Undo, Redo)
"""What changes the user's files, and runs the tests itself."""


class Desk(Protocol):
    """Takes quick commands of one area, beside the work on the repository."""

    @property
    def tasks(self) -> tuple[asyncio.Task[None], ...]:
        """What is under way; the engine cancels it when it closes."""

    def take(self, command: Command) -> bool:
        """Begin ``command``, if it is one for this desk; returns at once."""


class Engine:
    """The window's side of a session. For the loop's thread only.

    Long work runs one after the other in the order in which it was asked for; ``Stop`` ends the
    running one and forgets the rest, opening a repository ends what tests or fixes the one before;
    answers, looks and ``Stop`` itself never wait.
    """

    def __init__(self, services: Services, settings: SessionSettings, emit: Emitter) -> None:
        self._services = services
        self._emit = emit
        self._session = Session(services, settings, emit, self._ask)
        self._waiting: deque[Command] = deque()
        self._running: Command | None = None
        self._work: asyncio.Task[None] | None = None
        self._stopping = False
        self._closed = False
        self._side: set[asyncio.Task[None]] = set()
        self._testing_itself = False
        self._history = HistoryDesk(HistoryStore(services.data), RunBook(services.data / "runs"), emit)
        self._talk = Talking(services, self._session, emit)
        self._settings = SettingsDesk(services.settings, emit, self.handle, self._session.take_settings)
        self._watch = WatchDesk(
            emit, self.handle, self._root, lambda: isinstance(self._running, _WRITING)
        )
        self._desks: tuple[Desk, ...] = (
            ModelDesk(services, emit, self.handle),
            self._history,
            self._talk,
            self._settings,
            self._watch,
        )
        self._probe_later = IdleProbe(self._session.probing)
        self._consents: dict[ConsentKind, asyncio.Future[bool]] = {}

    def handle(self, command: Command) -> None:
        """Take one command; returns at once. Ignored after :meth:`close`."""
        if self._closed or any(desk.take(command) for desk in self._desks):
            return
        match command:
            case Stop():
                self._waiting.clear()
                self._interrupt()
            case AnswerConsent(kind, granted):
                answer = self._consents.pop(kind, None)
                if answer is not None and not answer.done():
                    answer.set_result(granted)
                    self._emit(ConsentGiven(kind, granted))
            case (
                ShowCandidate()
                | MarkSuspect()
                | RunDoctor()
                | RunSelfTest()
                | SelectStrategy()
                | AddRequirement()
                | EditRequirement()
                | DropRequirement()
                | AnswerQuestion()
                | TakeBackAnswer()
                | CorrectRemark()
                | DropRemark()
                | RefuseHunk()
                | AllowHunk()
            ):
                task = asyncio.create_task(self._carry_out(command))
                self._side.add(task)
                task.add_done_callback(self._side.discard)
            case Accept() if self._session.is_open and self._session.proving.following:
                # Who has seen enough need not wait for the proof.
                self._waiting.append(command)
                self._interrupt()
            case OpenRepository() | OpenSample():
                kept = [waiting for waiting in self._waiting if not isinstance(waiting, _LEFT_BEHIND)]
                self._waiting = deque([*kept, command])
                if isinstance(self._running, _LEFT_BEHIND):
                    self._interrupt()
                self._next()
            case _:
                self._waiting.append(command)
                self._next()

    async def close(self) -> None:
        """Stop everything and leave nothing behind, within ten seconds. Raises TimeoutError."""
        self._closed = True
        self._waiting.clear()
        self._interrupt()
        desks = [task for desk in self._desks for task in desk.tasks]
        side = [*self._side, *desks, *self._probe_later.tasks]
        for task in side:
            task.cancel()
        if tasks := [*side, *([self._work] if self._work else [])]:
            _, late = await asyncio.wait(tasks, timeout=STOP_SECONDS)
            for task in late:
                log.warning("%r does not end", task)
        async with asyncio.timeout(CLOSE_SECONDS):
            await self._talk.close()
            await self._session.close()

    # --- work -------------------------------------------------------------------------------------

    def _next(self) -> None:
        """Begin what waits, if nothing runs."""
        if self._work is None and self._waiting:
            self._probe_later.cancel()
            self._stopping = False
            self._running = self._waiting.popleft()
            self._work = asyncio.create_task(self._carry_out(self._running))
            # A callback, because a task that is cancelled before its first step runs no line of ours.
            self._work.add_done_callback(self._ended)

    def _interrupt(self) -> None:
        """Cancel the running work, once: its tidying up must not be cut short by a second Stop."""
        if self._work is not None and not self._stopping:
            self._stopping = True
            self._work.cancel()

    def _ended(self, work: asyncio.Task[None]) -> None:
        self._work = self._running = None
        if self._waiting:
            self._next()
        else:
            self._emit(WorkEnded(work.cancelled()))
            if not self._closed:
                self._probe_later.start()

    async def _carry_out(self, command: Command) -> None:
        try:
            await self._dispatch(command)
        except GreenbarError as error:
            self._emit.trouble(error)
        except Exception as error:
            # The boundary of a work: a fault of ours ends this work and not the program.
            log.exception("%s failed", type(command).__name__)
            self._emit.fault(error)

    async def _dispatch(self, command: Command) -> None:
        session = self._session
        match command:
            case OpenRepository(path, run_tests):
                await self._open(path, run_tests=run_tests)
            case OpenSample():
                await self._open(str(await self._services.make_sample()), run_tests=True)
            case RunTests(tests):
                await session.run_tests(tests=tests)
            case Fix(tests, budget):
                await session.fix(tests, budget)
            case FindSuspects(tests):
                await session.find_suspects(tests)
            case MarkSuspect(place, mark):
                session.mark_suspect(place, mark)
            case AnswerQuestion(question, choice, text):
                await session.asking.answer(question, choice, text)
            case TakeBackAnswer(question):
                await session.asking.take_back(question)
            case SelectStrategy(name):
                await session.use_strategy(name)
            case ShowCandidate(candidate):
                session.review.show(candidate)
            case VerifySelection(candidate, hunks):
                await session.review.verify_selection(candidate, hunks)
            case Prove(candidate, hunks):
                await session.proving.prove(candidate, hunks)
            case SaveEvidence(path):
                await session.evidence.save(path)
            case DraftPullRequest():
                await session.evidence.draft()
            case DraftCommit():
                await session.committing.draft()
            case CommitAccepted(branch, message, own_changes):
                await session.committing.commit(branch, message, own_changes)
            case Accept(candidate, hunks, anyway):
                await session.review.accept(candidate, hunks, anyway=anyway)
                await session.run_tests("accepted")
            case Undo():
                await session.review.undo()
                await session.run_tests()
            case Redo():
                await session.review.redo()
                await session.run_tests("accepted")
            case SetUpEnvironment():
                await session.set_up()
                await session.look_at_set_up()
            case LookAtSetUp():
                await session.look_at_set_up()
            case ChooseSetUp(commands):
                await session.choose_set_up(commands)
                await session.look_at_set_up()
                await session.set_up()
                await session.look_at_set_up()
            case SelectModel(spec, keep):
                if keep:
                    await self._services.models.use(spec)
                    self.handle(ListModels())
                await session.use_model(spec)
            case ProbeModel():
                await session.ready_model()
                await session.probing.measure(again=True)
            case MendTruncation():
                await session.models.mend_truncation()
            case SelectSandbox(spec):
                await session.use_sandbox(spec)
                if session.is_open:
                    await session.run_tests()
            case StartDocker():
                await self._services.start_docker()
                await self._look_around()
            case RunDoctor():
                await self._look_around()
            case RunSelfTest():
                await self._test_itself()
            case Remark() | CorrectRemark() | DropRemark() | RefuseHunk() | AllowHunk():
                await session.rounds.take(command)
            case Refine():
                await session.refine(command)
            case AddRequirement() | EditRequirement() | DropRequirement():
                session.requirements.take(command)
            case Request(text, mentions):
                await session.requesting.request(text, mentions)
            case ConfirmTask(text):
                await session.requesting.confirm_task(text)
            case ConfirmTests(which, edited, budget):
                await session.requesting.confirm_tests(which, edited, budget)
            case DropRequest():
                if await session.requesting.drop():
                    await session.run_tests()
            case Stop() | AnswerConsent():
                raise AssertionError("handled at once")
            case (
                ListModels()
                | DownloadModel()
                | CancelDownload()
                | VerifyModel()
                | DeleteModel()
                | AddModelFile()
                | AddEndpoint()
                | ListKeys()
                | SetKey()
                | DeleteKey()
                | ListHistory()
                | DeleteTasks()
                | ShowTask()
                | ShowTestPast()
                | Say()
                | StopAnswer()
                | FindNames()
                | ShowSource()
                | ChangeSettings()
                | ResetSettings()
                | ImportSettings()
                | ExportSettings()
                | ReadSettings()
                | WatchTree()
            ):
                raise AssertionError("taken by a desk")
            case _:
                assert_never(command)

    def _is_writing(self) -> bool:
        return isinstance(self._running, _WRITING)

    def _root(self) -> Path | None:
        return Path(self._session.info.path) if self._session.is_open else None

    async def _open(self, path: str, *, run_tests: bool) -> None:
        opened = await self._session.open(path)
        self._watch.stop()
        preparations: tuple[Callable[[], Awaitable[object]], ...] = (
            partial(self._settings.look_at, Path(opened.path)),
            partial(self._history.look_back, opened.path),
            self._session.list_strategies,
            self._session.ready_model,
        )
        for prepare in preparations:
            try:
                await prepare()
            except GreenbarError as error:
                self._emit.trouble(error)
        if run_tests:
            await self._session.run_tests()

    async def _look_around(self) -> None:
        await look_around(self._services.looks(), lambda rows: self._emit(ReadinessChanged(rows)))

    async def _test_itself(self) -> None:
        if self._testing_itself:
            return  # asked for again before it has answered
        self._testing_itself = True
        try:
            sandbox = await self._services.choose_sandbox(self._session.sandbox_spec)
            with self._emit.job("self_test") as job:
                limits = self._session.limits
                report = await self_test(sandbox, limits, self._services.cache, job)
            self._emit(SelfTested(report))
        finally:
            self._testing_itself = False

    async def _ask(self, request: ConsentRequest) -> bool:
        answer = asyncio.get_running_loop().create_future()
        self._consents[request.kind] = answer
        self._emit(ConsentNeeded(request))
        try:
            return bool(await answer)
        finally:
            self._consents.pop(request.kind, None)
