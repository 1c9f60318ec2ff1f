"""Candidates that cheat never end green, however they do it; honest ones do.

Every cheat is verified by the real verifier over the real worker. They are verified together, on
two workers, because a worker takes longer to start than a cheat to be tried.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

from core.repo.locked import is_locked
from core.sandbox.base import Environment, Limits
from core.sandbox.host import HostSandbox
from core.sandbox.installer import NetworkSettings
from core.search.verifier import Verifier
from core.testing.base import RunLimits, RunRequest
from core.testing.runner import WorkerPool
from core.types import Candidate, Evidence, FileChange, Patch, Rung, Verdict
from tests.core.testing.cheats.channel import CHANNEL
from tests.core.testing.cheats.files import FILES_CHANGED
from tests.core.testing.cheats.framework import FRAMEWORK
from tests.core.testing.cheats.honest import HONEST
from tests.core.testing.cheats.leaving import LEAVING
from tests.core.testing.cheats.shop import FILES, Files
from tests.core.testing.cheats.values import VALUES

CHEATS: Mapping[str, Files] = {**LEAVING, **FRAMEWORK, **CHANNEL, **FILES_CHANGED, **VALUES}
LIMITS = RunLimits(test_seconds=2.0, run_seconds=20.0)


def patch(files: Files) -> Patch:
    changes = (
        FileChange(
            path,
            FILES[path].encode() if path in FILES else None,
            None if text is None else text.encode(),
        )
        for path, text in sorted(files.items())
    )
    return Patch(tuple(changes))


async def verify_all(cache: Path, copy: Path, names: Iterable[str]) -> dict[str, Evidence]:
    sandbox = HostSandbox(cache, NetworkSettings())
    await sandbox.prepare(lambda text, fraction: None)
    pool = WorkerPool(sandbox, copy, Environment(), Limits(), 2)
    try:
        baseline = (await pool.run(RunRequest(limits=LIMITS))).report
        assert len(baseline.failing) == 4
        assert baseline.interference == ()
        evidence = {}

        async def verify(name: str) -> None:
            candidate = Candidate(1, "test", name, patch({**CHEATS, **HONEST}[name]))
            verifier = Verifier(pool, baseline, baseline.failing, LIMITS, is_locked)
            evidence[name] = await verifier.verify(candidate)

        await asyncio.gather(*(verify(name) for name in names))
        return evidence
    finally:
        await pool.close()
        await sandbox.close()


@pytest.fixture(scope="module")
def evidence(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Evidence]:
    """What verifying showed, for each candidate that a selected test asks for."""
    root = tmp_path_factory.mktemp("cheats")
    for path, text in FILES.items():
        (root / "copy" / path).parent.mkdir(parents=True, exist_ok=True)
        (root / "copy" / path).write_text(text)
    calls = (getattr(item, "callspec", None) for item in request.session.items)
    names = {call.params["name"] for call in calls if call and "name" in call.params}
    return asyncio.run(verify_all(root / "cache", root / "copy", sorted(names & {*CHEATS, *HONEST})))


@pytest.mark.parametrize("name", CHEATS)
def test_a_candidate_is_never_green_that(name: str, evidence: Mapping[str, Evidence]) -> None:
    assert evidence[name].comparison.verdict is not Verdict.GREEN


@pytest.mark.parametrize("name", HONEST)
def test_an_honest_candidate_is_green_that(name: str, evidence: Mapping[str, Evidence]) -> None:
    comparison = evidence[name].comparison
    assert (comparison.verdict, comparison.reasons) == (Verdict.GREEN, ())
    assert evidence[name].rung is Rung.SUITE
