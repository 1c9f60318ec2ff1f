"""A green repository to be broken: laid out, run once, and asked what a change would redden."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

from core.bench.layout import lay_out
from core.bench.values import BenchTask
from core.checks.static import files_with_tests
from core.errors import ConsentRefused, UsageError
from core.repo.locked import Lock, find_lock
from core.session.baseline import trace
from core.session.consent import ConsentBook
from core.session.emitter import Emitter
from core.session.services import Services, SessionSettings
from core.session.workspace import Workspace
from core.testing.base import Coverage, RunRequest
from core.testing.languages import Language
from core.testing.limits import candidate_limits
from core.testing.touching import Touching
from core.types import (
    ConsentRequest,
    FileChange,
    NodeId,
    Outcome,
    Patch,
    RelPath,
    TestReport,
)

_TRACE_SECONDS = 120.0


class Ground:
    """Use ``open`` first and ``close`` last. For the loop's thread only."""

    def __init__(
        self, task: BenchTask, services: Services, settings: SessionSettings, emit: Emitter, folder: Path
    ) -> None:
        """``task`` names the repository; what is made goes below ``folder``."""
        self._task = task
        self._services = services
        self._settings = settings
        self._emit = emit
        self._folder = folder
        self._workspace: Workspace | None = None
        self._baseline = TestReport((), (), 0.0)
        self._touching = Touching({}, self._baseline, ())
        self.root = folder
        self.lock = Lock()
        self.coverage: Coverage = {}

    @property
    def language(self) -> Language:
        return self._opened().language

    async def open(self) -> None:
        """Run the tests, and trace which lines they run. Raises UsageError where one of them fails."""
        self.root = (await asyncio.to_thread(lay_out, self._task, self._folder)).root
        book = ConsentBook(self._services.data / "consents.json", _refuse, self._settings.consents)
        workspace = Workspace(self._services, self._settings, self._emit, book, str(self.root))
        self._workspace = workspace
        await workspace.open()
        try:
            baseline = await workspace.run_tests()
        except ConsentRefused as error:
            raise ConsentRefused(error.code, f"{error.sentence} Allow it with --yes.") from error
        if baseline.failing:
            count = len(baseline.failing)
            raise UsageError(
                "bench.not_green",
                f"{self.root.name} cannot be broken on purpose: {count} of its tests fail as it is.",
                details="\n".join(baseline.failing[:10]),
            )
        if not baseline.count(Outcome.PASSED):
            raise UsageError("bench.no_tests", f"No test of {self.root.name} passes.")
        self._baseline = baseline
        self.lock = find_lock(
            workspace.copy.files(),
            files_with_tests(baseline.collected),
            baseline.read,
            workspace.language.test_files,
        )
        if workspace.language.is_python:
            runner = await workspace.runner()
            traced = await trace(runner, baseline, (), workspace.run_limits, _TRACE_SECONDS)
            self.coverage = traced.coverage
        self._touching = Touching(self.coverage, baseline, ())

    def read(self, path: RelPath) -> str | None:
        """A file as it is when nothing is broken."""
        data = self._opened().copy.find(path)
        return None if data is None else data.decode("utf-8", "surrogateescape")

    async def reddened(self, changes: Mapping[RelPath, str]) -> tuple[NodeId, ...]:
        """Tests that fail with these texts, as far as one run until the first failure shows; empty where
        none does, or where they cannot even be collected."""
        workspace = self._opened()
        overlay = {path: text.encode("utf-8", "surrogateescape") for path, text in changes.items()}
        patch = Patch(
            tuple(FileChange(path, workspace.copy.find(path), after) for path, after in overlay.items())
        )
        limits, single = candidate_limits(self._baseline, workspace.run_limits)
        request = RunRequest(
            overlay=overlay,
            node_ids=self._touching.of(patch),
            fail_fast=True,
            limits=limits,
            test_seconds=single,
        )
        report = (await (await workspace.runner()).run(request)).report
        red = [r for r in report.results if r.outcome.is_red]
        if any(result.outcome is Outcome.COLLECT_ERROR for result in red):
            return ()
        return tuple(result.node_id for result in red)

    async def close(self) -> None:
        if self._workspace is not None:
            await self._workspace.close()

    def _opened(self) -> Workspace:
        assert self._workspace is not None, "open() comes first"
        return self._workspace


async def _refuse(request: ConsentRequest) -> bool:
    """What the user has allowed beforehand is in the settings."""
    return False
