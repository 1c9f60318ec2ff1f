"""Time limits for candidates."""

from __future__ import annotations

import pytest

from core.testing.base import RunLimits
from core.testing.limits import PROCESSOR_FLOOR, candidate_limits, processor_limit
from core.types import Outcome, TestReport, TestResult

FIRST = RunLimits(test_seconds=10.0, run_seconds=600.0)


def report(*results: TestResult, seconds: float = 1.0) -> TestReport:
    return TestReport(results, tuple(r.node_id for r in results), seconds)


def test_a_test_may_take_five_times_what_it_took_but_never_more_than_at_first() -> None:
    baseline = report(
        TestResult("t.py::quick", Outcome.PASSED, 0.01),
        TestResult("t.py::slow", Outcome.PASSED, 0.5),
        TestResult("t.py::slowest", Outcome.PASSED, 4.0),
        TestResult("t.py::red", Outcome.FAILED, 0.01),
    )
    limits, single = candidate_limits(baseline, FIRST)
    assert limits.test_seconds == 10.0
    assert limits.run_seconds == 10.0
    assert single == {"t.py::slow": 2.5, "t.py::slowest": 10.0}


def test_a_test_that_was_allowed_more_at_first_may_take_twice_its_own_time() -> None:
    slow = TestResult("t.py::slow", Outcome.PASSED, 14.0)
    limits, single = candidate_limits(report(slow), FIRST)
    assert single == {"t.py::slow": 28.0}
    assert limits.test_seconds == FIRST.test_seconds, "others may loop"


def test_a_test_that_failed_late_may_take_as_long_again() -> None:
    baseline = report(
        TestResult("t.py::quick", Outcome.PASSED, 0.01),
        TestResult("t.py::late", Outcome.FAILED, 1.5),
        TestResult("t.py::later", Outcome.ERROR, 12.0),
        TestResult("t.py::early", Outcome.FAILED, 0.01),
        TestResult("t.py::loops", Outcome.TIMEOUT, 10.0),
    )
    limits, single = candidate_limits(baseline, FIRST)
    assert limits.test_seconds == 1.0
    assert single == {"t.py::late": 7.5, "t.py::later": 24.0}


def test_where_nothing_passed_a_test_gets_a_second() -> None:
    limits, single = candidate_limits(report(TestResult("t.py::red", Outcome.TIMEOUT, 10.0)), FIRST)
    assert limits.test_seconds == 1.0
    assert single == {}


def test_tests_that_could_not_be_collected_get_the_time_of_a_first_run() -> None:
    baseline = report(
        TestResult("broken.py", Outcome.COLLECT_ERROR),
        TestResult("t.py::quick", Outcome.PASSED, 0.01),
        TestResult("t.py::hangs", Outcome.TIMEOUT, 10.0),
    )
    limits, single = candidate_limits(baseline, FIRST)
    assert limits == FIRST
    assert single["t.py::hangs"] == 1.0
    assert "broken.py::anything" not in single


def test_a_first_limit_of_the_processor_follows_the_tests_beside_the_targets() -> None:
    baseline = report(
        TestResult("t.py::red", Outcome.FAILED, 0.01),
        TestResult("t.py::beside", Outcome.PASSED, 0.2),
        TestResult("other.py::slow", Outcome.PASSED, 3.0),
    )
    limits, single = candidate_limits(baseline, FIRST)
    found = processor_limit(baseline, ("t.py::red",), limits, single)
    assert found == pytest.approx(0.6)
    alone = processor_limit(baseline, ("u.py::red",), limits, single)
    assert alone == 0.0, "with nothing beside it, nine seconds are no gain against ten"


def test_quick_targets_have_a_floor_and_loops_of_the_baseline_do_not_count() -> None:
    baseline = report(
        TestResult("t.py::loops", Outcome.TIMEOUT, 10.0), TestResult("t.py::ok", Outcome.PASSED, 0.001)
    )
    limits, single = candidate_limits(baseline, FIRST)
    assert processor_limit(baseline, ("t.py::loops",), limits, single) == PROCESSOR_FLOOR
