"""One opened repository, with everything that belongs to it and ends with it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

from core.ledger.store import LedgerStore
from core.remark.store import RefusalStore
from core.repo.accept import AcceptJournal
from core.session.asking import Asking
from core.session.committing import Committing
from core.session.emitter import Emitter
from core.session.evidence import EvidenceDesk
from core.session.localising import Localiser
from core.session.models_in_use import ModelsInUse
from core.session.proving import Proving
from core.session.refusing import Refusals
from core.session.remarking import Remarking
from core.session.requesting import Hands, Requesting
from core.session.requirements import Requirements
from core.session.review import Results, Review
from core.session.rounds import Rounds
from core.session.services import Services, SessionSettings
from core.session.workspace import Workspace
from core.types import Budget, CodePlace, FixResult, NodeId, TestReport


@dataclass(frozen=True, slots=True)
class Work:
    """What the parts of an opened repository ask of their session."""

    run_tests: Callable[[], Awaitable[TestReport]]
    fix: Callable[[tuple[NodeId, ...], Budget, Sequence[CodePlace]], Awaitable[FixResult]]
    prove: Callable[[FixResult, Budget], Awaitable[None]]
    settings: Callable[[], SessionSettings]


class Opened:
    """``results`` is shared with the session, which fills it; ``evidence`` lives longer than this."""

    def __init__(
        self,
        workspace: Workspace,
        results: Results,
        services: Services,
        models: ModelsInUse,
        evidence: EvidenceDesk,
        work: Work,
        emit: Emitter,
    ) -> None:
        root, data, cost = workspace.repository.root, services.data, services.cost
        self.workspace = workspace
        self.accepts = AcceptJournal(data / "accepts", root)
        self.review = Review(workspace, self.accepts, results, emit)
        self.proving = Proving(workspace, results, self.review, emit)
        self.committing = Committing(workspace, self.accepts, evidence, emit)
        self.localiser = Localiser(workspace, emit)
        self.requirements = requirements = Requirements(LedgerStore(data / "ledgers"), root, emit)
        self.asking = Asking(data, root, emit, lambda: requirements.ledger)
        self.requesting = Requesting(
            workspace,
            requirements,
            self.asking.questions,
            results,
            emit,
            Hands(work.run_tests, work.fix, models.if_any, cost),
        )
        self._refusals = Refusals(RefusalStore(data / "refused"), root, emit)
        self.rounds = Rounds(
            workspace=workspace,
            results=results,
            review=self.review,
            refusals=self._refusals,
            remarking=Remarking(workspace, results, self._refusals, models.if_any, cost, emit),
            models=models.if_any,
            profile=models.profile,
            settings=work.settings,
            cost=cost,
            fix=lambda tests, budget: work.fix(tests, budget, ()),
            prove=work.prove,
            emit=emit,
        )

    async def read(self) -> None:
        """Take in what was kept of the repository: requirements, questions, refusals."""
        await self.requirements.open()
        self.asking.questions.reopen()
        await self._refusals.open()

    async def close(self) -> None:
        """End every process, remove the private copy, and write what waits. Idempotent."""
        async with AsyncExitStack() as closing:
            closing.push_async_callback(self.requirements.close)
            closing.push_async_callback(self.workspace.close)
