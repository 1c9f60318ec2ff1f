"""What the command line says of a run of tests."""

from __future__ import annotations

import io

from rich.console import Console

from app.cli.progress import FixProgress
from core.events import Event, TestRunFinished
from core.types import Frame, Outcome, TestReport, TestResult


def said_of(results: list[TestResult]) -> str:
    out = io.StringIO()
    report = TestReport(tuple(results), tuple(r.node_id for r in results), 1.0)
    FixProgress(Console(file=out, soft_wrap=True))(
        Event("s", 1, 0.0, TestRunFinished("baseline", report))
    )
    return out.getvalue()


def red(name: str, message: str, line: int = 7) -> TestResult:
    return TestResult(
        name, Outcome.FAILED, message=message, frames=(Frame("t.py", 1, "t"), Frame("a.py", line, "f"))
    )


def test_hundreds_of_tests_with_one_cause_are_one_line() -> None:
    text = said_of([red(f"t.py::t{n}", "ZeroDivisionError: division by zero") for n in range(500)])
    assert text.count("division by zero") == 1
    assert "✗ 500 tests: ZeroDivisionError: division by zero (a.py:7)" in text


def test_many_causes_are_counted_and_no_text_of_a_test_is_markup() -> None:
    text = said_of([red(f"t.py::t{n}", "ValueError: [bold]no[/bold]", n) for n in range(9)])
    assert text.count("ValueError: [bold]no[/bold]") == 5
    assert "and 4 other causes" in text
    assert "✗ 1" not in said_of([TestResult("t.py::a", Outcome.PASSED)])
