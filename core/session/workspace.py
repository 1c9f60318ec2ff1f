"""One opened repository: its private copy, the sandbox over it, its environment, its test runner."""

from __future__ import annotations

import asyncio
import shlex
from dataclasses import replace
from pathlib import Path

from core.errors import ConsentRefused, GreenbarError, SandboxError, SetUpError, TestRunError
from core.events import (
    Noticed,
    RepositoryChanged,
    SandboxReady,
    TestFinished,
    TestRunFinished,
    TestRunStarted,
    TestsCollected,
)
from core.repo.copy import PrivateCopy
from core.repo.offloop import copy_in_thread, open_in_thread, refresh_in_thread
from core.repo.repository import Repository
from core.repo.settings import SearchSettings, TestSettings, read_settings
from core.sandbox.base import Environment, Sandbox, SetUpPlan
from core.sandbox.sources.pythons import missing_sentence
from core.session.baseline import missing_modules, why_no_baseline
from core.session.consent import ConsentBook, host_request, remote_request, set_up_request
from core.session.emitter import Emitter
from core.session.services import Services, SessionSettings
from core.session.set_up import SetUpBook
from core.session.slow import RAISED_TO, hinted, try_slow_again
from core.session.uninterrupted import uninterrupted
from core.testing.base import RunLimits, RunRequest
from core.testing.detection import choose_language
from core.testing.known_commands import known_command
from core.testing.languages import PYTEST, Language, shipped
from core.testing.runner import Preload, WorkerPool
from core.types import ConsentKind, NodeId, Remedy, SandboxKind, SetUpInfo, TestReport


