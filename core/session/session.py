"""One task from request to accept: open, run, fix; review and accept are :mod:`core.session.review`."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

from core.errors import GreenbarError, ModelError, RepositoryError, UsageError
from core.events import AcceptsFound, FixFinished, ModelReady, Noticed
from core.models.base import ModelClient
from core.repo.accept import AcceptJournal
from core.session.consent import Ask, ConsentBook
from core.session.emitter import Emitter
from core.session.fixing import Fixing
from core.session.journal import Journal
from core.session.review import Results, Review
from core.session.services import Services, SessionSettings
from core.session.workspace import Workspace
from core.types import (
    Budget,
    FixResult,
    NodeId,
    Remedy,
    RepositoryInfo,
    TestReport,
    TokenUsage,
    Verdict,
)


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
        self._review: Review | None = None
        self._model: ModelClient | None = None
        self._results = Results()

    # --- what is there ---------------------------------------------------------------------------

    @property
    def info(self) -> RepositoryInfo:
        return self._opened().repository.info

    @property
    def review(self) -> Review:
        """Raises RepositoryError where no repository is open."""
        self._opened()
        assert self._review is not None, "made with the workspace"
        return self._review

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

    # --- opening ---------------------------------------------------------------------------------

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
        accepts = AcceptJournal(self._services.data / "accepts", workspace.repository.root)
        self._workspace = workspace
        self._results = Results()
        self._review = Review(workspace, accepts, self._results, self._settings, self._emit)
        await self._repair(accepts)
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

    # --- running and fixing ----------------------------------------------------------------------

    async def run_tests(self, purpose: str = "baseline") -> TestReport:
        """Run the whole suite on the tree as it is now; the result is the new baseline."""
        workspace = self._opened()
        results = self._results
        results.baseline, results.targets = None, ()
        results.candidates.clear()
        results.tried.clear()
        results.baseline = await workspace.run_tests(purpose)
        return results.baseline

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
        baseline = self._results.baseline or await self.run_tests()
        targets = choose_targets(baseline, tests)
        if not targets:
            result = FixResult(Verdict.GREEN, None, None, (), 0.0, TokenUsage(), 0)
            self._emit(FixFinished(result))
            return result
        fixing = Fixing(
            workspace=self._opened(),
            baseline=baseline,
            targets=targets,
            budget=budget,
            proposers=self._services.proposers(),
            model=await self._model_if_any(),
            emit=self._emit,
            settings=self._settings,
            first_id=max(self._results.candidates, default=0) + 1,
        )
        self._results.targets = targets
        try:
            result = await fixing.run()
        except asyncio.CancelledError:
            self._finish_fix(fixing, fixing.result(stopped=True))
            raise
        self._finish_fix(fixing, result)
        return result

    async def _model_if_any(self) -> ModelClient | None:
        try:
            return await self.ready_model()
        except ModelError as error:
            if self._settings.model != "auto":
                raise
            # Nobody insisted on a model: the search goes on without, and the user is told why.
            self._emit.trouble(error)
            return None

    def _finish_fix(self, fixing: Fixing, result: FixResult) -> None:
        self._results.candidates.update(fixing.candidates)
        self._results.tried.update(fixing.evidence)
        self._emit(FixFinished(result))
        if result.best is not None:
            self.review.show(result.best.id)

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

    def _opened(self) -> Workspace:
        if self._workspace is None:
            raise RepositoryError(
                "repository.none",
                "No repository is open.",
                (Remedy("Open a repository", action="open"),),
            )
        return self._workspace


def choose_targets(baseline: TestReport, tests: tuple[NodeId, ...]) -> tuple[NodeId, ...]:
    """The failing tests that ``tests`` name (ids, files, classes, functions); empty names them all.

    Raises UsageError for a name that fits no test.
    """
    if not tests:
        return baseline.failing
    known = {result.node_id for result in baseline.results}
    chosen: set[NodeId] = set()
    for wanted in tests:
        hits = {n for n in known if n == wanted or n.startswith((f"{wanted}::", f"{wanted}["))}
        if not hits:
            raise UsageError(
                "tests.unknown",
                f"There is no test {wanted} in this repository.",
                (Remedy("Show the tests", "run_tests", "python -m pytest --collect-only -q"),),
            )
        chosen |= hits
    return tuple(node_id for node_id in baseline.failing if node_id in chosen)
