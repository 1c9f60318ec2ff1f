"""The budgeted search: proposers have ideas, a few verifiers judge them, the best state is kept.

One candidate tree (:mod:`core.search.tree`) serves every strategy: proposers work on the source and on
the few most promising candidates, side by side (:mod:`core.search.lanes`). Who is verified next, and
who asks the model how often, follows from what each has gained for its cost
(:mod:`core.search.bandit`). Model-free ideas are verified while the model thinks.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Final

from core.errors import GreenbarError, PatchError
from core.events import Body, BudgetSpent, CandidateProposed, CandidateVerified
from core.repo.patch import outline
from core.search.bandit import Arm, Gains, load_priors
from core.search.base import AskModel, Draft, FixTask, Proposer, Tried
from core.search.branches import Branches, Rebase
from core.search.ending import FEW_TESTS, Ending
from core.search.lanes import Lane, Lanes
from core.search.meter import Meter
from core.search.patience import Patience
from core.search.ranking import Agree, Ranking
from core.search.select.asked import Held
from core.search.select.merit import passes
from core.search.strategy import PLAIN, Strategy
from core.search.tree import Tree
from core.search.verifier import Verifier
from core.types import Candidate, FixResult, Patch, RelPath, Verdict

log = logging.getLogger("greenbar.search")

SHOWN_LINES: Final = 24
"""Of a candidate's patch in its event; the whole is shown when it is asked for."""

TICK_SECONDS = 0.25
COMPARE_AHEAD: Final = 3.0
"""Seconds that a search has to have left for those that pass to be compared before its end."""
SETTLE_SECONDS: Final = 1.5
"""How long candidates that are being verified may still finish when the search has found enough."""

BuildPatch = Callable[[Draft], Patch]
"""From a draft's whole texts to a patch in the files' own encodings and newlines."""
KeyOf = Callable[[Draft], str]
"""The normalised form under which drafts count as the same idea."""
Veto = Callable[[Draft, Patch], str]
"""Why a draft is not verified, as a clause (``it holds a hunk that you refused``); empty where it is."""


