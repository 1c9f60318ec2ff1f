"""One round of refinement: from a candidate, its remarks and the hunks that stay, to a search."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from core.errors import ModelError
from core.events import Body, FixStarted, RoundStarted, TroubleRaised
from core.models.grading import ModelProfile
from core.models.roles import ModelRoles
from core.remark.orders import Order, Start, not_heeded
from core.remark.pinned import Pin, broken_pin
from core.repo.patch import patch_from_edits
from core.search.base import Draft, FixTask, Proposer, Tried
from core.search.controller import Search
from core.search.door import ModelDoor
from core.search.meter import CostOf, Meter
from core.search.rank import normalised_key
from core.search.remarked import RemarkProposer
from core.search.strategy import StopRule, Strategy
from core.search.verifier import Verifier
from core.session.emitter import Emitter
from core.session.review import Results
from core.session.services import SessionSettings
from core.session.sources import Edited, Sources
from core.session.workspace import Workspace
from core.types import Budget, FixResult, Patch, Refusal, RelPath, TestResult

log = logging.getLogger("greenbar.fix")

_ONE_IS_ENOUGH = Strategy(name="refine", title="Refine by remark", stop=StopRule(greens=1))


class Refining:
    """One use: ``run()`` once; ``search`` stays readable."""

    def __init__(
        self,
        workspace: Workspace,
        results: Results,
        candidate: int,
        remarks: tuple[int, ...],
        orders: Sequence[Order],
        start: Start,
        pins: Sequence[Pin],
        veto: Callable[[Patch], str],
        refused: tuple[Refusal, ...],
        requirements: Sequence[str],
        models: ModelRoles | None,
        profile: ModelProfile,
        budget: Budget,
        cost: CostOf,
        settings: SessionSettings,
        emit: Emitter,
    ) -> None:
        """``veto`` says as a clause why a patch must not be proposed; empty where it may be."""
        self._workspace = workspace
        self._results = results
        self._candidate = candidate
        self._remarks = remarks
        self._orders = orders
        self._start = start
        self._pins = pins
        self._veto = veto
        self._refused = refused
        self._requirements = tuple(requirements)
        self._models = models
        self._profile = profile
        self._meter = Meter(budget, cost)
        self._settings = settings
        self._emit = emit
        self.search: Search | None = None

    async def run(self) -> FixResult:
        """Search under the budget. Raises SandboxError or TestRunError where the sandbox is gone."""
        proposer = RemarkProposer(self._orders, self._start)
        names = self._models.names if self._models else ""
        targets = self._results.targets
        self._emit(RoundStarted(self._candidate, self._remarks))
        self._emit(FixStarted(targets, self._meter.budget, (proposer.name,), names, "refine"))
        starting = asyncio.create_task(self._start_model())
        try:
            runner = await self._workspace.runner()
            assert self._results.baseline is not None, "candidates come from a baseline"
            verifier = Verifier(
                runner,
                self._results.baseline,
                targets,
                self._workspace.run_limits,
                self._results.lock.holds,
                flaky=self._results.flaky,
                powers=self._workspace.language.powers,
            )
            self.search = self._make_search(verifier, proposer, starting)
            return await self.search.run()
        finally:
            starting.cancel()
            with suppress(asyncio.CancelledError):
                await starting

    def _make_search(
        self, verifier: Verifier, proposer: Proposer, starting: asyncio.Task[None]
    ) -> Search:
        edits = self._start_edits()
        task = self._make_task()
        originals = Edited(task.repository, self._start.originals)

        def whole(draft: Draft) -> Mapping[RelPath, str]:
            return {**self._start.texts, **draft.edits}

        def build(draft: Draft) -> Patch:
            return patch_from_edits({**edits, **draft.edits}, self._workspace.copy.find)

        door = None
        if self._models is not None:
            door = ModelDoor(self._models, self._meter, self._tell, starting, _ONE_IS_ENOUGH)
        return Search(
            task=task,
            proposers=(proposer,),
            verifier=verifier,
            meter=self._meter,
            ask=door,
            build_patch=build,
            key_of=lambda draft: normalised_key(whole(draft), originals),
            emit=self._tell,
            workers=self._settings.workers,
            first_id=self._results.last_candidate + 1,
            strategy=_ONE_IS_ENOUGH,
            veto=lambda draft, patch: self._against(whole(draft), patch),
        )

    def _against(self, texts: Mapping[RelPath, str], patch: Patch) -> str:
        if broken_pin(patch, self._pins) is not None:
            return "it changes a hunk that you keep"
        return not_heeded(self._orders, self._start, texts) or self._veto(patch)

    def _start_edits(self) -> dict[RelPath, str | None]:
        """The start as edits: texts as they are, deleted files as ``None``; what is no text stays out."""
        gone = {change.path: None for change in self._start.patch.changes if change.after is None}
        return {**gone, **self._start.texts}

    def _make_task(self) -> FixTask:
        workspace, results = self._workspace, self._results
        assert results.baseline is not None, "candidates come from a baseline"
        sources = Sources(workspace.copy, workspace.language.extensions)
        readable = Edited(sources, self._start.texts)
        named = {order.place.path for order in self._orders if order.place.path} | set(self._start.texts)
        return FixTask(
            targets=results.targets,
            baseline=results.baseline,
            suspects=(),
            sources={
                path: readable[path]
                for path in sorted(named)
                if path in readable and not results.lock.holds(path)
            },
            tests={
                path: sources[path]
                for path in sorted({node_id.split("::", 1)[0] for node_id in results.targets})
                if path in sources
            },
            failures=self._failures(),
            language=workspace.language,
            profile=self._profile,
            repository=readable,
            requirements=self._requirements,
            refused=self._refused,
        )

    def _failures(self) -> tuple[TestResult, ...]:
        """What is red with the start, as far as it is known: nothing where the candidate passes."""
        tried: Tried | None = self._results.tried.get(self._candidate)
        evidence = tried.evidence if tried else None
        if tried is None or evidence is None or tried.patch != self._start.patch:
            return ()
        return evidence.remaining or ((evidence.failure,) if evidence.failure else ())

    async def _start_model(self) -> None:
        if self._models is None:
            return
        try:
            for client in self._models.clients:
                await client.start()
        except ModelError as error:
            self._tell(TroubleRaised(error.code, error.sentence, error.remedies, error.details))
        except Exception:
            # The boundary of a task: each question to the model tries again and tells.
            log.exception("the model did not start")

    def _tell(self, body: Body) -> None:
        self._emit(body)
