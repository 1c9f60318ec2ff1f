"""The budgeted search: proposers have ideas, a few verifiers judge them, the best state is kept.

Proposers run side by side, each a task that is held back while its ideas wait, so a lazy generator
is asked for no more than can be verified. Model proposers wait for the model, not for the
verifiers: model-free ideas are verified while the model thinks. A model's drafts are few and cost
seconds each, so they are verified first.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass
from functools import partial

from core.errors import GreenbarError, ModelError, PatchError
from core.events import (
    Body,
    BudgetSpent,
    CandidateProposed,
    CandidateVerified,
    Noticed,
    TroubleRaised,
)
from core.repo.patch import count_lines
from core.search.base import (
    AskModel,
    BudgetExhausted,
    Draft,
    FixTask,
    Proposer,
    Tried,
)
from core.search.meter import Meter
from core.search.patience import Patience
from core.search.selection import merit
from core.search.verifier import Verifier
from core.types import Candidate, FixResult, Patch, RelPath, Rung, Verdict

log = logging.getLogger("greenbar.search")

TICK_SECONDS = 0.25
SETTLE_SECONDS = 1.5
"""After the first green candidate, how long those already running may still finish."""
QUEUED_PER_PROPOSER = 2

BuildPatch = Callable[[Draft], Patch]
"""From a draft's whole texts to a patch in the files' own encodings and newlines."""
KeyOf = Callable[[Draft], str]
"""The normalised form under which drafts count as the same idea."""


@dataclass(slots=True)
class _Lane:
    """One proposer's ideas on their way to the verifiers."""

    proposer: Proposer
    drafts: asyncio.Queue[Draft]


