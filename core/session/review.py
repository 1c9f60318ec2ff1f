"""From a candidate to the user's tree: show its diff, verify a choice of hunks, write, undo, redo."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from core.errors import PatchError, UsageError
from core.events import (
    Accepted,
    Body,
    Redone,
    ReviewReady,
    SelectionVerified,
    TestFinished,
    TestRunFinished,
    TestRunStarted,
    TestsCollected,
    Undone,
)
from core.repo.accept import AcceptJournal, AcceptRecord
from core.repo.locked import Lock, lanes
from core.repo.patch import build_patch, file_diffs, reverse, select_hunks
from core.search.base import Tried
from core.search.verifier import Verifier
from core.session.emitter import Emitter
from core.session.uninterrupted import uninterrupted
from core.session.workspace import Workspace
from core.testing.base import Coverage
from core.types import (
    Candidate,
    Comparison,
    Diagnosis,
    FlakyTest,
    HunkId,
    LockedFile,
    NodeId,
    Patch,
    Remedy,
    TestReport,
    Verdict,
)


@dataclass(slots=True)
class Results:
    """What is known about the tree as it was when the tests last ran."""

    baseline: TestReport | None = None
    lock: Lock = field(default_factory=Lock)
    diagnoses: tuple[Diagnosis, ...] = ()
    targets: tuple[NodeId, ...] = ()
    flaky: tuple[FlakyTest, ...] = ()
    coverage: Coverage = field(default_factory=dict)
    """Of the traced run with which the last fix began."""
    candidates: dict[int, Candidate] = field(default_factory=dict)
    tried: dict[int, Tried] = field(default_factory=dict)
    last_candidate: int = 0
    """Numbers are never used again, so that a late command cannot mean another candidate."""

    def forget(self) -> None:
        """The tree, or what runs its tests, is not as it was."""
        self.baseline, self.lock, self.diagnoses = None, Lock(), ()
        self.targets, self.flaky, self.coverage = (), (), {}
        self.candidates.clear()
        self.tried.clear()


class Review:
    """Belongs to one opened repository. ``results`` is shared with the session, which fills it."""

    def __init__(
        self,
        workspace: Workspace,
        accepts: AcceptJournal,
        results: Results,
        emit: Emitter,
    ) -> None:
        self._workspace = workspace
        self._accepts = accepts
        self._results = results
        self._emit = emit

    def show(self, candidate: int) -> None:
        """Announce the diff of a candidate."""
        found = self.candidate(candidate)
        tried = self._results.tried.get(candidate)
        evidence = tried.evidence if tried else None
        added = self.confirmed.paths
        diffs = tuple(
            replace(diff, confirmed=diff.path in added)
            for diff in file_diffs(self.whole(found.patch), self._results.lock.holds)
        )
        self._emit(ReviewReady(candidate, found.title, diffs, evidence))

    async def verify_selection(self, candidate: int, hunks: tuple[HunkId, ...]) -> Comparison:
        """Run the whole suite on exactly these hunks."""
        patch = select_hunks(self.whole(self.candidate(candidate).patch), frozenset(hunks))
        comparison = await self._verify(patch)
        self._emit(SelectionVerified(candidate, hunks, comparison))
        return comparison

    async def accept(
        self, candidate: int, hunks: tuple[HunkId, ...] | None = None, *, anyway: bool = False
    ) -> Patch:
        """Write a candidate, or some hunks of it, to the user's tree; returns what was written.

        Locked files are written only where hunks of them are named, or the user has confirmed them for
        this task. Without ``anyway``, a whole
        candidate must be green and a selection must fix something and break nothing, which is verified
        here and now.
        """
        found = self.whole(self.candidate(candidate).patch)
        open_lane, _ = self.lanes(found)
        if hunks is None:
            patch = build_patch([*open_lane.changes, *self.confirmed.changes])
        else:
            patch = select_hunks(found, frozenset(hunks))
        whole = self.lanes(patch)[0] == open_lane  # what is judged, and so known
        if not patch.changes:
            raise PatchError("accept.empty", "No hunk is chosen. Nothing was written.")
        if not anyway:
            await self._require_sound(candidate, patch, hunks or (), whole=whole)
        record = await self._write(
            self._accepts.accept,
            patch,
            announce=lambda r: Accepted(r.accept, r.patch.paths, candidate, hunks),
        )
        # Written or left out by hand: either way the user's tree says from now on which tests there are.
        self._workspace.copy.add({})
        return record.patch

    @property
    def confirmed(self) -> Patch:
        """The tests that the user has confirmed for this task, which an accept writes with the code."""
        return self._workspace.copy.added

    def whole(self, patch: Patch) -> Patch:
        """A candidate's patch with the confirmed tests; these stand as confirmed."""
        confirmed = self.confirmed
        kept = [change for change in patch.changes if change.path not in confirmed.paths]
        return build_patch([*kept, *confirmed.changes])

    @property
    def locked(self) -> tuple[LockedFile, ...]:
        """What verdicts are taken with as it was in the baseline; empty before that."""
        return self._results.lock.files

    def lanes(self, patch: Patch) -> tuple[Patch, Patch]:
        """The part of a patch that verdicts are about, and the part in locked files."""
        return lanes(patch, self._results.lock.holds)

    async def undo(self) -> Patch:
        """Take back the newest accept that stands; returns what was written."""
        record = await self._write(self._accepts.undo, announce=lambda r: Undone(r.accept, r.patch.paths))
        return reverse(record.patch)

    async def redo(self) -> Patch:
        """Write the newest undone accept again; returns what was written."""
        record = await self._write(self._accepts.redo, announce=lambda r: Redone(r.accept, r.patch.paths))
        return record.patch

    async def _write(
        self, write: Callable[..., AcceptRecord], *patch: Patch, announce: Callable[[AcceptRecord], Body]
    ) -> AcceptRecord:
        """Change the user's tree and say so, both or neither: Stop waits for the few milliseconds.

        What was known of the tree is forgotten; the private copy follows with the next run.
        """

        async def both() -> AcceptRecord:
            record = await asyncio.to_thread(write, *patch)
            self._results.forget()
            self._emit(announce(record))
            return record

        return await uninterrupted(both())

    async def _require_sound(
        self, candidate: int, patch: Patch, hunks: tuple[HunkId, ...], *, whole: bool
    ) -> None:
        tried = self._results.tried.get(candidate)
        if whole and tried is not None and tried.evidence is not None:
            comparison = tried.evidence.comparison
            sound = comparison.verdict is Verdict.GREEN
        else:
            comparison = await self._verify(patch)
            sound = comparison.verdict in (Verdict.GREEN, Verdict.IMPROVED)
            self._emit(SelectionVerified(candidate, hunks, comparison))
        if not sound:
            raise PatchError(
                "accept.not_sound",
                f"{describe(comparison)} Nothing was written.",
                (Remedy("Write anyway", action="accept_anyway"),),
                details="\n".join(comparison.reasons),
            )

    async def _verify(self, patch: Patch) -> Comparison:
        assert self._results.baseline is not None, "candidates come from a baseline"
        verifier = Verifier(
            await self._workspace.runner(),
            self._results.baseline,
            self._results.targets,
            self._workspace.run_limits,
            self._results.lock.holds,
            flaky=self._results.flaky,
            powers=self._workspace.language.powers,
        )
        self._emit(TestRunStarted("selection"))
        report, comparison = await verifier.verify_suite(
            patch,
            lambda ids: self._emit(TestsCollected(ids)),
            lambda result: self._emit(TestFinished(result)),
        )
        self._emit(TestRunFinished("selection", report))
        return comparison

    def candidate(self, candidate: int) -> Candidate:
        """Raises UsageError for one that an earlier run of the tests has left behind."""
        found = self._results.candidates.get(candidate)
        if found is None:
            raise UsageError(
                "candidate.unknown",
                f"Candidate {candidate} belongs to an earlier run of the tests.",
                (Remedy("Run the tests", action="run_tests"),),
            )
        return found


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
