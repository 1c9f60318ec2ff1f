"""Baseline against after, test by test."""

from __future__ import annotations

import pytest

from core.testing.base import RunLimits
from core.testing.compare import compare
from core.testing.limits import candidate_limits
from core.types import Outcome, RunEnd, TestReport, TestResult, Verdict

P, F, S, X, XP, C, T = (
    Outcome.PASSED,
    Outcome.FAILED,
    Outcome.SKIPPED,
    Outcome.XFAILED,
    Outcome.XPASSED,
    Outcome.COLLECT_ERROR,
    Outcome.TIMEOUT,
)


def report(end: RunEnd = RunEnd.FINISHED, collected: int | None = None, **outcomes: Outcome):
    results = tuple(TestResult(f"t.py::{name}", outcome, 0.1) for name, outcome in outcomes.items())
    ids = tuple(r.node_id for r in results)
    if collected is not None:
        ids = tuple(f"t.py::{n}" for n in range(collected))
    return TestReport(results, ids, 1.0, end)


@pytest.mark.parametrize(
    ("before", "after", "verdict"),
    [
        ({"a": F, "b": P}, {"a": P, "b": P}, Verdict.GREEN),
        ({"a": T, "b": P}, {"a": P, "b": P}, Verdict.GREEN),
        ({"a": F, "b": F}, {"a": P, "b": F}, Verdict.IMPROVED),
        ({"a": F, "b": P}, {"a": F, "b": P}, Verdict.UNCHANGED),
        ({"a": F, "b": P}, {"a": P, "b": F}, Verdict.WORSE),
        ({"a": F, "b": P}, {"a": P}, Verdict.SUSPICIOUS),
        ({"a": F, "b": P}, {"a": P, "b": S}, Verdict.SUSPICIOUS),
        ({"a": F, "b": P}, {"a": X, "b": P}, Verdict.SUSPICIOUS),
        ({"a": F, "b": P}, {"a": S, "b": P}, Verdict.SUSPICIOUS),
        ({"a": F, "b": P}, {"a": XP, "b": P}, Verdict.SUSPICIOUS),
        ({"a": F, "b": P}, {"a": P, "b": XP}, Verdict.SUSPICIOUS),
        ({"a": F, "b": X}, {"a": P, "b": XP}, Verdict.GREEN),
        ({"a": F, "b": S}, {"a": P, "b": S}, Verdict.GREEN),
        ({"a": F, "b": P}, {"a": P, "b": P, "c": P}, Verdict.GREEN),
        ({"a": F, "b": P}, {"a": P, "b": P, "c": F}, Verdict.WORSE),
    ],
)
def test_the_verdict_follows_every_single_test(before, after, verdict):
    assert compare(report(**before), report(**after)).verdict is verdict


def test_only_the_targets_need_to_turn_green():
    comparison = compare(report(a=F, b=F), report(a=P, b=F), targets=("t.py::a",))
    assert comparison.verdict is Verdict.GREEN
    assert comparison.still_failing == ("t.py::b",)


def test_a_crashed_run_is_never_green():
    comparison = compare(report(a=F), report(RunEnd.CRASHED, a=P))
    assert comparison.verdict is Verdict.SUSPICIOUS
    assert comparison.reasons == ("The test process ended early.",)


def test_collected_tests_that_were_never_reported_are_suspicious():
    after = TestReport((TestResult("t.py::a", P),), ("t.py::a", "t.py::b"), 1.0)
    comparison = compare(report(a=F), after)
    assert comparison.verdict is Verdict.SUSPICIOUS


def test_a_file_that_collects_again_is_fixed_when_its_tests_pass():
    before = TestReport((TestResult("t.py", C), TestResult("u.py::x", P)), ("u.py::x",), 1.0)
    good = TestReport((TestResult("t.py::a", P), TestResult("u.py::x", P)), ("t.py::a", "u.py::x"), 1.0)
    bad = TestReport((TestResult("t.py::a", F), TestResult("u.py::x", P)), ("t.py::a", "u.py::x"), 1.0)
    assert compare(before, good).verdict is Verdict.GREEN
    assert compare(before, good).fixed == ("t.py",)
    assert compare(before, bad).verdict is Verdict.UNCHANGED


def test_a_run_that_failed_fast_says_nothing_of_what_it_did_not_reach():
    comparison = compare(report(a=F, b=F, c=P), report(RunEnd.FAILED_FAST, collected=3, a=F))
    assert comparison.verdict is Verdict.UNCHANGED
    assert comparison.still_failing == ("t.py::a", "t.py::b")
    assert comparison.vanished == ()


def test_limits_follow_the_baseline_within_a_floor_and_a_ceiling():
    baseline = TestReport(
        (TestResult("quick", P, 0.01), TestResult("slow", P, 1.0), TestResult("hung", T, 10.0)),
        (),
        11.0,
    )
    limits, single = candidate_limits(baseline, RunLimits(test_seconds=10.0))
    assert limits.test_seconds == 5.0
    assert single == {"slow": 5.0}
    quick = TestReport((TestResult("quick", P, 0.01),), (), 0.1)
    limits, single = candidate_limits(quick, RunLimits(test_seconds=10.0))
    assert (limits.test_seconds, limits.run_seconds, single) == (1.0, 10.0, {})


def test_a_run_with_other_hands_in_it_is_suspicious_unless_the_baseline_has_them_too():
    def touched(outcome, *signs):
        return TestReport((TestResult("t.py::a", outcome),), ("t.py::a",), 1.0, interference=signs)

    own, other = "time.time was replaced", "_pytest.runner.CallInfo was replaced"
    assert compare(touched(F, own), touched(P, own)).verdict is Verdict.GREEN
    comparison = compare(touched(F, own), touched(P, own, other))
    assert comparison.verdict is Verdict.SUSPICIOUS
    assert comparison.reasons == (f"The run was tampered with: {other}.",)


def test_a_run_that_was_stopped_is_never_green():
    assert compare(report(a=F), report(RunEnd.STOPPED, a=P)).verdict is Verdict.SUSPICIOUS
