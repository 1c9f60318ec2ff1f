"""Tests that disagree with themselves, in real repositories and real runs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from core.repo.locked import is_locked
from core.sandbox.base import Environment, Limits
from core.sandbox.host import HostSandbox
from core.sandbox.installer import NetworkSettings
from core.search.verifier import Verifier
from core.session.baseline import trace, unsteady
from core.testing.base import RunLimits, RunRequest
from core.testing.runner import WorkerPool
from core.types import Candidate, Evidence, FileChange, FlakyTest, Patch, Rung, Verdict

Write = Callable[[Mapping[str, str]], Path]
LIMITS = RunLimits(test_seconds=5.0, run_seconds=60.0)
WRONG = "def f():\n    return 0\n\n\ndef g():\n    return 7\n"
RIGHT = WRONG.replace("return 0", "return 1")
TARGET = "def test_target():\n    assert m.f() == 1\n"
SHAKY = """
import pathlib

def test_shaky():
    seen = pathlib.Path({seen!r})
    count = int(seen.read_text()) if seen.exists() else 0
    seen.write_text(str(count + 1))
    assert count not in {red}
"""
"""Is red in some runs, counted from 0: the baseline is 0, the traced run 1."""


def verified(
    cache: Path, copy: Path, text: str, *, steady: bool = True
) -> tuple[Evidence, tuple[FlakyTest, ...]]:
    """What the verifier says of ``m.py`` with this text, and the targets that were found flaky."""

    async def main() -> tuple[Evidence, tuple[FlakyTest, ...]]:
        sandbox = HostSandbox(cache, NetworkSettings())
        await sandbox.prepare(lambda said, fraction: None)
        pool = WorkerPool(sandbox, copy, Environment(), Limits(), 1)
        try:
            baseline = (await pool.run(RunRequest(limits=LIMITS))).report
            targets = baseline.failing
            traced = await trace(pool, baseline, targets, LIMITS, 30.0)
            flaky = await unsteady(pool, baseline, targets, traced.report, LIMITS, 60.0)
            if steady:
                assert flaky == ()
            verifier = Verifier(
                pool, baseline, targets, LIMITS, is_locked, coverage=traced.coverage, flaky=flaky
            )
            change = FileChange("m.py", WRONG.encode(), text.encode())
            evidence = await verifier.verify(Candidate(1, "test", "a change", Patch((change,))))
        finally:
            await pool.close()
            await sandbox.close()
        return evidence, flaky

    return asyncio.run(main())


@pytest.mark.parametrize("red", [(2,), (2, 4), (2, 3, 4, 5, 7)])
def test_a_flaky_test_does_not_make_a_good_candidate_worse(
    write: Write, tools_cache: Path, tmp_path: Path, red: tuple[int, ...]
) -> None:
    """Run 2 is the candidate's suite, 3 to 5 the baseline again, 6 and 7 the candidate's alone, 8 its
    suite again."""
    shaky = SHAKY.format(seen=str(tmp_path / "seen"), red=red)
    copy = write({"m.py": WRONG, "test_a.py": f"import m\n{TARGET}\n{shaky}"})
    evidence, _ = verified(tools_cache, copy, RIGHT)
    assert evidence.comparison.verdict is Verdict.GREEN
    assert evidence.comparison.fixed == ("test_a.py::test_target",)
    assert evidence.comparison.broken == ()
    [test] = evidence.comparison.flaky
    assert test.node_id == "test_a.py::test_shaky"
    assert 0 < test.passed < test.runs


def test_a_failure_that_does_not_repeat_is_no_target_and_proves_nothing(
    write: Write, tools_cache: Path, tmp_path: Path
) -> None:
    shaky = SHAKY.format(seen=str(tmp_path / "seen"), red=(0, 3))
    copy = write({"m.py": WRONG, "test_a.py": f"import m\n{shaky}"})
    evidence, flaky = verified(tools_cache, copy, RIGHT, steady=False)
    assert flaky == (FlakyTest("test_a.py::test_shaky", 2, 3, order=("test_a.py::test_shaky",)),)
    assert flaky[0].sentence == "test_a.py::test_shaky is flaky: it passed 2 of 3 times."
    assert evidence.comparison.verdict is not Verdict.GREEN
    assert evidence.comparison.fixed == ()


def test_a_test_that_is_only_red_after_others_stays_a_target(
    write: Write, tools_cache: Path, tmp_path: Path
) -> None:
    spoil = "def test_before():\n    m.g.__dict__['spoilt'] = 1\n"
    red = "def test_red():\n    assert not hasattr(m.g, 'spoilt')\n"
    copy = write({"m.py": WRONG, "test_a.py": f"import m\n{spoil}\n{red}"})
    evidence, flaky = verified(tools_cache, copy, RIGHT)
    assert flaky == ()
    assert evidence.comparison.verdict is not Verdict.GREEN


def test_a_test_that_fails_only_after_others_every_time_is_broken_and_not_flaky(
    write: Write, tools_cache: Path
) -> None:
    spoils = RIGHT.replace("return 1", "g.__dict__['spoilt'] = 1\n    return 1")
    later = "def test_later():\n    assert not hasattr(m.g, 'spoilt')\n"
    copy = write({"m.py": WRONG, "test_a.py": f"import m\n{TARGET}\n{later}"})
    evidence, _ = verified(tools_cache, copy, spoils)
    assert evidence.comparison.verdict is Verdict.WORSE
    assert evidence.comparison.broken == ("test_a.py::test_later",)
    assert evidence.comparison.flaky == ()


def test_a_candidate_stops_at_the_tests_that_touch_its_lines(write: Write, tools_cache: Path) -> None:
    many = "\n".join(f"def test_{n}(): pass" for n in range(30))
    touching = "def test_near():\n    assert m.f() in (0, 1) and m.f.__defaults__ is None\n"
    copy = write({"m.py": WRONG, "test_a.py": f"import m\n{TARGET}\n{touching}", "test_b.py": many})
    evidence, _ = verified(tools_cache, copy, RIGHT.replace("def f():", "def f(x=1):"))
    assert evidence.rung is Rung.TOUCHED
    assert evidence.tests_run == 1
    assert evidence.comparison.verdict is Verdict.WORSE
    assert evidence.comparison.fixed == ("test_a.py::test_target",)
    assert evidence.comparison.broken == ("test_a.py::test_near",)
    good, _ = verified(tools_cache, copy, RIGHT)
    assert good.rung is Rung.SUITE
    assert good.comparison.verdict is Verdict.GREEN


@pytest.mark.parametrize("how", ["alone", "together"])
def test_a_red_test_that_stays_red_costs_no_repetition(write: Write, run, how: str) -> None:
    copy = write({"test_a.py": "def test_a(): assert 0\n"})
    [baseline, traced] = run(copy, RunRequest(), RunRequest(trace=how == "alone"))

    class Nobody:
        async def run(self, request: RunRequest) -> None:
            raise AssertionError("nothing is in doubt")

    report = baseline.report
    found = unsteady(Nobody(), report, report.failing, traced.report, LIMITS, 60.0)  # type: ignore[arg-type]
    assert asyncio.run(found) == ()


def test_a_target_that_flips_between_two_runs_of_a_candidate_is_flaky_and_proves_nothing(
    write: Write, tools_cache: Path, tmp_path: Path
) -> None:
    """Red in the baseline and in the traced run; green for the candidate by itself, red in its suite."""
    shaky = SHAKY.format(seen=str(tmp_path / "seen"), red=(0, 1, 3, 5))
    copy = write({"m.py": WRONG, "test_a.py": f"import m\n{shaky}\ndef test_b(): pass\n"})
    evidence, flaky = verified(tools_cache, copy, RIGHT)
    assert flaky == ()
    assert [test.node_id for test in evidence.comparison.flaky] == ["test_a.py::test_shaky"]
    assert evidence.comparison.verdict is Verdict.UNCHANGED
    assert evidence.comparison.fixed == ()