def _allow(draft: Draft, patch: Patch) -> str:
    return ""


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
        strategy: Strategy = PLAIN,
        gains: Gains | None = None,
        rebase: Rebase | None = None,
        agree: Agree | None = None,
        compared: Callable[[], Awaitable[None]] | None = None,
        veto: Veto = _allow,
    ) -> None:
        """``gains`` is the book that the door to the model writes in, too. Without ``rebase`` the
        source is all that is worked on. ``compared`` is told whenever those that pass have been compared
        with each other."""
        self._task = task
        self._proposers = proposers
        self._verifier = verifier
        self._meter = meter
        self._build_patch = build_patch
        self._key_of = key_of
        self._emit = emit
        self._workers = workers
        self._next_id = first_id
        self._agree = agree
        self._compared = compared
        self._comparing: asyncio.Task[None] | None = None
        self._veto = veto
        self._vetoed: Counter[str] = Counter()
        self._gains = gains or Gains(load_priors())
        self._tree = Tree(len(task.targets), strategy.branching, strategy.depth)
        self._lanes = Lanes(strategy, self._gains, ask, self._tell_news, emit)
        few_tests = agree is not None and _tests_beside(task) < FEW_TESTS
        self._ending = Ending(strategy.stop, meter.seconds, few_tests=few_tests)
        self._news = asyncio.Event()
        self._turn = asyncio.Event()
        """Set where the moment of the end may have changed."""
        self._over = False
        self._failure: GreenbarError | None = None
        self._serving = workers
        self._verifying = 0
        self._patience = Patience(verifier.hurry_seconds, verifier.usual_seconds)
        # What changes no syntax tree is the same idea as doing nothing.
        self._keys: set[str] = {key_of(Draft("", {}))}
        self._arms: dict[int, Arm] = {}
        self.ranking = Ranking(task.targets, tuple(task.tests.values()))
        expanding = [p for p in proposers if strategy.part(p.name).expand]
        self._branches = Branches(
            expanding, self._tree, self._lanes, self.ranking, rebase, self._tell_news
        )
        self.tried = self.ranking.tried
        """Everything verified so far, best first."""
        self.candidates: dict[int, Candidate] = {}
        """Every candidate by its number; stays readable after the search."""
        self.evidence: dict[int, Tried] = {}

    async def run(self) -> FixResult:
        """Search until enough is found, the end of ideas, or the end of the budget.

        Cancelling the task stops at once; :meth:`result` then tells the best state so far. So it
        does where SandboxError or TestRunError is raised, for a sandbox that is gone.
        """
        self._lanes.open(self._proposers, self._task, self.tried)
        verifying = [asyncio.create_task(self._verify_drafts()) for _ in range(self._workers)]
        ticking = asyncio.create_task(self._tick())
        try:
            await self._until_the_end()
            if self._ending.found:
                self._over = True
                self._lanes.stop()
                self._tell_news()
                await asyncio.wait(verifying, timeout=min(SETTLE_SECONDS, self._meter.seconds_left))
                if self._comparing is not None:
                    self._comparing.cancel()
                if self._agree is not None:
                    await self._compare(self._agree)
        finally:
            self._lanes.stop()
            everything = [*self._lanes.tasks(), *verifying, *self._branches.opening, ticking]
            everything += [self._comparing] if self._comparing else []
            for task in everything:
                task.cancel()
            await asyncio.gather(*everything, return_exceptions=True)
            self._report_budget()
        if self._failure is not None and not self._ending.found:
            raise self._failure
        return self.result()

    @property
    def _end(self) -> float:
        """When the search has to end as things are, in seconds of its budget."""
        return min(self._meter.budget.seconds, self._ending.at)

    async def _until_the_end(self) -> None:
        """Wait until the search has ended by itself, or has to be ended."""
        while self._serving and self._failure is None:
            left = self._end - self._meter.seconds
            if left <= 0:
                return
            self._turn.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await self._turn.wait()

    def hold(self, held: Sequence[Held]) -> None:
        """What the user has answered that examples have to give; the best may be another one for it."""
        if self.ranking.hold(held):
            best = self.ranking.best
            assert best is not None, "another is the best now"
            assert best.evidence is not None, "it was verified"
            self._emit(CandidateVerified(best.evidence, True))

    async def _compare(self, agree: Agree) -> None:
        before = self.ranking.best
        await self.ranking.compare(agree, self._meter.seconds_left)
        best = self.ranking.best
        if best is not before and best is not None and best.evidence is not None and not self._over:
            self._emit(CandidateVerified(best.evidence, True))
        if self._compared is None:
            return
        try:
            await self._compared()
        except Exception:
            # The boundary of a task: those that pass do so, whoever wants to know how they differ.
            log.exception("what was compared could not be told")

    def _compare_soon(self) -> None:
        """Compare those that pass while the search goes on, where it does for long enough."""
        going = self._end - self._meter.seconds
        busy = self._comparing is not None and not self._comparing.done()
        if self._agree is None or busy or going < COMPARE_AHEAD or len(self.ranking.passing) < 2:
            return
        self._comparing = asyncio.create_task(self._compare(self._agree))

    def result(self, *, stopped: bool = False) -> FixResult:
        """The state of the search as a result."""
        best = self.ranking.best
        evidence = best.evidence if best else None
        verdict = evidence.comparison.verdict if evidence else Verdict.UNCHANGED
        if verdict is Verdict.GREEN and evidence and not passes(evidence):
            verdict = Verdict.IMPROVED
        return FixResult(
            verdict=verdict,
            best=self.candidates[best.candidate] if best else None,
            evidence=evidence,
            targets=self._task.targets,
            seconds=self._meter.seconds,
            tokens=self._meter.tokens,
            candidates=len(self.evidence),
            stopped=stopped,
            roles=self._meter.roles,
            proposers=self._gains.usage(),
            choice=self.ranking.choice,
            shortfall="" if verdict is Verdict.GREEN else self._shortfall(),
        )

    def _shortfall(self) -> str:
        left_out = (f"Left out because {reason}: {n}." for reason, n in self._vetoed.items())
        return " ".join([self.ranking.shortfall(), *left_out])

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
                    log.exception("verifying a draft failed")
                finally:
                    self._verifying -= 1
                    self._tell_news()
        finally:
            self._serving -= 1
            self._turn.set()

    async def _next(self) -> Callable[[], Awaitable[None]] | None:
        """Verifying the next draft, or a candidate that was cut short; ``None`` when there will be no
        more.

        While others verify, more may come: a refining proposer waits for their evidence.
        """
        while not self._over and self._meter.seconds < self._end:
            again = self._patience.next(idle=not self._lanes.waiting)
            if again is not None:
                self._verifying += 1
                return partial(self._judge, again[0], self.evidence[again[0].id].edits, again[1])
            if (taken := self._lanes.take()) is not None:
                self._verifying += 1
                return partial(self._consider, *taken)
            busy = self._lanes.proposing or self._verifying or self._branches.opening
            if not busy and not self._lanes.next_stage():
                return None
            self._news.clear()
            await self._news.wait()
        return None

    def _tell_news(self) -> None:
        self._news.set()

    async def _consider(self, lane: Lane, draft: Draft) -> None:
        draft = lane.from_source(draft)
        try:
            patch = self._build_patch(draft)
        except (PatchError, UnicodeEncodeError) as error:
            log.info("%s: %s", lane.proposer.name, error)
            return
        key = self._key_of(draft)
        if key in self._keys or not patch.changes:
            return
        self._keys.add(key)
        if reason := self._veto(draft, patch):
            log.info("%s: left out because %s", lane.proposer.name, reason)
            self._vetoed[reason] += 1
            return
        candidate = self._announce(lane, draft, patch)
        self._arms[candidate.id] = lane.arm
        await self._judge(candidate, draft.edits, self._patience.limit(candidate))

    async def _judge(self, candidate: Candidate, edits: Mapping[RelPath, str], limit: float) -> None:
        """Verify, for the first time or again with a longer ``limit``, and take what it showed."""
        evidence = await self._verifier.verify(candidate, limit)
        self._patience.note(candidate, evidence, limit)
        tried = Tried(candidate.id, candidate.patch, edits, evidence)
        self.evidence[candidate.id] = tried
        is_best = await self.ranking.take(candidate, tried)
        doubtful = self.ranking.looks_made_for_tests(candidate.id)
        node = self._tree.add(tried, evidence, candidate.parent, doubtful=doubtful)
        self._gains.verified(self._arms[candidate.id], node.gain, evidence.seconds)
        self._emit(CandidateVerified(evidence, is_best))
        self._ending.verified()
        if passes(evidence):
            self._ending.passed(self._meter.seconds, trusted=not doubtful)
            if self._ending.looks_on:
                self._lanes.follow()
            self._compare_soon()
        elif is_best:
            self._ending.progressed(self._meter.seconds)
        self._turn.set()
        if not self._ending.found:
            self._branches.grow(node)
            if evidence.comparison.fixed:
                self._lanes.follow()

    def _announce(self, lane: Lane, draft: Draft, patch: Patch) -> Candidate:
        candidate = Candidate(
            self._next_id, lane.proposer.name, draft.title, patch, draft.parent, draft.tokens
        )
        self._next_id += 1
        self.candidates[candidate.id] = candidate
        added, removed, shown = outline(patch, SHOWN_LINES)
        self._emit(
            CandidateProposed(
                candidate.id,
                candidate.proposer,
                candidate.title,
                patch.paths,
                added,
                removed,
                candidate.parent,
                draft.request,
                shown,
            )
        )
        return candidate

    # --- telling -------------------------------------------------------------------------------

    async def _tick(self) -> None:
        while True:
            self._report_budget()
            await asyncio.sleep(TICK_SECONDS)

    def _report_budget(self) -> None:
        meter = self._meter
        done = len(self.evidence)
        self._emit(BudgetSpent(meter.seconds, meter.tokens, meter.budget, done, meter.roles))


def _tests_beside(task: FixTask) -> int:
    """The targets, and the tests in their files."""
    files = {target.split("::", 1)[0] for target in task.targets}
    return sum(result.node_id.split("::", 1)[0] in files for result in task.baseline.results)
