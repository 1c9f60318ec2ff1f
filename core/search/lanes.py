"""Lanes: proposers at work side by side, each on one base, whose ideas wait for a verifier.

A lane is held back while its ideas wait, so a lazy generator is asked for no more than can be
verified. A base is the source, or a promising candidate; what is proposed on one becomes a draft
against the source here, so proposers need not know of it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace

from core.errors import ModelError
from core.events import Body, Noticed, TroubleRaised
from core.search.bandit import Arm, Gains
from core.search.base import AskModel, BudgetExhausted, Draft, FixTask, Proposer, TriedSoFar
from core.search.door import LAST_ASKED
from core.search.strategy import Strategy
from core.search.tree import Node

log = logging.getLogger("greenbar.search")

QUEUED_PER_PROPOSER = 2


@dataclass(slots=True)
class Lane:
    """One proposer's ideas on one base, on their way to the verifiers."""

    proposer: Proposer
    task: FixTask
    tried: TriedSoFar
    base: Node | None
    arm: Arm
    stage: int
    most: int
    """Drafts that it may have; 0: any number."""
    drafts: asyncio.Queue[Draft] = field(default_factory=lambda: asyncio.Queue(QUEUED_PER_PROPOSER))
    work: asyncio.Task[None] | None = None
    left: bool = False
    behind: bool = False
    """Whether there has been news since a follower began."""

    @property
    def follows(self) -> bool:
        """Whether its ideas come of what others have tried; then it is asked anew when that grows."""
        return getattr(self.proposer, "follows", False)

    @property
    def proposing(self) -> bool:
        return self.work is not None and not self.work.done()

    def from_source(self, draft: Draft) -> Draft:
        """A draft of this lane as one against the source."""
        if self.base is None:
            return draft
        edits = {**self.base.tried.edits, **draft.edits}
        parent = self.base.candidate if draft.parent is None else draft.parent
        return replace(draft, edits=edits, parent=parent)


class Lanes:
    """All lanes of one search. ``news`` is told whenever an idea waits or a lane has ended."""

    def __init__(
        self,
        strategy: Strategy,
        gains: Gains,
        ask: AskModel | None,
        news: Callable[[], None],
        emit: Callable[[Body], None],
    ) -> None:
        self._strategy = strategy
        self._gains = gains
        self._ask = ask
        self._news = news
        self._emit = emit
        self._lanes: list[Lane] = []
        self._stopped = False

    def open(
        self,
        proposers: Sequence[Proposer],
        task: FixTask,
        tried: TriedSoFar,
        base: Node | None = None,
        promise: float = 0.0,
    ) -> None:
        """Let these proposers work on ``base``, of which ``promise`` of the task is done; those of the
        first stage begin at once."""
        for proposer in proposers:
            part = self._strategy.part(proposer.name)
            arm = self._gains.arm(proposer.name, promise)
            stage = part.stage if base is None else 1
            self._lanes.append(Lane(proposer, task, tried, base, arm, stage, part.drafts))
        self._begin(min((lane.stage for lane in self._unbegun()), default=1))

    def next_stage(self) -> bool:
        """Begin the next stage; False where there is none."""
        stages = [lane.stage for lane in self._unbegun()]
        if stages:
            self._begin(min(stages))
        return bool(stages)

    def follow(self) -> None:
        """Ask the followers anew: a candidate has done something that may be built upon."""
        for lane in self._lanes:
            if lane.follows and lane.work is not None and not lane.left:
                if lane.proposing:
                    lane.behind = True
                else:
                    self._start(lane)

    def close(self, base: Node) -> None:
        """Leave a base, and all that came from it."""
        for lane in self._lanes:
            if lane.base is not None and lane.base.comes_from(base):
                lane.left = True
                if lane.work is not None:
                    lane.work.cancel()

    def stop(self) -> None:
        """No more ideas."""
        self._stopped = True
        for task in self.tasks():
            task.cancel()

    def tasks(self) -> list[asyncio.Task[None]]:
        return [lane.work for lane in self._lanes if lane.work is not None]

    @property
    def proposing(self) -> bool:
        return any(lane.proposing for lane in self._lanes)

    @property
    def waiting(self) -> bool:
        """Whether there is a draft to take."""
        return any(not lane.left and not lane.drafts.empty() for lane in self._lanes)

    def take(self) -> tuple[Lane, Draft] | None:
        """The next draft to verify. A model's come first: they are few, each has cost seconds, and the
        model stands still while they wait. Among the rest the expected gain decides."""
        waiting = [lane for lane in self._lanes if not lane.left and not lane.drafts.empty()]
        if not waiting:
            return None
        asking = [lane for lane in waiting if lane.proposer.needs_model]
        among = asking or waiting
        lane = among[self._gains.best([lane.arm for lane in among])]
        return lane, lane.drafts.get_nowait()

    def _unbegun(self) -> Iterator[Lane]:
        return (lane for lane in self._lanes if lane.work is None and not lane.left)

    def _begin(self, stage: int) -> None:
        for lane in list(self._unbegun()):
            if lane.stage == stage:
                self._start(lane)

    def _start(self, lane: Lane) -> None:
        lane.behind = False
        lane.work = asyncio.create_task(self._propose(lane))
        lane.work.add_done_callback(lambda work: self._ended(lane, work))

    def _ended(self, lane: Lane, work: asyncio.Task[None]) -> None:
        if lane.behind and not (work.cancelled() or lane.left or self._stopped):
            self._start(lane)
        self._news()

    async def _propose(self, lane: Lane) -> None:
        proposer, made = lane.proposer, 0
        try:
            ideas = proposer.propose(lane.task, lane.tried, self._ask)
            async with aclosing(ideas) as drafts:  # type: ignore[type-var]
                async for draft in drafts:
                    await lane.drafts.put(replace(draft, request=LAST_ASKED.get()))
                    self._news()
                    made += 1
                    if made == lane.most:
                        break
        except BudgetExhausted:
            log.info("%s: the budget allows no further call", proposer.name)
        except ModelError as error:
            self._emit(TroubleRaised(error.code, error.sentence, error.remedies, error.details))
        except Exception:
            # The boundary of a task: a proposer's fault must not take the search with it.
            log.exception("proposer %s failed", proposer.name)
            self._emit(Noticed(f"The proposer {proposer.name} failed; the others go on."))