class Workspace:
    """Everything that runs tests for one repository. For the loop's thread only."""

    def __init__(
        self,
        services: Services,
        settings: SessionSettings,
        emit: Emitter,
        consents: ConsentBook,
        path: str,
    ) -> None:
        self._services = services
        self._settings = settings
        self._emit = emit
        self._consents = consents
        self._path = path
        self._set_ups = SetUpBook(services.data / "set-ups.json")
        self._repository: Repository | None = None
        self._copy: PrivateCopy | None = None
        self._sandbox: Sandbox | None = None
        self._environment = Environment()
        self._installed = SetUpPlan()
        self._no_help = ""
        """The digest of a wider plan that was tried and did not bring what was missing."""
        self._missed = ""
        self._pool: WorkerPool | None = None
        self._language = PYTEST
        self._said = TestSettings()
        self.said_of_search = SearchSettings()
        """What the repository says of the search, as of its last run."""

    # --- what others ask --------------------------------------------------------------------------

    @property
    def repository(self) -> Repository:
        assert self._repository is not None, "open() comes first"
        return self._repository

    @property
    def copy(self) -> PrivateCopy:
        assert self._copy is not None, "run_tests() comes first"
        return self._copy

    @property
    def sandbox(self) -> Sandbox | None:
        return self._sandbox

    @property
    def indexes(self) -> Path:
        """The folder for the symbol indexes of repositories."""
        return self._services.cache / "indexes"

    @property
    def language(self) -> Language:
        """That of the tests, as last detected; pytest before the first run."""
        return self._language

    @property
    def run_limits(self) -> RunLimits:
        """Of a first run: by the user's word, else the repository's, else the usual ones."""
        limits, said = self._settings.run_limits, self._said.timeout
        return replace(limits, test_seconds=said) if said and self._settings.own_timeouts else limits

    # --- opening ----------------------------------------------------------------------------------

    async def open(self) -> None:
        """Open the repository. Raises RepositoryError."""
        self._repository = await open_in_thread(self._path)

    async def look_again(self) -> None:
        """Announce the branch and the changed files as they are now."""
        info = await asyncio.to_thread(self.repository.inspect)
        self._repository = replace(self.repository, info=replace(info, language=self._language.title))
        self._emit(RepositoryChanged(self.repository.info))

    async def use_settings(self, settings: SessionSettings) -> None:
        """Take other settings; a sandbox that was chosen by the old ones is closed."""
        self._settings = settings
        await self._close_sandbox()

    def keep_settings(self, settings: SessionSettings) -> None:
        """Take other settings that leave the sandbox as it is; they count from the next run on."""
        self._settings = settings

    # --- running tests ----------------------------------------------------------------------------

    async def run_tests(self, purpose: str = "baseline", *, set_up: bool = False) -> TestReport:
        """Copy the tree as it is now and run its whole suite; before that, ``set_up``: install what the
        tests need.

        Where test files cannot be collected for want of packages that the repository names, asks
        for the set-up, and runs again; once more with what is named for development.
        """
        await self._renew_copy()
        await self._look_at_repository()
        plan = await self._find_plan()
        if set_up or self._may_set_up(plan) or self._must_set_up(plan):
            await self.set_up(plan)
        elif not self._installed.digest and not await self._take_python(plan):
            self._miss_python(plan)
        report = await self._run_suite(purpose)
        if missing_modules(report) and self._settings.set_up and self._language.is_python:
            if not plan.is_empty and plan.digest != self._installed.digest:
                await self.set_up(plan)
                report = await self._run_suite(purpose)
            if missing_modules(report):
                report = await self._with_more_packages(report, purpose)
        known = await asyncio.to_thread(known_command, self.copy.root)
        trouble = why_no_baseline(report, self.repository.info.name, self._language, known)
        if trouble is not None:
            raise trouble
        return report

    async def _with_more_packages(self, report: TestReport, purpose: str) -> TestReport:
        """Run again with what is named for development, where that brings something new."""
        wide = await self._find_plan(wide=True)
        if wide.is_empty or wide.digest in (self._installed.digest, self._no_help):
            return report
        try:
            await self.set_up(wide)
        except SetUpError as error:
            # What is there already is worth showing.
            self._emit(Noticed(f"What is named for development was tried too. {error.sentence}"))
            self._no_help = wide.digest
            return report
        report = await self._run_suite(purpose)
        if missing_modules(report):
            self._no_help = wide.digest
        else:
            await asyncio.to_thread(self._set_ups.widen, self.repository.info.path)
        return report

    async def run_some(self, tests: tuple[NodeId, ...]) -> tuple[TestReport, bool]:
        """Run these tests on the tree as it is now; true where that is as it was at the last run."""
        changed = await self._renew_copy()
        report = await self._run_suite("some", tests)
        return report, not changed

    async def _run_suite(self, purpose: str, tests: tuple[NodeId, ...] = ()) -> TestReport:
        """The whole suite, or some tests."""
        pool = await self.runner()
        self._emit(TestRunStarted(purpose))
        limits = self.run_limits
        raised_to = RAISED_TO if self._settings.own_timeouts and not self._said.timeout else 0.0
        outcome = await pool.run(
            RunRequest(node_ids=tests, limits=limits, raised_to=raised_to),
            lambda ids: self._emit(TestsCollected(ids)),
            lambda result: self._emit(TestFinished(hinted(result))),
        )
        report = outcome.report
        if raised_to and self._language.is_python:
            report = await try_slow_again(
                pool, report, limits, lambda result: self._emit(TestFinished(result))
            )
        report = replace(report, results=tuple(map(hinted, report.results)))
        self._emit(TestRunFinished(purpose, report))
        if outcome.lost:
            # Half a suite is no baseline: what is missing in it would count as new.
            raise TestRunError(
                "tests.lost",
                f"The sandbox ended while the tests of {self.repository.info.name} ran.",
                (Remedy("Run again", action="run_tests"),),
                details=report.detail,
            )
        return report

    # --- set-up -----------------------------------------------------------------------------------

    def _may_set_up(self, plan: SetUpPlan) -> bool:
        """Whether to install without asking: allowed before, for this very repository."""
        return (
            self._settings.set_up
            and (not plan.is_empty or plan.asks_for_python)
            and self._consents.remembers(self.repository.info.path, ConsentKind.SETUP_NETWORK)
        )

    async def _find_plan(self, *, wide: bool = False) -> SetUpPlan:
        path = self.repository.info.path
        return await asyncio.to_thread(
            self._set_ups.plan, path, self.copy.root, wide=wide, language=self._language
        )

    def _must_set_up(self, plan: SetUpPlan) -> bool:
        """Whether to ask before the first run: without its modules a command does not fail at import,
        but in words of its own."""
        return self._settings.set_up and not plan.is_empty and not self._language.is_python

    async def look_at_set_up(self) -> SetUpInfo:
        """What would be installed, as the private copy has it."""
        if self._copy is None:
            await self._renew_copy()
            await self._look_at_repository()
        plan, path = await self._find_plan(), self.repository.info.path
        return SetUpInfo(
            choice=await asyncio.to_thread(self._set_ups.chosen, path),
            source="" if plan.is_empty else plan.source,
            packages=(*plan.requirement_files, *plan.packages),
            commands=plan.commands,
            python=plan.python or plan.python_range,
            allowed=self._consents.remembers(path, ConsentKind.SETUP_NETWORK),
            installed=self._environment.sentence,
        )

    async def choose_set_up(self, commands: tuple[str, ...] | None) -> None:
        """Remember the user's word on what to install; see :meth:`SetUpBook.choose`."""
        await asyncio.to_thread(self._set_ups.choose, self.repository.info.path, commands)
        await self._close_pool()
        self._environment, self._installed = Environment(), SetUpPlan()

    async def install(self) -> str:
        """Install what the tests need of the tree as it is now; a sentence about it, empty where they
        need nothing. Raises SetUpError, ConsentRefused, SandboxError."""
        await self._renew_copy()
        await self.set_up(await self._find_plan())
        return self._environment.sentence

    async def set_up(self, plan: SetUpPlan) -> None:
        """Install ``plan``. Raises SetUpError, ConsentRefused, SandboxError."""
        if plan.is_empty and await self._take_python(plan):
            return
        what = plan.source
        info = self.repository.info
        if not await self._consents.granted(info.path, set_up_request(info.name, what, plan.commands)):
            raise ConsentRefused(
                "consent.set_up",
                f"The tests of {info.name} need packages that are not installed ({what}).",
                (
                    Remedy(
                        "Install them",
                        action="set_up",
                        shell=f"greenbar set-up {shlex.quote(info.path)} --yes",
                    ),
                ),
            )
        sandbox = await self._ready_sandbox()
        with self._emit.job("set_up") as job:
            environment = await sandbox.set_up(plan, self.copy.root, job)
            job.outcome = environment.sentence
        if environment != self._environment:
            await self._close_pool()
            self._environment = environment
        self._installed = plan

    def _choose_language(self) -> Language:
        root = self.copy.root
        return choose_language(root, self.copy.files(), self._said, shipped(), self._settings.language)

    async def _look_at_repository(self) -> None:
        said = await asyncio.to_thread(read_settings, self.copy.root)
        self._said, self.said_of_search = said.tests, said.search
        language = await asyncio.to_thread(self._choose_language)
        if language != self._language:
            if language.toolchain != self._language.toolchain:
                await self._close_sandbox()
            self._language = language
        info = await asyncio.to_thread(self.repository.inspect)
        info = replace(info, language=language.title)
        if info != self.repository.info:
            self._repository = replace(self.repository, info=info)
            self._emit(RepositoryChanged(info))

    async def _take_python(self, plan: SetUpPlan) -> bool:
        """Run the tests on the Python that ``plan`` asks for; false where it is to be installed first."""
        if not plan.asks_for_python:
            return True
        sandbox = await self._ready_sandbox()
        with self._emit.job("set_up") as job:
            found = await sandbox.find_python(plan, job)
        environment = found or Environment()
        if environment != self._environment:
            await self._close_pool()
            self._environment = environment
            if environment.sentence:
                self._emit(Noticed(environment.sentence))
        return found is not None

    def _miss_python(self, plan: SetUpPlan) -> None:
        """Say, once for each, that another Python is used than the project asks for."""
        sentence = missing_sentence(plan)
        if sentence != self._missed:
            self._missed = sentence
            self._emit(Noticed(sentence))

    # --- parts ------------------------------------------------------------------------------------

    async def _renew_copy(self) -> bool:
        """Bring the private copy up to date; true where it differed."""
        await self._close_pool()
        if self._copy is not None:
            return bool(await refresh_in_thread(self._copy))
        with self._emit.job("copy") as job:
            self._copy = await copy_in_thread(
                self.repository,
                self._services.cache / "copies",
                lambda done, total: job("Copying the repository", done / max(total, 1)),
            )
        return True

    async def _ready_sandbox(self) -> Sandbox:
        if self._sandbox is None:
            sandbox = await self._choose_sandbox()
            try:
                await self._allow_elsewhere(sandbox)
                with self._emit.job("sandbox") as job:
                    await sandbox.prepare(job, self._language.toolchain)
            except BaseException:
                await uninterrupted(sandbox.close())
                raise
            self._sandbox = sandbox
            self._emit(SandboxReady(sandbox.kind, sandbox.sentence))
        return self._sandbox

    async def _choose_sandbox(self) -> Sandbox:
        """The sandbox that the settings name; the host, by whatever way, only with consent."""
        spec, info = self._settings.sandbox, self.repository.info
        why = "You have chosen to work without a sandbox."
        refused: GreenbarError = ConsentRefused(
            "consent.host",
            f"The tests of {info.name} do not run without a sandbox before you allow it.",
            (Remedy("Use a sandbox", action="sandbox_auto"), Remedy("Ask again", action="run_tests")),
        )
        if spec != SandboxKind.HOST:
            try:
                return await self._services.choose_sandbox(spec)
            except SandboxError as error:
                if error.code != "sandbox.none":
                    raise
                refused, why = error, error.sentence
        if not await self._consents.granted(info.path, host_request(info.name, why)):
            raise refused
        return await self._services.choose_sandbox(SandboxKind.HOST)

    async def _allow_elsewhere(self, sandbox: Sandbox) -> None:
        """A copy leaves this machine only with consent. Raises ConsentRefused."""
        if not sandbox.elsewhere:
            return
        info, engine = self.repository.info, sandbox.sentence.partition(":")[0]
        request = remote_request(info.name, engine, sandbox.elsewhere)
        if not await self._consents.granted(info.path, request):
            raise ConsentRefused(
                "consent.remote_engine",
                f"The tests of {info.name} do not run on {sandbox.elsewhere} before you allow it.",
                (
                    Remedy("Use bubblewrap", action="use_bubblewrap"),
                    Remedy("Ask again", "run_tests", f"greenbar fix {info.path} --yes"),
                ),
            )

    async def runner(self) -> WorkerPool:
        """What runs tests over the private copy as it is. Raises SandboxError, ConsentRefused."""
        sandbox = await self._ready_sandbox()
        if self._pool is None:
            self._pool = WorkerPool(
                sandbox,
                self.copy.root,
                self._environment,
                self._settings.limits,
                # Of another machine, the cores count that it has.
                sandbox.cores if sandbox.elsewhere else self._settings.workers,
                self._language,
                preload=Preload(self._said.preload is not False, self._said.no_preload or ()),
            )
        return self._pool

    async def _close_pool(self) -> None:
        pool, self._pool = self._pool, None
        if pool is not None:
            await pool.close()

    async def _close_sandbox(self) -> None:
        sandbox, self._sandbox = self._sandbox, None
        self._environment, self._installed = Environment(), SetUpPlan()
        try:
            await self._close_pool()
        finally:
            if sandbox is not None:
                await uninterrupted(sandbox.close())

    async def close(self) -> None:
        """End every process and remove the private copy."""
        copy, self._copy = self._copy, None
        try:
            await self._close_sandbox()
        finally:
            if copy is not None:
                await asyncio.to_thread(copy.close)
