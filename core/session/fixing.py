"""One fix: from a baseline to a search, with everything that the proposers may know."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from core.context.failures import with_values
from core.errors import ModelError
from core.events import Body, FailuresTraced, FixStarted, Noticed, TroubleRaised
from core.localise.wanted import with_wanted
from core.models.grading import ModelProfile
from core.models.roles import ModelRoles
from core.repo.patch import overlay, patch_from_edits
from core.search.bandit import Gains, load_priors
from core.search.base import Draft, FixTask, Proposer, Tried
from core.search.controller import Search
from core.search.door import ModelDoor
from core.search.focus import focuses
from core.search.meter import CostOf, Meter
from core.search.nearby import find_nearby
from core.search.rank import normalised_key
from core.search.record import StepRecorder
from core.search.select.agreement import Agreement
from core.search.select.inputs import Function
from core.search.strategy import Strategy
from core.search.verifier import Verifier
from core.session.asking import Asking
from core.session.baseline import harms, trace, trace_candidate, unsteady
from core.session.emitter import Emitter
from core.session.localising import Localiser
from core.session.seeking import Seeker
from core.session.services import SessionSettings
from core.session.sources import Edited
from core.session.workspace import Workspace
from core.testing.base import Coverage, RunLimits, RunOutcome, TestRunner
from core.testing.limits import candidate_limits
from core.types import (
    Budget,
    Candidate,
    CodePlace,
    FixResult,
    FlakyTest,
    NodeId,
    Patch,
    Refusal,
    RelPath,
    TestReport,
    TestResult,
    TokenUsage,
    Verdict,
)

log = logging.getLogger("greenbar.fix")

DEFAULT_PROFILE = ModelProfile()
NO_EDITS: Mapping[RelPath, str] = MappingProxyType({})
TRACE_SHARE = 0.3
"""How much of the budget finding the place may take."""
MOST_NOTICES = 5
MOST_FOCUSES = 6
"""Functions that the symbol index is asked about."""


def _allow(patch: Patch) -> str:
    return ""


class Fixing:
    """One use: ``run()`` once; ``result()``, ``candidates`` and ``evidence`` stay readable."""

    def __init__(
        self,
        workspace: Workspace,
        baseline: TestReport,
        targets: tuple[NodeId, ...],
        budget: Budget,
        strategy: Strategy,
        proposers: Sequence[Proposer],
        models: ModelRoles | None,
        cost: CostOf,
        emit: Emitter,
        settings: SessionSettings,
        first_id: int,
        is_locked: Callable[[RelPath], bool],
        localiser: Localiser,
        profile: ModelProfile = DEFAULT_PROFILE,
        requirements: Sequence[str] = (),
        wanted: Sequence[CodePlace] = (),
        asking: Asking | None = None,
        refused: tuple[Refusal, ...] = (),
        veto: Callable[[Patch], str] = _allow,
    ) -> None:
        self._workspace = workspace
        self._baseline = baseline
        self._targets = targets
        self._meter = Meter(budget, cost)
        self._models = models
        self._strategy = strategy
        self._proposers = proposers
        self._emit = emit
        self._settings = settings
        self._first_id = first_id
        self._profile = profile
        self._is_locked = is_locked
        self._localiser = localiser
        self._requirements = tuple(requirements)
        self._wanted = wanted
        self._asking = asking
        self._refused = refused
        self._veto = veto
        self._search: Search | None = None
        self.coverage: Coverage = {}
        """Of the traced run; empty before that."""
        self._told: set[str] = set()
        self.flaky: tuple[FlakyTest, ...] = ()
        """Targets that turned out to be flaky, and so are none."""

    @property
    def candidates(self) -> dict[int, Candidate]:
        return self._search.candidates if self._search else {}

    @property
    def evidence(self) -> dict[int, Tried]:
        return self._search.evidence if self._search else {}

    def result(self, *, stopped: bool = False) -> FixResult:
        """The best state so far; readable at any moment, also after an error."""
        if self._search is not None:
            return self._search.result(stopped=stopped)
        return FixResult(
            verdict=Verdict.UNCHANGED,
            best=None,
            evidence=None,
            targets=self._targets or tuple(test.node_id for test in self.flaky),
            flaky=self.flaky,
            seconds=self._meter.seconds,
            tokens=TokenUsage(),
            candidates=0,
            stopped=stopped,
            shortfall=(
                "The failing tests are flaky: they also pass on the code as it is."
                if self.flaky and not self._targets
                else "It ended before the first candidate."
            ),
        )

    async def run(self) -> FixResult:
        """Localise, then search, both under the budget. The model loads meanwhile.

        Raises SandboxError or TestRunError where the sandbox is gone.
        """
        self._emit(
            FixStarted(
                self._targets,
                self._meter.budget,
                tuple(p.name for p in self._proposers),
                self._models.names if self._models else "",
                self._strategy.name,
            )
        )
        starting = asyncio.create_task(self._start_model())
        seeker = self._make_seeker()
        try:
            try:
                async with asyncio.timeout(self._meter.seconds_left):
                    runner = await self._workspace.runner()
                    traced = await self._trace(runner)
                    await self._drop_flaky(runner, traced.report)
                    if not self._targets:
                        return self.result()
                    task = await self._with_nearby(await self._make_task(traced))
                    places = [(f.path, f.function) for f in focuses(task, MOST_FOCUSES) if f.function]
                    task = replace(task, facts=await seeker.look(places))
            except TimeoutError:
                return self.result()
            self.coverage = traced.coverage
            task = replace(task, record=self._recorder(runner))
            self._search = self._make_search(task, runner, starting)
            return await self._search.run()
        finally:
            starting.cancel()
            await asyncio.gather(starting, seeker.close(), return_exceptions=True)

    def _make_seeker(self) -> Seeker:
        """Reads symbols from now on; not where no model is asked, for nobody else wants to know."""
        workspace = self._workspace
        repository = workspace.repository.info.path
        seeker = Seeker(workspace.indexes, repository, workspace.copy, self._is_locked)
        if self._models is not None:
            frames = (frame.path for result in self._baseline.results for frame in result.frames)
            seeker.begin({*(node_id.split("::", 1)[0] for node_id in self._targets), *frames})
        return seeker

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
        """Emit, but the same trouble once: a model that is not there fails every proposer alike."""
        if isinstance(body, TroubleRaised):
            if body.sentence in self._told:
                return
            self._told.add(body.sentence)
        self._emit(body)

    async def _trace(self, runner: TestRunner) -> RunOutcome:
        return await trace(
            runner,
            self._baseline,
            self._targets,
            self._workspace.run_limits,
            self._meter.seconds_left * TRACE_SHARE,
        )

    async def _drop_flaky(self, runner: TestRunner, traced: TestReport) -> None:
        """A test that also passes without any patch cannot prove one."""
        self.flaky = await unsteady(
            runner,
            self._baseline,
            self._targets,
            traced,
            self._workspace.run_limits,
            self._meter.seconds_left * TRACE_SHARE,
        )
        unsteady_ones = {test.node_id for test in self.flaky}
        self._targets = tuple(n for n in self._targets if n not in unsteady_ones)
        for test in self.flaky[:MOST_NOTICES]:
            self._emit(Noticed(test.sentence))

    async def _make_task(self, traced: RunOutcome) -> FixTask:
        language = self._workspace.language
        failures = self._failures(traced.report)
        readable = self._localiser.sources()
        ranked = await self._localiser.rank(failures, self._targets, traced, self._is_locked)
        suspects = with_wanted(ranked, self._wanted, readable)
        # An import that fails is no suspect: no line of it was run. Its file may be edited all the same.
        framed = {frame.path for failure in failures for frame in failure.frames}
        named = {suspect.path for suspect in suspects}
        named |= {path for path in framed if path in readable and not self._is_locked(path)}
        test_files = {failure.node_id.split("::", 1)[0] for failure in failures}
        return FixTask(
            targets=self._targets,
            baseline=self._baseline,
            suspects=suspects,
            sources={path: readable[path] for path in sorted(named)},
            tests={path: readable[path] for path in sorted(test_files) if path in readable},
            failures=failures,
            language=language,
            profile=self._profile,
            versions=traced.versions,
            repository=readable,
            requirements=self._requirements,
            refused=self._refused,
        )

    def _failures(self, traced: TestReport) -> tuple[TestResult, ...]:
        """The targets' baseline results, with the values that the traced run saw in their frames."""
        by_id = self._baseline.by_id()
        failures = [by_id[node_id] for node_id in self._targets if node_id in by_id]
        seen = with_values(failures, traced.by_id(), self._emit.redact)
        if told := tuple(one for one in seen if any(frame.values for frame in one.frames)):
            self._emit(FailuresTraced(told))
        return seen

    async def _with_nearby(self, task: FixTask) -> FixTask:
        """The task with what the embedding model finds; as it is where there is none, or it fails."""
        embedder = self._models.embedder if self._models else None
        if embedder is None or not task.language.is_python:
            return task
        try:
            async with asyncio.timeout(self._meter.seconds_left * TRACE_SHARE):
                return replace(task, nearby=await find_nearby(embedder, self._meter, task))
        except ModelError as error:
            self._tell(TroubleRaised(error.code, error.sentence, error.remedies, error.details))
        except TimeoutError:
            log.info("the embedding model took too long")
        return task

    def _recorder(self, runner: TestRunner, base: Mapping[RelPath, str] = NO_EDITS) -> StepRecorder:
        """``base`` are the edits of the candidate that is worked on."""

        def build(edits: Mapping[RelPath, str]) -> Patch:
            return patch_from_edits({**base, **edits}, self._workspace.copy.find)

        limits = candidate_limits(self._baseline, self._workspace.run_limits)[0]
        return StepRecorder(runner, limits, build, self._emit.redact)

    def _make_search(self, task: FixTask, runner: TestRunner, starting: asyncio.Task[None]) -> Search:
        verifier = Verifier(
            runner,
            self._baseline,
            self._targets,
            self._workspace.run_limits,
            self._is_locked,
            coverage=self.coverage,
            flaky=self.flaky,
            powers=self._workspace.language.powers,
        )
        copy = self._workspace.copy

        def build(draft: Draft) -> Patch:
            return patch_from_edits(draft.edits, copy.find)

        limits = candidate_limits(self._baseline, self._workspace.run_limits)[0]
        asking = [proposer.name for proposer in self._proposers if proposer.needs_model]
        gains = Gains(load_priors(), asking, self._settings.seed)
        door = None
        if self._models is not None:
            door = ModelDoor(self._models, self._meter, self._emit, starting, self._strategy, gains)
        return Search(
            task=task,
            proposers=self._proposers,
            verifier=verifier,
            meter=self._meter,
            ask=door,
            build_patch=build,
            key_of=lambda draft: normalised_key(draft.edits, task.sources),
            emit=self._tell,
            workers=self._settings.workers,
            first_id=self._first_id,
            strategy=self._strategy,
            gains=gains,
            rebase=lambda tried: self._rebase(task, runner, tried),
            agree=self._agreement(runner, task, limits),
            compared=lambda: self._compared(task),
            veto=lambda _, patch: self._veto(patch),
        )

    def _agreement(self, runner: TestRunner, task: FixTask, limits: RunLimits) -> Agreement | None:
        """``None`` where the tests alone are to choose, or nobody can ask."""
        if not self._settings.second_judge or not task.language.is_python:
            return None

        async def examples(function: Function) -> Sequence[str]:
            asking = self._asking
            return await asking.examples(function, task, self._workspace.copy) if asking else ()

        return Agreement(runner, task, limits, examples)

    async def _compared(self, task: FixTask) -> None:
        if self._asking is not None and self._search is not None:
            await self._asking.compared(self._search, task, self._workspace.copy)

    async def _rebase(self, task: FixTask, runner: TestRunner, tried: Tried) -> FixTask | None:
        """The task that a candidate leaves: the targets that are still red, in its code, with suspects
        by a traced run of its own; ``None`` where that shows harm, which its target tests did not."""
        evidence = tried.evidence
        if evidence is None or not evidence.remaining:
            return None
        left = tuple(result.node_id for result in evidence.remaining)
        outcome = await trace_candidate(
            runner,
            self._baseline,
            evidence,
            overlay(tried.patch),
            self._workspace.run_limits,
            self._meter.seconds_left * TRACE_SHARE,
        )
        if harms(self._baseline, outcome.report):
            return None
        readable = Edited(self._localiser.sources(), tried.edits)
        suspects = await self._localiser.rank_in(
            readable, evidence.remaining, left, outcome, self._is_locked
        )
        named = {suspect.path for suspect in suspects} | set(task.sources)
        return replace(
            task,
            targets=left,
            suspects=suspects,
            sources={path: readable[path] for path in sorted(named) if path in readable},
            failures=with_values(evidence.remaining, outcome.report.by_id(), self._emit.redact),
            record=self._recorder(runner, tried.edits),
        )
