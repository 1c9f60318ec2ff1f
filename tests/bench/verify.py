"""One candidate on a warm sandbox against a cold ``python -m pytest`` of the same tests."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from app.sample import make_sample
from core.errors import SandboxError
from core.sandbox.base import Environment, Limits
from core.sandbox.choose import choose
from core.testing.base import RunRequest
from core.testing.runner import WorkerPool
from tests.bench.stats import median_ratio, spread

RUNS = 15
BURST = 60
SANDBOXES = ("docker", "bubblewrap")


def measure_verify() -> dict[str, object]:
    """Seconds, and the ratio warm/cold, for each sandbox that the machine has."""
    with tempfile.TemporaryDirectory() as folder:
        root = make_sample(Path(folder))
        fixed = {
            "parcel/rates.py": (root / "parcel/rates.py")
            .read_bytes()
            .replace(b"    total = ", b"    if not weights:\n        return 0\n    total = ")
        }
        report: dict[str, object] = {"suite": "the sample repository, 19 tests"}
        for kind in SANDBOXES:
            report[kind] = asyncio.run(_measure(kind, root, fixed))
        return report


async def _measure(kind: str, root: Path, fixed: dict[str, bytes]) -> dict[str, object]:
    cache = Path.home() / ".cache" / "greenbar"
    try:
        sandbox = await choose(kind, cache)
    except SandboxError as error:
        return {"missing": error.sentence}
    pool: WorkerPool | None = None
    try:
        await sandbox.prepare(lambda text, fraction: None)
        pool = WorkerPool(sandbox, root, Environment(), Limits(), 2)
        request = RunRequest(overlay=fixed)
        began = time.monotonic()
        await asyncio.gather(pool.run(request), pool.run(request))
        first = time.monotonic() - began
        cold, warm = [], []
        for _ in range(RUNS):
            cold.append(await asyncio.to_thread(_cold, root))
            began = time.monotonic()
            outcome = await pool.run(request)
            warm.append(time.monotonic() - began)
            assert not outcome.report.failing, outcome.report.failing
        began = time.monotonic()
        await asyncio.gather(*(pool.run(request) for _ in range(BURST)))
        burst = BURST / (time.monotonic() - began)
        return {
            "first_two_workers_seconds": round(first, 3),
            "cold_host_pytest_seconds": spread(cold),
            "warm_candidate_seconds": spread(warm),
            "ratio_warm_to_cold": median_ratio(warm, cold),
            "candidates_per_second_two_workers": round(burst, 1),
        }
    finally:
        if pool is not None:
            await pool.close()
        await sandbox.close()


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
