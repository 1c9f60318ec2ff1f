"""Ranking suspects from small, made-up evidence."""

from __future__ import annotations

from core.localise.suspects import rank_suspects
from core.types import Frame, Outcome, Suspect, TestResult

CALC = """\
import math


def mean(values):
    total = 0
    for value in values:
        total -= value
    return total / len(values)


def top(values):
    best = max(
        values,
    )
    return best
"""
TEST = "from shop.calc import mean\n\n\ndef test_mean():\n    assert mean([1, 3]) == 2\n"
SOURCES = {"shop/calc.py": CALC, "tests/test_calc.py": TEST}


def locked(path: str) -> bool:
    return path.startswith("tests/")


def red(node: str, message: str = "", *lines: int, outcome: Outcome = Outcome.FAILED) -> TestResult:
    frames = (Frame("tests/test_calc.py", 5, "test"), *(Frame("shop/calc.py", n, "f") for n in lines))
    return TestResult(node, outcome, message=message, frames=frames)


def lines(suspects: tuple[Suspect, ...]) -> list[int]:
    return [s.line for s in suspects]


def test_lines_that_only_failing_tests_run_come_first() -> None:
    coverage = {
        "f": {"shop/calc.py": frozenset({5, 6, 7, 8})},
        "p": {"shop/calc.py": frozenset({5, 6, 8})},
    }
    suspects = rank_suspects([red("f")], ["p"], coverage, SOURCES, locked)
    assert suspects[0].line == 7
    assert suspects[0].score == 1.0
    assert suspects[0].function == "mean"
    assert suspects[0].reasons == ("run by 1 failing and 0 passing tests",)


def test_the_bottom_of_the_traceback_leads_where_there_is_no_coverage() -> None:
    suspects = rank_suspects([red("f", "", 6, 8)], [], {}, SOURCES, locked)
    assert lines(suspects) == [8, 6]


def test_a_timeout_points_at_where_it_was_interrupted() -> None:
    suspects = rank_suspects([red("f", "", 7, outcome=Outcome.TIMEOUT)], [], {}, SOURCES, locked)
    assert suspects[0].line == 7
    assert "interrupted here" in suspects[0].reasons


def test_names_in_the_message_break_a_tie() -> None:
    coverage = {"f": {"shop/calc.py": frozenset({5, 8})}}
    failure = red("f", "ZeroDivisionError: division by zero in values")
    assert lines(rank_suspects([failure], [], coverage, SOURCES, locked)) == [8, 5]


def test_locked_files_and_lines_without_statements_are_never_suspect() -> None:
    coverage = {"f": {"shop/calc.py": frozenset({1, 2, 4, 8}), "tests/test_calc.py": frozenset({5})}}
    suspects = rank_suspects([red("f")], [], coverage, SOURCES, locked)
    assert [(s.path, s.line) for s in suspects] == [("shop/calc.py", 8)]


def test_a_statement_over_several_lines_is_one_suspect() -> None:
    coverage = {"f": {"shop/calc.py": frozenset({12, 13, 15})}}
    assert lines(rank_suspects([red("f")], [], coverage, SOURCES, locked)) == [12, 15]


def test_without_coverage_and_frames_the_imported_functions_are_suspects_the_named_first() -> None:
    failure = TestResult("tests/test_calc.py", Outcome.COLLECT_ERROR, message="ImportError: x")
    suspects = rank_suspects([failure], [], {}, SOURCES, locked)
    assert {s.path for s in suspects} == {"shop/calc.py"}
    assert [s.function for s in suspects if s.score == 1.0] == ["mean"] * 4
    assert {s.function for s in suspects} == {"mean", "top"}


def test_relative_imports_are_followed() -> None:
    sources = {
        "pkg/tests/test_a.py": "from ..core import f\n",
        "pkg/core.py": "def f():\n    return 1\n",
        "pkg/tests/core.py": "def g():\n    return 1\n",
    }
    failure = TestResult("pkg/tests/test_a.py::test", Outcome.ERROR)
    suspects = rank_suspects([failure], [], {}, sources, lambda path: "test_" in path)
    assert [s.path for s in suspects] == ["pkg/core.py"]


def test_the_list_is_bounded() -> None:
    coverage = {"f": {"shop/calc.py": frozenset(range(1, 20))}}
    assert len(rank_suspects([red("f")], [], coverage, SOURCES, locked, limit=2)) == 2
