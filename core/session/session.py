"""One task from request to accept: open, run, fix, review, accept, undo."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

from core.errors import GreenbarError, ModelError, PatchError, RepositoryError, UsageError
from core.events import (
    Accepted,
    AcceptsFound,
    FixFinished,
    ModelReady,
    Noticed,
    Redone,
    ReviewReady,
    SelectionVerified,
    TestFinished,
    TestRunFinished,
    TestRunStarted,
    TestsCollected,
    Undone,
)
from core.models.base import ModelClient
from core.repo.accept import AcceptJournal
from core.repo.locked import is_locked
from core.repo.patch import file_diffs, reverse, select_hunks
from core.search.base import Tried
from core.search.verifier import Verifier
from core.session.consent import Ask, ConsentBook
from core.session.emitter import Emitter
from core.session.fixing import Fixing
from core.session.journal import Journal
from core.session.services import Services, SessionSettings
from core.session.workspace import Workspace
from core.types import (
    Budget,
    Candidate,
    Comparison,
    FixResult,
    HunkId,
    NodeId,
    Patch,
    Remedy,
    RepositoryInfo,
    TestReport,
    TokenUsage,
    Verdict,
)

_RUN_AGAIN = Remedy("Run the tests", action="run_tests")


class Session:
    """Owns one repository's work. Methods are for the loop's thread, one at a time.

    Every method raises :class:`core.errors.GreenbarError` for what the user can act on, and can be
    cancelled at any await; the state then stays as it was before, or as far as it got.
    """

    def __init__(self, services: Services, settings: SessionSettings, emit: Emitter, ask: Ask) -> None:
        self._services = services
        self._settings = settings
        self._emit = emit
        self._consents = ConsentBook(services.data / "consents.json", ask)
        self._journal: Journal | None = None
        self._workspace: Workspace | None = None
        self._accepts: AcceptJournal | None = None
        self._model: ModelClient | None = None
        self._baseline: TestReport | None = None
        self._fixing: Fixing | None = None
        self._candidates: dict[int, Candidate] = {}
        self._tried: dict[int, Tried] = {}
        self._targets: tuple[NodeId, ...] = ()

    # --- what is there ----------------------------------------------------------------------------

    @property
    def info(self) -> RepositoryInfo:
        return self._opened().repository.info

    @property
    def sandbox_name(self) -> str:
        """The kind of sandbox in use, or empty before the first run."""
        workspace = self._workspace
        return workspace.sandbox.kind.value if workspace and workspace.sandbox else ""

    @property
    def model_name(self) -> str:
        return self._model.info.spec if self._model else ""

    @property
    def journal_path(self) -> Path | None:
        return self._journal.path if self._journal else None

    # --- opening ----------------------------------------------------------------------------------

    async def open(self, path: str) -> RepositoryInfo:
        """Open a repository, and repair an accept that a crash has cut off."""
        if self._journal is None:
            folder = self._services.data / "sessions" / self._emit.session
            self._journal = await asyncio.to_thread(Journal, folder / "journal.jsonl")
            self._emit.add_sink(self._journal.append)
        workspace = Workspace(self._services, self._settings, self._emit, self._consents, path)
        await workspace.open()
        if self._workspace is not None:
            await self._workspace.close()
        self._workspace = workspace
        self._forget_results()
        self._accepts = AcceptJournal(self._services.data / "accepts", workspace.repository.root)
        await self._repair(self._accepts)
        return self.info

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
        self._settings = replace(self._settings, sandbox=spec)
        if self._workspace is not None:
            await self._workspace.use_settings(self._settings)

    async def use_model(self, spec: str) -> None:
        self._settings = replace(self._settings, model=spec)
        model, self._model = self._model, None
        if model is not None:
            await model.close()
        await self.ready_model()

    async def ready_model(self) -> ModelClient | None:
        """The chosen model's client, announced once; ``None`` where there is none."""
        if self._model is None:
            resolution = await self._services.resolve_model(self._settings.model)
            self._model = resolution.client
            if self._model is not None:
                info = self._model.info
                self._emit(ModelReady(info.spec, info.name, info.context))
            elif resolution.reasons:
                self._emit(Noticed(f"No model takes part. {resolution.reasons[-1]}"))
        return self._model

    # --- running and fixing -----------------------------------------------------------------------

    async def run_tests(self, purpose: str = "baseline") -> TestReport:
        """Run the whole suite on the tree as it is now; the result is the new baseline."""
        workspace = self._opened()
        self._forget_results()
        self._baseline = await workspace.run_tests(purpose)
        return self._baseline

    async def set_up(self) -> TestReport:
        """Install what the tests need, then run them."""
        workspace = self._opened()
        await workspace.ensure_copy()
        await workspace.set_up()
        return await self.run_tests()

    async def fix(self, tests: tuple[NodeId, ...], budget: Budget) -> FixResult:
        """Search for a patch that makes ``tests`` (empty: every failing test) pass.

        When cancelled, announces the best state so far and re-raises.
        """
        baseline = self._baseline or await self.run_tests()
        targets = self._choose_targets(baseline, tests)
        if not targets:
            result = FixResult(Verdict.GREEN, None, None, (), 0.0, TokenUsage(), 0)
            self._emit(FixFinished(result))
            return result
        try:
            model = await self.ready_model()
        except ModelError as error:
            if self._settings.model != "auto":
                raise
            # Nobody insisted on a model: the search goes on without, and the user is told why.
            self._emit.trouble(error)
            model = None
        fixing = Fixing(
            workspace=self._opened(),
            baseline=baseline,
            targets=targets,
            budget=budget,
            proposers=self._services.proposers(),
            model=model,
            emit=self._emit,
            settings=self._settings,
            first_id=max(self._candidates, default=0) + 1,
        )
        self._targets = targets
        try:
            result = await fixing.run()
        except asyncio.CancelledError:
            self._finish_fix(fixing, fixing.result(stopped=True))
            raise
        self._finish_fix(fixing, result)
        return result

    def _finish_fix(self, fixing: Fixing, result: FixResult) -> None:
        self._candidates.update(fixing.candidates)
        self._tried.update(fixing.evidence)
        self._emit(FixFinished(result))
        if result.best is not None:
            self.show(result.best.id)

    def _choose_targets(self, baseline: TestReport, tests: tuple[NodeId, ...]) -> tuple[NodeId, ...]:
        if not tests:
            return baseline.failing
        known = {r.node_id for r in baseline.results}
        chosen: list[NodeId] = []
        for wanted in tests:
            hits = [n for n in known if n == wanted or n.startswith((f"{wanted}::", f"{wanted}["))]
            if not hits:
                raise UsageError(
                    "tests.unknown",
                    f"There is no test {wanted} in this repository.",
                    (Remedy("Run the tests", "run_tests", "python -m pytest --collect-only -q"),),
                )
            chosen += hits
        failing = set(baseline.failing)
        return tuple(n for n in baseline.failing if n in failing.intersection(chosen))

    # --- review and accept ------------------------------------------------------------------------

    def show(self, candidate: int) -> None:
        """Announce the diff of a candidate."""
        found = self._candidate(candidate)
        tried = self._tried.get(candidate)
        self._emit(
            ReviewReady(
                candidate,
                found.title,
                file_diffs(found.patch, is_locked),
                tried.evidence if tried else None,
            )
        )

    async def verify_selection(self, candidate: int, hunks: tuple[HunkId, ...]) -> Comparison:
        """Run the whole suite on exactly these hunks."""
        patch = select_hunks(self._candidate(candidate).patch, frozenset(hunks))
        comparison = await self._verify(patch)
        self._emit(SelectionVerified(candidate, hunks, comparison))
        return comparison

    async def accept(
        self, candidate: int, hunks: tuple[HunkId, ...] | None = None, *, anyway: bool = False
    ) -> Patch:
        """Write a candidate, or some hunks of it, to the user's tree; returns what was written.

        Without ``anyway``, a whole candidate must be green and a selection must fix something and
        break nothing, which is verified here and now.
        """
        patch = self._candidate(candidate).patch
        whole = hunks is None
        if hunks is not None:
            selected = select_hunks(patch, frozenset(hunks))
            whole = selected == patch
            patch = selected
        if not patch.changes:
            raise PatchError("accept.empty", "No hunk is chosen. Nothing was written.")
        if not anyway:
            await self._require_sound(candidate, patch, hunks, whole=whole)
        accepts = self._accept_journal()
        record = await asyncio.to_thread(accepts.accept, patch)
        await self._opened().moved_on(patch)
        self._emit(Accepted(record.accept, patch.paths))
        return patch

    async def _require_sound(
        self, candidate: int, patch: Patch, hunks: tuple[HunkId, ...] | None, *, whole: bool
    ) -> None:
        tried = self._tried.get(candidate)
        if whole and tried is not None and tried.evidence is not None:
            comparison = tried.evidence.comparison
            sound = comparison.verdict is Verdict.GREEN
        else:
            comparison = await self._verify(patch)
            sound = comparison.verdict in (Verdict.GREEN, Verdict.IMPROVED)
            self._emit(SelectionVerified(candidate, hunks or (), comparison))
        if not sound:
            raise PatchError(
                "accept.not_sound",
                f"{describe(comparison)} Nothing was written.",
                (Remedy("Write anyway", action="accept_anyway"),),
                details="\n".join(comparison.reasons),
            )

    async def _verify(self, patch: Patch) -> Comparison:
        assert self._baseline is not None
        verifier = Verifier(
            self._opened().runner,
            self._baseline,
            self._targets,
            self._settings.run_limits,
            is_locked,
        )
        self._emit(TestRunStarted("selection"))
        report, comparison = await verifier.verify_suite(
            patch,
            lambda ids: self._emit(TestsCollected(ids)),
            lambda result: self._emit(TestFinished(result)),
        )
        self._emit(TestRunFinished("selection", report))
        return comparison

    async def undo(self) -> Patch:
        """Take back the newest accept that stands."""
        accepts = self._accept_journal()
        record = await asyncio.to_thread(accepts.undo)
        patch = reverse(record.patch)
        await self._moved_on(patch)
        self._emit(Undone(record.accept, patch.paths))
        return patch

    async def redo(self) -> Patch:
        """Write the newest undone accept again."""
        accepts = self._accept_journal()
        record = await asyncio.to_thread(accepts.redo)
        await self._moved_on(record.patch)
        self._emit(Redone(record.accept, record.patch.paths))
        return record.patch

    async def _moved_on(self, patch: Patch) -> None:
        if self._baseline is not None:
            await self._opened().moved_on(patch)

    async def close(self) -> None:
        """End the model, the sandbox and the journal. Idempotent."""
        model, self._model = self._model, None
        workspace, self._workspace = self._workspace, None
        try:
            if model is not None:
                await model.close()
        finally:
            if workspace is not None:
                await workspace.close()
            if self._journal is not None:
                await asyncio.to_thread(self._journal.close)

    # --- parts ------------------------------------------------------------------------------------

    def _opened(self) -> Workspace:
        if self._workspace is None:
            raise RepositoryError(
                "repository.none",
                "No repository is open.",
                (Remedy("Open a repository", action="open"),),
            )
        return self._workspace

    def _accept_journal(self) -> AcceptJournal:
        self._opened()
        assert self._accepts is not None
        return self._accepts

    def _candidate(self, candidate: int) -> Candidate:
        found = self._candidates.get(candidate)
        if found is None:
            raise UsageError(
                "candidate.unknown",
                f"Candidate {candidate} belongs to an earlier run of the tests.",
                (_RUN_AGAIN,),
            )
        return found

    def _forget_results(self) -> None:
        self._baseline = None
        self._candidates.clear()
        self._tried.clear()
        self._targets = ()


def describe(comparison: Comparison) -> str:
    """A comparison in one sentence."""
    if comparison.reasons:
        return f"This is {comparison.verdict}: {comparison.reasons[0]}"
    fixed, broken, still = (
        len(comparison.fixed),
        len(comparison.broken),
        len(comparison.still_failing),
    )
    return f"This fixes {fixed}, breaks {broken} and leaves {still} failing."
