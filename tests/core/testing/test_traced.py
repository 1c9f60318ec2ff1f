"""What a traced run tells, in real repositories and real runs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path

from core.sandbox.base import Environment, Limits
from core.sandbox.host import HostSandbox
from core.sandbox.installer import NetworkSettings
from core.session.baseline import trace
from core.testing.base import RunLimits, RunOutcome, RunRequest
from core.testing.runner import WorkerPool

Write = Callable[[Mapping[str, str]], Path]
LIMITS = RunLimits(test_seconds=5.0, run_seconds=60.0)


def traced(cache: Path, copy: Path, seconds: float) -> RunOutcome:
    async def main() -> RunOutcome:
        sandbox = HostSandbox(cache, NetworkSettings())
        await sandbox.prepare(lambda said, fraction: None)
        pool = WorkerPool(sandbox, copy, Environment(), Limits(), 1)
        try:
            baseline = (await pool.run(RunRequest(limits=LIMITS))).report
            return await trace(pool, baseline, baseline.failing, LIMITS, seconds)
        finally:
            await pool.close()
            await sandbox.close()

    return asyncio.run(main())


def test_slow_green_tests_of_earlier_files_leave_time_for_the_red_one(
    write: Write, tools_cache: Path
) -> None:
    slow = "".join(f"def test_{n}():\n    time.sleep(0.5)\n    m.f()\n" for n in range(8))
    copy = write(
        {
            "m.py": "def f():\n    return 0\n",
            "test_a.py": f"import time\nimport m\n\n{slow}",
            "test_b.py": "import m\n\ndef test_red():\n    assert m.f() == 1\n",
        }
    )
    outcome = traced(tools_cache, copy, 2.0)
    assert 2 in outcome.coverage["test_b.py::test_red"]["m.py"]
    assert outcome.report.results[0].node_id == "test_b.py::test_red"
    assert len(outcome.report.results) == len(outcome.report.by_id())
