"""Proof of candidates: part of a fix that ends green, and on demand."""

from __future__ import annotations

import logging
from typing import Final

from core.errors import GreenbarError
from core.events import Proven
from core.proof.prover import Prover
from core.repo.patch import hunk_ids, select_hunks
from core.session.emitter import Emitter
from core.session.review import Results, Review
from core.session.workspace import Workspace
from core.types import Budget, Comparison, FixResult, HunkId, Patch, Proof, Verdict

log = logging.getLogger("greenbar.proof")

SHARE: Final = 0.2
"""Of the budget's seconds, for the proof at the end of a fix."""
MOST_SECONDS: Final = 20.0
"""The same, at most: the user waits for the verdict no longer."""
ASKED_SECONDS: Final = 300.0
"""For a proof that the user has asked for."""


class Proving:
    """Belongs to one opened repository, like :class:`core.session.review.Review`."""

    def __init__(self, workspace: Workspace, results: Results, review: Review, emit: Emitter) -> None:
        self._workspace = workspace
        self._results = results
        self._review = review
        self._emit = emit
        self.following = False
        """A fix has its verdict, and is being proved."""
        self.proofs: dict[int, Proof] = {}
        """Of whole candidates; only those of the newest run of the tests count."""

    async def follow(self, result: FixResult, budget: Budget) -> None:
        """Prove a green result under a share of what its budget has left; never raises GreenbarError and
        changes no verdict."""
        best, evidence = result.best, result.evidence
        if result.verdict is not Verdict.GREEN or best is None or evidence is None:
            return
        seconds = min(SHARE * budget.seconds, MOST_SECONDS, budget.seconds - result.seconds)
        if seconds <= 0:
            return
        self.following = True
        try:
            await self._prove(
                best.id, self._review.whole(best.patch), evidence.comparison, seconds, whole=True
            )
        except GreenbarError as error:
            # The verdict stands without it.
            log.warning("no proof: %s", error.sentence)
        finally:
            self.following = False

    async def prove(self, candidate: int, hunks: tuple[HunkId, ...] | None = None) -> Proof:
        """Prove a candidate, or a choice of its hunks, which is verified first; announces ``Proven``.

        Raises UsageError for a candidate of an earlier run, SandboxError, TestRunError.
        """
        found = self._review.whole(self._review.candidate(candidate).patch)
        whole = hunks is None or set(hunks) == set(hunk_ids(self._review.lanes(found)[0]))
        tried = self._results.tried.get(candidate)
        if whole and tried is not None and tried.evidence is not None:
            patch, comparison = found, tried.evidence.comparison
        else:
            chosen = hunk_ids(found) if hunks is None else hunks
            patch = select_hunks(found, frozenset(chosen))
            comparison = await self._review.verify_selection(candidate, chosen)
        return await self._prove(candidate, patch, comparison, ASKED_SECONDS, whole=whole)

    async def _prove(
        self, candidate: int, patch: Patch, comparison: Comparison, seconds: float, *, whole: bool
    ) -> Proof:
        results = self._results
        assert results.baseline is not None, "candidates come from a baseline"
        prover = Prover(
            await self._workspace.runner(),
            results.baseline,
            self._workspace.run_limits,
            results.lock.holds,
            results.coverage,
            (*results.flaky, *comparison.flaky),
        )
        with self._emit.job("proof") as job:
            proof = await prover.prove(patch, comparison, seconds, job)
        if whole:
            self.proofs[candidate] = proof
        self._emit(Proven(candidate, proof, whole))
        return proof
