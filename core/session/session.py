"""One task from request to accept: open, run, fix; review and accept are :mod:`core.session.review`."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

from core.checks.static import files_with_tests
from core.commands import Refine
from core.errors import GreenbarError, RepositoryError, TestRunError, UsageError
from core.events import (
    AcceptsFound,
    Diagnosed,
    FixFinished,
    Noticed,
    RepositoryOpened,
    SetUpFound,
    StrategiesListed,
    TestsLocked,
)
from core.history.keeper import HistoryKeeper
from core.history.runs import RunBook
from core.history.store import HistoryStore
from core.localise.diagnosis import diagnose
from core.models.probe_store import ProbeStore
from core.models.roles import ModelRoles
from core.repo.accept import AcceptJournal
from core.repo.lfs import lfs_pointers
from core.repo.locked import find_lock
from core.sandbox.base import Limits
from core.search.choose import choose_proposers, without_model
from core.search.strategy import Strategy, find_strategy
from core.session.answers import AnswerCount
from core.session.asking import Asking
from core.session.baseline import trace
from core.session.committing import Committing
from core.session.consent import Ask, ConsentBook
from core.session.emitter import Emitter
from core.session.evidence import EvidenceDesk
from core.session.fixing import Fixing
from core.session.journal import Journal
from core.session.models_in_use import ModelsInUse
from core.session.opened import Opened, Work
from core.session.probing import Probing
from core.session.proving import Proving
from core.session.requesting import Requesting
from core.session.requirements import Requirements
from core.session.rerun import run_some
from core.session.review import Results, Review
from core.session.rounds import Rounds
from core.session.services import Services, SessionSettings
from core.session.sources import Sources
from core.session.targets import beyond, choose_targets
from core.session.uninterrupted import uninterrupted
from core.session.workspace import Workspace
from core.settings.overrides import lowered
from core.testing.base import RunLimits
from core.types import (
    Budget,
    CodePlace,
    Diagnosis,
    FixResult,
    NodeId,
    Remedy,
    RepositoryInfo,
    RunEnd,
    Settings,
    Suspect,
    SuspectMark,
    TestReport,
    TokenUsage,
    Verdict,
)

log = logging.getLogger("greenbar.session")

TRACE_SECONDS = 60.0
"""For a run with line tracing outside of a fix."""


class Session:
    """Owns one repository's work. Methods are for the loop's thread, one at a time.

    Every method raises :class:`core.errors.GreenbarError` for what the user can act on, and can be
    cancelled at any await; the state then stays as it was before, or as far as it got.
    """

    def __init__(self, services: Services, settings: SessionSettings, emit: Emitter, ask: Ask) -> None:
        self._services = services
        self._settings = settings
        self._workers = settings.workers
        self._emit = emit
        self._consents = ConsentBook(services.data / "consents.json", ask, settings.consents)
        place = services.data / "sessions" / emit.session / "journal.jsonl"
        self._journal = Journal(place, emit.redact)
        emit.add_sink(self._journal.append)
        self._history: HistoryKeeper | None = None
        if settings.history:
            self._history = HistoryKeeper(HistoryStore(services.data), RunBook(services.data / "runs"))
            emit.add_sink(self._history)
        self._answers = AnswerCount()
        emit.add_sink(self._answers)
        self.probing = Probing(ProbeStore(services.data / "probes.json"), emit)
        self.models = ModelsInUse(services, lambda: self._settings, self.probing, emit)
        self.evidence = EvidenceDesk(self._journal, settings.version, emit)
        self._open: Opened | None = None
        self._results = Results()

    # --- what is there ---------------------------------------------------------------------------

    @property
    def info(self) -> RepositoryInfo:
        return self.workspace.repository.info

    # These raise RepositoryError where no repository is open.

    @property
    def workspace(self) -> Workspace:
        return self._here().workspace

    @property
    def review(self) -> Review:
        return self._here().review

    @property
    def requirements(self) -> Requirements:
        return self._here().requirements

    @property
    def asking(self) -> Asking:
        return self._here().asking

    @property
    def proving(self) -> Proving:
        return self._here().proving

    @property
    def requesting(self) -> Requesting:
        return self._here().requesting

    @property
    def committing(self) -> Committing:
        return self._here().committing

    @property
    def rounds(self) -> Rounds:
        return self._here().rounds

    async def refine(self, command: Refine) -> FixResult:
        """Search anew from a candidate, as the remarks on it ask."""
        return await self.rounds.refine(command, self.requirements.ledger)

    @property
    def sandbox_spec(self) -> str:
        """The sandbox that is asked for."""
        return self._settings.sandbox

    @property
    def limits(self) -> Limits:
        return self._settings.limits

    @property
    def sandbox_name(self) -> str:
        """The kind of sandbox in use, or empty before the first run."""
        sandbox = self._open.workspace.sandbox if self._open else None
        return sandbox.kind.value if sandbox else ""

    @property
    def model_name(self) -> str:
        return self.models.name

    @property
    def diagnoses(self) -> tuple[Diagnosis, ...]:
        """What the newest run says of its failures."""
        return self._results.diagnoses

    @property
    def journal_path(self) -> Path:
        return self._journal.path

    @property
    def is_open(self) -> bool:
        return self._open is not None

    # --- opening ---------------------------------------------------------------------------------

    async def open(self, path: str) -> RepositoryInfo:
        """Open a repository, and repair an accept that a crash has cut off.

        Where that raises, the repository that was open stays so.
        """
        workspace = Workspace(self._services, self._settings, self._emit, self._consents, path)
        await workspace.open()
        self._results = Results(last_candidate=self._results.last_candidate)
        work = Work(self.run_tests, self.fix, self._prove, lambda: self._settings)
        left, self._open = (
            self._open,
            Opened(
                workspace, self._results, self._services, self.models, self.evidence, work, self._emit
            ),
        )
        self._emit(RepositoryOpened(self.info))
        await uninterrupted(self._change_over(left, self._open))
        await self._open.read()
        return self.info

    async def _change_over(self, left: Opened | None, opened: Opened) -> None:
        await self._repair(opened.accepts)
        if left is not None:
            try:
                await left.close()
            except GreenbarError:
                log.exception("the repository before could not be closed")

    async def _repair(self, accepts: AcceptJournal) -> None:
        """Settle what a crash cut off; where that fails, the repository opens all the same."""
        try:
            recovery = await asyncio.to_thread(accepts.recover)
            undoable, redoable = await asyncio.to_thread(lambda: accepts.depth)
        except GreenbarError as error:
            self._emit.trouble(error)
            return
        if recovery is not None:
            self._emit(Noticed(recovery.sentence))
        self._emit(AcceptsFound(undoable, redoable))

    async def use_sandbox(self, spec: str) -> None:
        """Use another sandbox from the next run on; what the one before has shown is forgotten."""
        self._settings = replace(self._settings, sandbox=spec)
        self._results.forget()
        if self._open is not None:
            await self._open.workspace.use_settings(self._settings)

    def take_settings(self, chosen: Settings) -> None:
        """Take what the user has set; what runs goes on as it began."""
        timeout = chosen.tests_timeout
        self._settings = replace(
            self._settings,
            set_up=chosen.tests_setup,
            workers=chosen.search_workers or self._workers,
            run_limits=RunLimits(test_seconds=timeout) if timeout else RunLimits(),
        )
        if self._open is not None:
            self._open.workspace.keep_settings(self._settings)

    async def list_strategies(self) -> None:
        """Announce the ways to search. Raises UsageError for a file that cannot be used."""
        rows = {strategy.name: strategy.row() for strategy in await self._strategies()}
        self._emit(StrategiesListed(tuple(rows.values()), self._settings.strategy))

    async def use_strategy(self, name: str) -> None:
        """Search in this way from the next fix on. Raises UsageError for one that there is not."""
        find_strategy(name, await self._strategies())
        self._settings = replace(self._settings, strategy=name)
        await self.list_strategies()

    async def _strategies(self) -> Sequence[Strategy]:
        return await asyncio.to_thread(self._services.strategies)

    async def ready_model(self) -> ModelRoles | None:
        """The chosen models, announced once; ``None`` where no model takes part. Raises ModelError."""
        return await self.models.ready()

    async def use_model(self, spec: str) -> None:
        """Use this model from now on. Raises UsageError or ModelError."""
        self._settings = replace(self._settings, model=spec)
        await self.models.change()

    # --- running and fixing ----------------------------------------------------------------------

    async def run_tests(self, purpose: str = "baseline", tests: tuple[NodeId, ...] = ()) -> TestReport:
        """Run the whole suite on the tree as it is now; the result is the new baseline.

        Where the suite has run, ``tests`` are run alone; the baseline takes their results in, or is
        forgotten where the tree has changed since. Raises UsageError for a test that there is not.
        """
        if tests and self._results.baseline is not None:
            return await run_some(self.workspace, self._results, tests)
        return await self._take_baseline(purpose)

    async def _take_baseline(self, purpose: str, *, set_up: bool = False) -> TestReport:
        workspace = self.workspace
        results = self._results
        results.forget()
        self._here().localiser.forget()
        self.asking.forget()
        results.baseline = await workspace.run_tests(purpose, set_up=set_up)
        tests = files_with_tests(results.baseline.collected)
        results.lock = find_lock(
            workspace.copy.files(), tests, results.baseline.read, workspace.language.test_files
        )
        self._emit(TestsLocked(results.lock.files))
        self.requirements.ledger.observe(results.baseline)
        if results.baseline.failing:
            await self._tell_pointers(workspace)
            await self._diagnose(workspace)
        return results.baseline

    async def _diagnose(self, workspace: Workspace) -> None:
        """Say what the failures tell of themselves, where they do."""
        results = self._results
        assert results.baseline is not None, "set by the run before"
        sources = Sources(workspace.copy, workspace.language.extensions)
        results.diagnoses = await asyncio.to_thread(
            diagnose, results.baseline, sources, results.lock.holds
        )
        self._emit(Diagnosed(results.diagnoses))

    async def _tell_pointers(self, workspace: Workspace) -> None:
        """Say where failing tests may lack what Git LFS has not fetched."""
        copy = workspace.copy
        found = await asyncio.to_thread(lfs_pointers, copy.root, copy.files())
        if found:
            these = found[0] if len(found) == 1 else f"{found[0]} and {len(found) - 1} more files"
            lacks = "its contents are" if len(found) == 1 else "their contents are"
            self._emit(Noticed(f"Git LFS has not fetched {these}, so {lacks} missing: git lfs pull."))

    async def set_up(self) -> TestReport:
        """Install what the tests need, then run them."""
        return await self._take_baseline("baseline", set_up=True)

    async def install(self) -> str:
        """Install what the tests need; a sentence about it, empty where they need nothing."""
        return await self.workspace.install()

    async def look_at_set_up(self) -> None:
        """Announce what would be installed for the tests."""
        self._emit(SetUpFound(await self.workspace.look_at_set_up()))

    async def choose_set_up(self, commands: tuple[str, ...] | None) -> None:
        """From now on run ``commands`` to set this repository up, in the place of what would be found;
        none of them: install nothing; ``None``: find it again."""
        await self.workspace.choose_set_up(commands)

    async def fix(
        self, tests: tuple[NodeId, ...], budget: Budget, wanted: Sequence[CodePlace] = ()
    ) -> FixResult:
        """Search for a patch that makes ``tests`` (empty: every failing test) pass. ``wanted`` are the
        places that a request is about.

        When cancelled, or when the sandbox is lost, announces the best state so far and re-raises.
        """
        baseline = self._results.baseline or await self.run_tests()
        targets = choose_targets(baseline, tests)
        if not targets:
            if baseline.end is not RunEnd.FINISHED and not tests:
                raise TestRunError(
                    "tests.unfinished",
                    "No test fails, but the tests did not run to their end.",
                    (Remedy("Run again", action="run_tests"),),
                    details=baseline.detail,
                )
            result = FixResult(Verdict.GREEN, None, None, (), 0.0, TokenUsage(), 0)
            self._emit(FixFinished(result))
            return result
        if not tests:
            sources, locked = self._here().localiser.sources(), self._results.lock.holds
            await self.asking.doubt(baseline, sources, locked, self._results.diagnoses)
            named = targets
            targets = beyond(self._results.diagnoses, targets, self.asking.meant)
            if not targets:
                said = " ".join(d.sentence for d in self._results.diagnoses if d.aside)
                result = FixResult(
                    Verdict.UNCHANGED, None, None, named, 0.0, TokenUsage(), 0, shortfall=said
                )
                self._emit(FixFinished(result))
                return result
        own = self.workspace.said_of_search
        budget = lowered(budget, own)
        strategy = find_strategy(own.strategy or self._settings.strategy, await self._strategies())
        proposers = choose_proposers(self._services.proposers(), self._settings.proposers, strategy)
        models = await self.models.if_any()
        fixing = Fixing(
            workspace=self.workspace,
            baseline=baseline,
            targets=targets,
            budget=budget,
            strategy=strategy,
            proposers=proposers if models else without_model(proposers),
            models=models,
            cost=self._services.cost,
            emit=self._emit,
            settings=self._settings,
            first_id=self._results.last_candidate + 1,
            profile=await self.models.profile(),
            is_locked=self._results.lock.holds,
            localiser=self._here().localiser,
            requirements=self.requirements.ledger.texts,
            wanted=wanted,
            asking=self.asking,
            refused=self.rounds.against(targets),
            veto=lambda patch: self.rounds.veto(patch, targets),
        )
        self._results.targets = targets
        self.asking.begin()
        try:
            result = await fixing.run()
        except BaseException as error:
            stopped = isinstance(error, asyncio.CancelledError)
            self._finish_fix(fixing, fixing.result(stopped=stopped))
            raise
        result = self._finish_fix(fixing, result)
        await self._prove(result, budget)
        return result

    async def _prove(self, result: FixResult, budget: Budget) -> None:
        if self._settings.prove:
            await self.proving.follow(result, budget)

    async def find_suspects(self, tests: tuple[NodeId, ...] = ()) -> tuple[Suspect, ...]:
        """Rank the lines that may be at fault where ``tests`` (empty: every failing test) fail, and
        announce them; empty where none of them fails."""
        baseline = self._results.baseline or await self.run_tests()
        targets = choose_targets(baseline, tests)
        if not targets:
            return ()
        workspace = self.workspace
        traced = await trace(
            await workspace.runner(), baseline, targets, workspace.run_limits, TRACE_SECONDS
        )
        by_id = baseline.by_id()
        failures = [by_id[target] for target in targets]
        is_locked = self._results.lock.holds
        return await self._here().localiser.rank(failures, targets, traced, is_locked)

    def mark_suspect(self, place: CodePlace, mark: SuspectMark | None) -> None:
        """Pin a place for the next fix, drop it, or with ``None`` take that back. Raises UsageError where
        there is no such place, or no test has run."""
        localiser = self._here().localiser
        if self._results.baseline is None:
            raise UsageError(
                "suspect.early",
                "The tests have not run yet, so there is nothing to pin or drop.",
                (Remedy("Run tests", action="run_tests"),),
            )
        localiser.mark(place, mark)

    def _finish_fix(self, fixing: Fixing, result: FixResult) -> FixResult:
        if result.shortfall and self._answers.complaint:
            result = replace(result, shortfall=f"{result.shortfall} {self._answers.complaint}")
        self._results.candidates.update(fixing.candidates)
        self._results.tried.update(fixing.evidence)
        self._results.flaky, self._results.coverage = fixing.flaky, fixing.coverage
        self._results.last_candidate = max((self._results.last_candidate, *fixing.candidates))
        self._emit(FixFinished(result))
        self.asking.ended(result, self.review.show)
        if result.best is not None:
            self.review.show(result.best.id)
        return result

    async def close(self) -> None:
        """End the model, the sandbox and the journal. Idempotent."""
        opened, self._open = self._open, None
        async with AsyncExitStack() as closing:
            closing.push_async_callback(asyncio.to_thread, self._journal.close)
            if self._history is not None:
                closing.push_async_callback(asyncio.to_thread, self._history.close)
            if opened is not None:
                closing.push_async_callback(opened.close)
            closing.push_async_callback(self.models.close)

    def _here(self) -> Opened:
        if self._open is None:
            raise RepositoryError(
                "repository.none",
                "No repository is open.",
                (Remedy("Open a repository", action="open"),),
            )
        return self._open
