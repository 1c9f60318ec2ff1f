"""Suites in other languages, run and judged by the real worker."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from shutil import which

import pytest

from app.paths import find_paths
from core.errors import SandboxError
from core.repo.locked import is_locked
from core.sandbox.base import Environment, Limits, Sandbox
from core.sandbox.choose import choose
from core.search.verifier import Verifier
from core.testing.base import RunLimits, RunRequest
from core.testing.languages import Language, shipped
from core.testing.runner import WorkerPool
from core.types import Candidate, Evidence, FileChange, Patch, SandboxKind, TestReport, TestResult
from tests.conftest import NO_PROGRAM

Files = Mapping[str, str]
LIMITS = RunLimits(test_seconds=3.0, run_seconds=240.0)


def language(name: str) -> Language:
    return next(entry for entry in shipped() if entry.name == name)


def need(*programs: str) -> None:
    """Skip where this computer lacks a program."""
    for program in programs:
        if which(program) is None:
            pytest.skip(f"{program} {NO_PROGRAM}")


def lay_out(root: Path, files: Files) -> Path:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return root


def share_primed(cache: Path) -> None:
    """Let the folder ``cache`` have what toolchains prime from the user's: it takes a minute to make."""
    shared = find_paths().cache / "primed"
    shared.mkdir(parents=True, exist_ok=True)
    cache.mkdir(parents=True, exist_ok=True)
    (cache / "primed").symlink_to(shared)


class Suite:
    """One private copy with one worker over it; use as a context of an event loop."""

    def __init__(self, kind: SandboxKind, cache: Path, copy: Path, language: Language) -> None:
        self._kind, self._cache, self._copy = kind, cache, copy
        self._language = language
        self._sandbox: Sandbox | None = None

    async def __aenter__(self) -> Suite:
        try:
            self._sandbox = await choose(self._kind, self._cache, Limits())
            await self._sandbox.prepare(lambda _text, _fraction: None, self._language.toolchain)
        except SandboxError as error:
            pytest.skip(error.sentence)
        self.pool = WorkerPool(self._sandbox, self._copy, Environment(), Limits(), 1, self._language)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.pool.close()
        assert self._sandbox is not None
        await self._sandbox.close()

    async def run(self, request: RunRequest | None = None) -> TestReport:
        return (await self.pool.run(request or RunRequest(limits=LIMITS))).report

    async def judge(
        self, baseline: TestReport, files: Files, candidates: Mapping[str, Files]
    ) -> dict[str, Evidence]:
        """What verifying each candidate (changed files) shows."""
        found = {}
        for name, changed in candidates.items():
            changes = (
                FileChange(path, files[path].encode() if path in files else None, text.encode())
                for path, text in sorted(changed.items())
            )
            verifier = Verifier(
                self.pool,
                baseline,
                baseline.failing,
                LIMITS,
                lambda path: is_locked(path, self._language.test_files),
                powers=self._language.powers,
            )
            found[name] = await verifier.verify(Candidate(1, "test", name, Patch(tuple(changes))))
        return found


def run_once(
    kind: SandboxKind, cache: Path, copy: Path, language: Language, request: RunRequest | None = None
) -> TestReport:
    async def main() -> TestReport:
        async with Suite(kind, cache, copy, language) as suite:
            return await suite.run(request)

    return asyncio.run(main())


def outcomes(report: TestReport) -> dict[str, str]:
    return {result.node_id: result.outcome.value for result in report.results}


def result_of(report: TestReport, node_id: str) -> TestResult:
    return report.by_id()[node_id]
