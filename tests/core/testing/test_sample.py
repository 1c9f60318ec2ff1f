"""Which targets a candidate is tried on first."""

from __future__ import annotations

from core.testing.sample import one_of_each
from core.types import Outcome, TestReport, TestResult


def sample(*results: TestResult) -> tuple[str, ...]:
    ids = tuple(result.node_id for result in results)
    return one_of_each(TestReport(results, ids, 1.0), ids)


def red(node_id: str, seconds: float = 0.01, outcome: Outcome = Outcome.FAILED) -> TestResult:
    return TestResult(node_id, outcome, seconds)


def test_of_each_test_function_the_quickest_is_taken() -> None:
    assert sample(red("t.py::f[1]", 0.2), red("t.py::g"), red("t.py::f[2]", 0.1)) == (
        "t.py::f[2]",
        "t.py::g",
    )


def test_one_function_many_functions_or_slow_ones_are_better_stopped_at_the_first_red_test() -> None:
    assert sample(red("t.py::f[1]"), red("t.py::f[2]")) == ()
    assert sample(*(red(f"t.py::f{n}") for n in range(7))) == ()
    assert sample(red("t.py::f", 0.3), red("t.py::g", 0.3)) == ()


def test_what_hangs_or_crashes_is_not_run_for_the_sake_of_others() -> None:
    assert sample(red("t.py::f"), red("t.py::g", 0.0, Outcome.TIMEOUT)) == ()
    assert sample(red("t.py::f"), red("t.py", 0.0, Outcome.COLLECT_ERROR)) == ()
