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


CHECKS = """
import m

def test_checks():
    assert m.f(1) == 1
    for n in (2, 3):
        assert m.g(n) == n
    made = m.f(4)
    assert m.h(made) == 5

def test_green():
    assert m.f(1) == 1
    assert m.f(2) == 2
"""


def test_what_a_failing_test_ran_is_told_by_its_own_lines(write: Write, tools_cache: Path) -> None:
    module = "".join(f"def {name}(x):\n    return x\n\n\n" for name in "fgh")
    copy = write({"m.py": module, "test_m.py": CHECKS.lstrip()})
    outcome = traced(tools_cache, copy, 20.0)
    assert list(outcome.parts) == ["test_m.py::test_checks"]
    parts = {
        line: files["m.py"] & {2, 6, 10}
        for line, files in outcome.parts["test_m.py::test_checks"].items()
        if "m.py" in files
    }
    assert parts == {4: {2}, 6: {6}, 7: {2}, 8: {10}}
    assert outcome.coverage["test_m.py::test_checks"]["m.py"] >= {2, 6, 10}


def test_a_test_that_loops_for_long_is_not_taken_apart(write: Write, tools_cache: Path) -> None:
    test = (
        "import m\n\ndef test_red():\n    for n in range(2000):\n        m.f()\n    assert m.f() == 1\n"
    )
    copy = write({"m.py": "def f():\n    return 0\n", "test_b.py": test})
    outcome = traced(tools_cache, copy, 20.0)
    assert outcome.parts == {}
    assert 2 in outcome.coverage["test_b.py::test_red"]["m.py"]
    assert {4, 5, 6} <= outcome.coverage["test_b.py::test_red"]["test_b.py"]
