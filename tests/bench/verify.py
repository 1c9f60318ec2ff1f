"""One candidate on a warm sandbox against a cold ``python -m pytest`` of the same ten tests, and how
many candidates a second a search gets judged on small tasks."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from core.errors import SandboxError
from core.sandbox.base import Environment, Limits, Sandbox
from core.sandbox.choose import choose
from core.testing.base import RunRequest
from core.testing.runner import WorkerPool
from tests.bench.candidates import measure_candidates
from tests.bench.stats import median_ratio, spread
from tests.repositories import commit_repository

RUNS = 15
SANDBOXES = ("docker", "bubblewrap")
WRONG = '''
"""Marks of a course, and what follows from them."""


def mean(marks):
    return sum(marks) / len(marks)


def best(marks, count):
    return sorted(marks)[:count]


def passed(marks, least=50):
    return [mark for mark in marks if mark >= least]
'''
TESTS = """
import pytest

from marks import best, mean, passed


@pytest.mark.parametrize(
    ("marks", "expected"), [([1], 1), ([1, 3], 2), ([0, 0, 3], 1), ([5, 5], 5)]
)
def test_mean(marks, expected):
    assert mean(marks) == expected


@pytest.mark.parametrize(
    ("count", "expected"), [(0, []), (1, [9]), (2, [9, 7]), (5, [9, 7, 1])]
)
def test_best(count, expected):
    assert best([1, 9, 7], count) == expected


def test_passed():
    assert passed([49, 50, 51]) == [50, 51]


def test_passed_with_another_limit():
    assert passed([49, 50, 51], least=51) == [51]
"""


def measure_verify() -> dict[str, object]:
    """Seconds, the ratio warm/cold, and candidates a second, for each sandbox that the machine has."""
    with tempfile.TemporaryDirectory() as folder:
        files = {"marks.py": WRONG, "test_marks.py": TESTS}
        root = commit_repository(Path(folder) / "marks", files)
        report: dict[str, object] = {"suite": "10 tests"}
        for kind in SANDBOXES:
            report[kind] = asyncio.run(_measure(kind, root))
        return report


async def _measure(kind: str, root: Path) -> dict[str, object]:
    try:
        sandbox = await choose(kind, Path.home() / ".cache" / "greenbar")
    except SandboxError as error:
        return {"missing": error.sentence}
    try:
        await sandbox.prepare(lambda text, fraction: None)
        return {
            **await _warm_and_cold(sandbox, root),
            "quixbugs_dev": await measure_candidates(sandbox),
        }
    finally:
        await sandbox.close()


async def _warm_and_cold(sandbox: Sandbox, root: Path) -> dict[str, object]:
    """Runs of the two alternate. Each warm one is of a patch that was not there before."""
    pool = WorkerPool(sandbox, root, Environment(), Limits(), 2)
    try:
        began = time.monotonic()
        baseline = await pool.run(RunRequest())
        first = time.monotonic() - began
        assert len(baseline.report.failing) == 3, baseline.report
        fixed = WRONG.replace("sorted(marks)", "sorted(marks, reverse=True)")
        cold, warm = [], []
        for number in range(RUNS + 1):
            cold.append(await asyncio.to_thread(_cold, root))
            request = RunRequest(overlay={"marks.py": f"{fixed}# {number}\n".encode()})
            began = time.monotonic()
            outcome = await pool.run(request)
            warm.append(time.monotonic() - began)
            assert len(outcome.report.results) == 10
            assert not outcome.report.failing
        return {
            "first_run_seconds": round(first, 3),
            "cold_host_pytest_seconds": spread(cold[1:]),
            "warm_candidate_seconds": spread(warm[1:]),
            "ratio_warm_to_cold": median_ratio(warm[1:], cold[1:]),
        }
    finally:
        await pool.close()


def _cold(root: Path) -> float:
    # Without this environment's plugins, which a user's project need not have.
    env = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    began = time.monotonic()
    subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=root,
        env=env,
        capture_output=True,
        check=False,
    )
    return time.monotonic() - began
