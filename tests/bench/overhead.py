"""What a sandbox adds to a long suite: ``RunTests`` in a real engine against plain pytest.

The suite does a fixed amount of work, measured out on this machine, so that both sides do the same.
Docker's side is compared with plain pytest in its own image and, where the host has that very
Python, with plain pytest on the host.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from core.commands import OpenRepository, RunTests
from core.events import TestRunFinished
from tests.bench import plain
from tests.bench.driving import engine_with, usable_sandboxes
from tests.bench.stats import median_ratio, spread
from tests.bench.suites import labour_suite

ROUNDS = 3
TEST_SECONDS = 1.0
PAUSE_SECONDS = 0.1
TRIAL_ROUNDS = 60


def measure_overhead(seconds: float = 60.0) -> dict[str, object]:
    """Seconds of a suite that takes about ``seconds`` plain, and ratios sandbox/plain."""
    with tempfile.TemporaryDirectory(prefix="greenbar-bench-") as folder:
        rounds = _rounds_a_test(Path(folder))
        tests = round(seconds / TEST_SECONDS)
        root = labour_suite(Path(folder) / "suite", tests, rounds, PAUSE_SECONDS)
        report: dict[str, object] = {"tests": tests, "rounds_of_work_a_test": rounds}
        for kind, trouble in usable_sandboxes().items():
            report[kind] = {"missing": trouble} if trouble else asyncio.run(_measure(kind, root))
        return report


def _rounds_a_test(folder: Path) -> int:
    """How many rounds of work fill a test of TEST_SECONDS on this machine."""
    trial = labour_suite(folder / "trial", 1, TRIAL_ROUNDS, 0.0)
    empty = labour_suite(folder / "empty", 1, 1, 0.0)
    best = min(plain.on_host(trial) - plain.on_host(empty) for _ in range(3))
    return max(1, round((TEST_SECONDS - PAUSE_SECONDS) / max(best, 0.01) * TRIAL_ROUNDS))


async def _measure(kind: str, root: Path) -> dict[str, object]:
    sides: dict[str, list[float]] = {"sandbox": []}
    tag = await plain.image() if kind == "docker" else ""
    python = await asyncio.to_thread(plain.same_python, tag) if tag else sys.executable
    async with engine_with(kind) as (engine, moments):
        await moments.carry_out(engine, OpenRepository(str(root), run_tests=False))
        for _ in range(ROUNDS):
            sides["sandbox"].append(await moments.carry_out(engine, RunTests()))
            _, body = moments.last(TestRunFinished)
            assert isinstance(body, TestRunFinished)
            assert not body.report.failing, body.report.failing
            if python is not None:
                sides.setdefault("plain_on_host", []).append(
                    await asyncio.to_thread(plain.on_host, root, python)
                )
            if tag:
                sides.setdefault("plain_in_image", []).append(
                    await asyncio.to_thread(plain.in_image, root, tag)
                )
    report: dict[str, object] = {f"{side}_seconds": spread(taken, 2) for side, taken in sides.items()}
    for side in sides.keys() - {"sandbox"}:
        report[f"ratio_to_{side}"] = median_ratio(sides["sandbox"], sides[side])
    return report
