"""Review in rounds: remarks and refusals come in, a search that heeds them follows."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace

from core.commands import AllowHunk, CorrectRemark, DropRemark, Refine, RefuseHunk, Remark
from core.errors import UsageError
from core.events import FixFinished
from core.ledger.ledger import MOST_CHARACTERS, Ledger
from core.models.grading import ModelProfile
from core.models.roles import ModelRoles
from core.remark.orders import Order
from core.remark.pinned import Pin, broken_pin, pins_of
from core.search.meter import CostOf
from core.session.emitter import Emitter
from core.session.refining import Refining
from core.session.refusing import Refusals
from core.session.remarking import Remarking, needs_model
from core.session.review import Results, Review
from core.session.services import SessionSettings
from core.session.workspace import Workspace
from core.types import (
    Budget,
    FixResult,
    HunkId,
    NodeId,
    Patch,
    Refusal,
    Remedy,
    RequirementSource,
    Verdict,
)

Fix = Callable[[tuple[NodeId, ...], Budget], Awaitable[FixResult]]
Prove = Callable[[FixResult, Budget], Awaitable[None]]

_NEEDS_MODEL = (
    "No model takes part, and without one only remarks to the letter can be carried out, such as "
    "“rename x to y”, “use >= instead of >”, “remove this line” or “do not change this file”."
)


class Rounds:
    """Belongs to one opened repository. ``results`` is shared with the session."""

    def __init__(
        self,
        workspace: Workspace,
        results: Results,
        review: Review,
        refusals: Refusals,
        remarking: Remarking,
        models: Callable[[], Awaitable[ModelRoles | None]],
        profile: Callable[[], Awaitable[ModelProfile]],
        settings: Callable[[], SessionSettings],
        cost: CostOf,
        fix: Fix,
        prove: Prove,
        emit: Emitter,
    ) -> None:
        """``fix`` searches from the source, for a round without a remark; ``prove`` looks at what a round
        has found."""
        self._workspace = workspace
        self._results = results
        self._review = review
        self._refusals = refusals
        self._remarking = remarking
        self._models = models
        self._profile = profile
        self._settings = settings
        self._cost = cost
        self._fix = fix
        self._prove = prove
        self._emit = emit
        self._pins: tuple[Pin, ...] = ()
        """Of a round without a remark, while it runs."""

    @property
    def remarking(self) -> Remarking:
        return self._remarking

    @property
    def refusals(self) -> tuple[Refusal, ...]:
        return self._refusals.all

    def against(self, targets: tuple[NodeId, ...]) -> tuple[Refusal, ...]:
        """The refusals that count for these targets."""
        return self._refusals.against(targets)

    def veto(self, patch: Patch, targets: tuple[NodeId, ...]) -> str:
        """Why a patch must not be proposed for these targets, as a clause; empty where it may be."""
        if broken_pin(patch, self._pins) is not None:
            return "it changes a hunk that you keep"
        return self._refusals.veto(patch, targets)

    async def take(
        self,
        command: Remark | CorrectRemark | DropRemark | RefuseHunk | AllowHunk,
    ) -> None:
        """Raises UsageError."""
        match command:
            case Remark(candidate, place, text):
                await self._remarking.remark(candidate, place, text)
            case CorrectRemark(remark, reading):
                self._remarking.correct(remark, reading)
            case DropRemark(remark):
                self._remarking.drop(remark)
            case RefuseHunk(number, hunk, reason):
                found = self._results.candidates.get(number)
                if found is None:
                    raise UsageError(
                        "candidate.unknown", f"Candidate {number} belongs to an earlier run of the tests."
                    )
                await self._refusals.refuse(found, hunk, reason, self._results.targets)
            case AllowHunk(refusal):
                await self._refusals.allow(refusal)

    async def refine(self, command: Refine, ledger: Ledger) -> FixResult:
        """Search anew as the remarks on a candidate ask; without any, for something else in the place of
        what was refused. Raises GreenbarError; a remark that cannot be carried out is a UsageError."""
        candidate, kept = command.candidate, command.kept
        if not self._remarking.on(candidate) and self.against(self._results.targets):
            return await self._fix_again(candidate, kept, command.budget)
        start, orders = self._remarking.orders(candidate, kept)
        found = self._results.candidates[candidate]
        models = await self._models()
        if models is None and needs_model(start, orders):
            raise UsageError(
                "remark.needs_model",
                _NEEDS_MODEL,
                (Remedy("Download the embedded model", action="download_model"),),
            )
        requirements = ledger.texts
        for order in orders:
            _note(ledger, order)
        remarks = tuple(one.id for one in self._remarking.on(candidate))
        round_ = Refining(
            workspace=self._workspace,
            results=self._results,
            candidate=candidate,
            remarks=remarks,
            orders=orders,
            start=start,
            pins=pins_of(found.patch, kept),
            veto=lambda patch: self.veto(patch, self._results.targets),
            refused=self.against(self._results.targets),
            requirements=requirements,
            models=models,
            profile=await self._profile(),
            budget=command.budget,
            cost=self._cost,
            settings=self._settings(),
            emit=self._emit,
        )
        try:
            result = await round_.run()
        except BaseException as error:
            if round_.search is not None:
                stopped = isinstance(error, asyncio.CancelledError)
                self._finish(round_, candidate, round_.search.result(stopped=stopped))
            raise
        result = self._finish(round_, candidate, result)
        await self._prove(result, command.budget)
        return result

    async def _fix_again(self, candidate: int, kept: tuple[HunkId, ...], budget: Budget) -> FixResult:
        """For something else in the place of what was refused."""
        found = self._results.candidates.get(candidate)
        self._pins = pins_of(found.patch, kept) if found is not None else ()
        try:
            return await self._fix(self._results.targets, budget)
        finally:
            self._pins = ()

    def _finish(self, round_: Refining, candidate: int, result: FixResult) -> FixResult:
        """Take the round's candidates in; where none is better the one that it began with stands."""
        assert round_.search is not None, "it was run"
        results, search = self._results, round_.search
        results.candidates.update(search.candidates)
        results.tried.update(search.evidence)
        results.last_candidate = max((results.last_candidate, *search.candidates))
        if result.verdict is not Verdict.GREEN and (self._is_green(candidate) or result.best is None):
            sentence = f"{result.shortfall} Candidate {candidate} stands as it was."
            result = replace(
                result, verdict=Verdict.UNCHANGED, best=None, evidence=None, shortfall=sentence
            )
        self._emit(FixFinished(result))
        if result.best is None:
            self._review.show(candidate)
            return result
        self._review.show(result.best.id)
        if result.verdict is Verdict.GREEN:
            self._remarking.settle(candidate)
        return result

    def _is_green(self, candidate: int) -> bool:
        tried = self._results.tried.get(candidate)
        evidence = tried.evidence if tried else None
        return evidence is not None and evidence.comparison.verdict is Verdict.GREEN


def _note(ledger: Ledger, order: Order) -> None:
    """A remark is a requirement from now on."""
    with suppress(UsageError):  # of a full ledger; the round carries the remark all the same
        ledger.add(order.line[:MOST_CHARACTERS], RequirementSource.REMARK)
