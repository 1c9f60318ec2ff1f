"""One attempt at one task, by the same doors as a user: open, run the tests, fix, accept, run again."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from core.bench.layout import LaidOut, lay_out
from core.bench.simulated_user import SimulatedUser
from core.bench.values import Ending, Job, TaskResult
from core.bench.watch import Watch
from core.errors import ConsentRefused, GreenbarError
from core.redact import Redact
from core.repo.accept import AcceptJournal
from core.repo.unified import unified_diff
from core.rooms import Room
from core.search.rank import normalised_key
from core.session.emitter import Emitter
from core.session.services import Services, SessionSettings
from core.session.session import Session
from core.testing.compare import compare
from core.types import Budget, ConsentRequest, FixResult, RelPath, TestReport, Verdict

ROOM_PREFIX = "task-"
ROOMS = "bench"
"""The folder, in the cache, in which tasks are laid out."""


async def attempt(job: Job, services: Services, settings: SessionSettings, redact: Redact) -> TaskResult:
    """Do ``job`` and judge what came of it. ``settings`` are the session's, made of the job's own;
    ``redact`` knows the keys of ``services``.

    Whatever the user could be told of becomes part of the result. Cancelling leaves nothing behind.
    """
    began = time.monotonic()
    parent = services.cache / ROOMS
    await asyncio.to_thread(parent.mkdir, parents=True, exist_ok=True)
    room = await asyncio.to_thread(Room, ROOM_PREFIX, parent)
    try:
        result = await _Attempt(job, services, settings, redact, room.path).run()
    finally:
        await asyncio.to_thread(room.remove)
    return replace(result, whole_seconds=round(time.monotonic() - began, 3))


async def _refuse(request: ConsentRequest) -> bool:
    """What the user has allowed beforehand is in the settings."""
    return False


class _Attempt:
    """One use: ``run()`` once."""

    def __init__(
        self, job: Job, services: Services, settings: SessionSettings, redact: Redact, folder: Path
    ) -> None:
        self._job = job
        self._folder = folder
        self._watch = Watch(job.task.truth)
        self._user = SimulatedUser(job.task.right) if job.setting.answers else None
        emit = Emitter((self._watch, self._user) if self._user else (self._watch,), redact)
        self._session = Session(services, settings, emit, _refuse)

    async def run(self) -> TaskResult:
        try:
            return await self._run()
        finally:
            await self._session.close()

    async def _run(self) -> TaskResult:
        session, task, setting = self._session, self._job.task, self._job.setting
        try:
            laid_out = await asyncio.to_thread(lay_out, task, self._folder)
            await session.open(str(laid_out.root))
            await session.ready_model()
            baseline = await session.run_tests()
        except ConsentRefused as error:
            return self._ended(Ending.INVALID, f"{error.sentence} Allow it with --yes.")
        except GreenbarError as error:
            return self._ended(Ending.INVALID, error.sentence)
        if not baseline.failing:
            return self._ended(Ending.INVALID, "No test fails before the fix.")
        try:
            found = await self._fixed(Budget(setting.seconds, setting.tokens))
        except GreenbarError as error:
            result = self._ended(Ending.FAILED)
            if self._watch.found is not None:
                result = self._described(self._watch.found)
            return replace(result, ending=Ending.FAILED, why=error.sentence)
        if not found.targets:
            return self._ended(Ending.INVALID, "None of the tests that it names fails before the fix.")
        result = self._described(found)
        if found.verdict is not Verdict.GREEN:
            return result
        try:
            return await self._judged(result, found, baseline, laid_out)
        except GreenbarError as error:
            return replace(result, objections=(f"It could not be judged: {error.sentence}",))

    async def _fixed(self, budget: Budget) -> FixResult:
        """Fix, with somebody at hand who answers questions, where there is one."""
        fixing = self._session.fix(self._job.task.targets, budget)
        user = self._user
        if user is None:
            return await fixing
        answering = asyncio.create_task(user.run(self._session))
        try:
            found = await fixing
            settled = asyncio.create_task(user.settle())
            await asyncio.wait((settled, answering), return_when=asyncio.FIRST_COMPLETED)
            settled.cancel()
            if answering.done():
                answering.result()
        finally:
            answering.cancel()
            await asyncio.gather(answering, return_exceptions=True)
        return self._watch.found or found

    def _ended(self, ending: Ending, why: str = "") -> TaskResult:
        """What is known whatever happened."""
        job, session = self._job, self._session
        return TaskResult(
            task=job.task.id,
            setting=job.setting,
            attempt=job.attempt,
            ending=ending,
            kind=job.task.kind,
            why=why,
            has_truth=bool(job.task.truth),
            rank=self._watch.rank,
            model=session.model_name,
            sandbox=self._watch.sandbox,
            questions=self._watch.questions,
            dialogue=tuple(said.words for said in self._user.said) if self._user else (),
            session=session.journal_path.parent.name,
        )

    def _described(self, found: FixResult) -> TaskResult:
        solved = found.verdict is Verdict.GREEN
        patch = b""
        if found.best is not None:
            judged, _ = self._session.review.lanes(found.best.patch)
            patch = unified_diff(judged)
        return replace(
            self._ended(Ending.SOLVED if solved else Ending.UNSOLVED, found.shortfall),
            verdict=found.verdict.value,
            seconds=round(found.seconds, 3),
            tokens=found.tokens,
            candidates=found.candidates,
            proposer=found.best.proposer if found.best else "",
            proposers=found.proposers,
            title=found.best.title if found.best else "",
            patch=patch.decode("utf-8", "surrogateescape"),
        )

    async def _judged(
        self, result: TaskResult, found: FixResult, baseline: TestReport, laid_out: LaidOut
    ) -> TaskResult:
        """Accept as a user would, put the held-out tests in their place, and run everything anew."""
        assert found.best is not None, "a green result has a best candidate"
        assert found.evidence is not None, "and its evidence"
        session = self._session
        patch, _ = session.review.lanes(found.best.patch)
        accepts = AcceptJournal(self._folder / "accepts", laid_out.root)
        await asyncio.to_thread(accepts.accept, patch)
        await asyncio.to_thread(laid_out.put_back)
        report = await session.run_tests("judging")
        flaky = (*found.flaky, *found.evidence.comparison.flaky)
        comparison = compare(baseline, report, found.targets, flaky=flaky)
        old = [*comparison.still_failing, *comparison.vanished, *comparison.newly_skipped]
        known = baseline.by_id()
        old += [node_id for node_id in comparison.broken if node_id in known]
        objections = [f"{node_id} does not pass when the patch is accepted." for node_id in old]
        correct = None
        if laid_out.kept_back:
            new = [r for r in report.results if r.node_id not in known]
            correct = any(r.outcome.is_green for r in new) and not any(r.outcome.is_red for r in new)
        restored = await asyncio.to_thread(_is_restored, laid_out.root, self._job.task.right)
        return replace(result, correct=correct, restored=restored, objections=tuple(objections))


def _is_restored(root: Path, right: Mapping[RelPath, str]) -> bool | None:
    if not right:
        return None
    now = {path: root / path for path in right}
    texts = {
        path: file.read_bytes().decode("utf-8", "surrogateescape")
        for path, file in now.items()
        if file.is_file()
    }
    same = normalised_key({}, right)
    return len(texts) == len(right) and normalised_key(texts, right) == same