class Search:
    """One search for one task. Use once."""

    def __init__(
        self,
        task: FixTask,
        proposers: Sequence[Proposer],
        verifier: Verifier,
        meter: Meter,
        ask: AskModel | None,
        build_patch: BuildPatch,
        key_of: KeyOf,
        emit: Callable[[Body], None],
        workers: int,
        first_id: int = 1,
    ) -> None:
        self._task = task
        self._verifier = verifier
        self._meter = meter
        self._ask = ask
        self._build_patch = build_patch
        self._key_of = key_of
        self._emit = emit
        self._workers = workers
        self._next_id = first_id
        # Model lanes first: their drafts overtake those that wait.
        ordered = sorted(proposers, key=lambda proposer: not proposer.needs_model)
        self._lanes = [_Lane(proposer, asyncio.Queue(QUEUED_PER_PROPOSER)) for proposer in ordered]
        self._news = asyncio.Event()
        self._over = asyncio.Event()
        """Set by a green candidate, by a sandbox that is gone, and by the last verifier."""
        self._green = False
        self._failure: GreenbarError | None = None
        self._proposing = len(self._lanes)
        self._serving = workers
        self._verifying = 0
        self._patience = Patience(verifier.hurry_seconds, verifier.usual_seconds)
        # What changes no syntax tree is the same idea as doing nothing.
        self._keys: set[str] = {key_of(Draft("", {}))}
        self._tried: list[Tried] = []
        self._best: Candidate | None = None
        self._best_tried: Tried | None = None
        self.candidates: dict[int, Candidate] = {}
        """Every candidate by its number; stays readable after the search."""
        self.evidence: dict[int, Tried] = {}

    async def run(self) -> FixResult:
        """Search until a green candidate, the end of ideas, or the end of the budget.

        Cancelling the task stops at once; :meth:`result` then tells the best state so far. So it
        does where SandboxError or TestRunError is raised, for a sandbox that is gone.
        """
        proposing = [asyncio.create_task(self._propose(lane)) for lane in self._lanes]
        verifying = [asyncio.create_task(self._verify_drafts()) for _ in range(self._workers)]
        ticking = asyncio.create_task(self._tick())
        everything = [*proposing, *verifying, ticking]
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._meter.seconds_left):
                    await self._over.wait()
            if self._green:
                for task in proposing:
                    task.cancel()
                await asyncio.wait(verifying, timeout=min(SETTLE_SECONDS, self._meter.seconds_left))
        finally:
            for task in everything:
                task.cancel()
            await asyncio.gather(*everything, return_exceptions=True)
            self._report_budget()
        if self._failure is not None and not self._green:
            raise self._failure
        return self.result()

    def result(self, *, stopped: bool = False) -> FixResult:
        """The state of the search as a result."""
        best = self._best_tried
        evidence = best.evidence if best else None
        verdict = evidence.comparison.verdict if evidence else Verdict.UNCHANGED
        if verdict is Verdict.GREEN and evidence and evidence.rung is not Rung.SUITE:
            verdict = Verdict.IMPROVED
        return FixResult(
            verdict=verdict,
            best=self._best,
            evidence=evidence,
            targets=self._task.targets,
            seconds=self._meter.seconds,
            tokens=self._meter.tokens,
            candidates=len(self.evidence),
            stopped=stopped,
            roles=self._meter.roles,
            shortfall="" if verdict is Verdict.GREEN else self._shortfall(),
        )

    def tried(self) -> tuple[Tried, ...]:
        """Everything verified so far, best first."""
        return tuple(self._tried)

    # --- proposing -----------------------------------------------------------------------------

    async def _propose(self, lane: _Lane) -> None:
        proposer = lane.proposer
        try:
            ideas = proposer.propose(self._task, self.tried, self._ask)
            async with aclosing(ideas) as drafts:  # type: ignore[type-var]
                async for draft in drafts:
                    await lane.drafts.put(draft)
                    self._news.set()
        except BudgetExhausted:
            log.info("%s: the budget allows no further call", proposer.name)
        except ModelError as error:
            self._emit(TroubleRaised(error.code, error.sentence, error.remedies, error.details))
        except Exception:
            # The boundary of a task: a proposer's fault must not take the search with it.
            log.exception("proposer %s failed", proposer.name)
            self._emit(Noticed(f"The proposer {proposer.name} failed; the others go on."))
        finally:
            self._proposing -= 1
            self._news.set()

    # --- verifying -----------------------------------------------------------------------------

    async def _verify_drafts(self) -> None:
        try:
            while (work := await self._next()) is not None:
                try:
                    await work()
                except GreenbarError as error:
                    self._failure = error
                    break
                except Exception:
                    # The boundary of a task: what one draft sets off must not cost a verifier.
                    log.exception("%s failed", work)
                finally:
                    self._verifying -= 1
                    self._news.set()
        finally:
            self._serving -= 1
            if not self._serving or self._failure is not None:
                self._over.set()

    async def _next(self) -> Callable[[], Awaitable[None]] | None:
        """Verifying the next draft, or a candidate that was cut short; ``None`` when there will be no
        more.

        While others verify, more may come: a refining proposer waits for their evidence.
        """
        while not self._green and not self._meter.spent:
            lane = next((lane for lane in self._lanes if not lane.drafts.empty()), None)
            again = self._patience.next(idle=lane is None)
            if again is not None:
                self._verifying += 1
                return partial(self._judge, again[0], self.evidence[again[0].id].edits, again[1])
            if lane is not None:
                self._verifying += 1
                return partial(self._consider, lane.proposer, lane.drafts.get_nowait())
            if not self._proposing and not self._verifying:
                return None
            self._news.clear()
            await self._news.wait()
        return None

    async def _consider(self, proposer: Proposer, draft: Draft) -> None:
        try:
            patch = self._build_patch(draft)
        except (PatchError, UnicodeEncodeError) as error:
            log.info("%s: %s", proposer.name, error)
            return
        key = self._key_of(draft)
        if key in self._keys or not patch.changes:
            return
        self._keys.add(key)
        candidate = Candidate(
            self._next_id, proposer.name, draft.title, patch, draft.parent, draft.tokens
        )
        self._next_id += 1
        self.candidates[candidate.id] = candidate
        added, removed = count_lines(patch)
        self._emit(
            CandidateProposed(
                candidate.id,
                candidate.proposer,
                candidate.title,
                patch.paths,
                added,
                removed,
                candidate.parent,
            )
        )
        await self._judge(candidate, draft.edits, self._patience.limit(candidate))

    async def _judge(self, candidate: Candidate, edits: Mapping[RelPath, str], limit: float) -> None:
        """Verify, for the first time or again with a longer ``limit``, and take what it showed."""
        evidence = await self._verifier.verify(candidate, limit)
        self._patience.note(candidate, evidence, limit)
        tried = Tried(candidate.id, candidate.patch, edits, evidence)
        self._tried = [known for known in self._tried if known.candidate != candidate.id]
        self.evidence[candidate.id] = tried
        self._tried.append(tried)
        self._tried.sort(key=lambda t: merit(t.evidence, t.patch) if t.evidence else (), reverse=True)
        is_best = self._tried[0] is tried
        if is_best:
            self._best, self._best_tried = candidate, tried
        self._emit(CandidateVerified(evidence, is_best))
        if evidence.comparison.verdict is Verdict.GREEN and evidence.rung is Rung.SUITE:
            self._green = True
            self._over.set()

    # --- telling -------------------------------------------------------------------------------

    async def _tick(self) -> None:
        while True:
            self._report_budget()
            await asyncio.sleep(TICK_SECONDS)

    def _report_budget(self) -> None:
        meter = self._meter
        done = len(self.evidence)
        self._emit(BudgetSpent(meter.seconds, meter.tokens, meter.budget, done, meter.roles))

    def _shortfall(self) -> str:
        best = self._best_tried
        count = len(self._task.targets)
        if best is None or best.evidence is None:
            return "No candidate was verified."
        comparison = best.evidence.comparison
        if comparison.reasons:
            return f"The best candidate is {comparison.verdict}: {comparison.reasons[0]}"
        if comparison.broken:
            return (
                f"The best candidate fixes {len(comparison.fixed)} of {count} "
                f"and breaks {', '.join(comparison.broken[:3])}."
            )
        if comparison.fixed:
            return f"The best candidate fixes {len(comparison.fixed)} of {count} failing tests."
        if len(self.evidence) == 1:
            return "The only candidate made no failing test pass."
        return f"None of {len(self.evidence)} candidates made a failing test pass."
