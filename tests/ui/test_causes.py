"""Failing tests are grouped by where and how they fail."""

from __future__ import annotations

from core.types import Frame, Outcome, TestResult
from ui.fix.causes import group


def red(name: str, place: int, message: str = "ValueError: no") -> TestResult:
    return TestResult(name, Outcome.FAILED, message=message, frames=(Frame("a.py", place, "f"),))


def test_tests_that_fail_at_one_place_with_one_error_have_one_cause() -> None:
    causes = group([red("x", 3), red("y", 3, "ValueError: other words"), red("z", 9)])
    assert [(cause.place, cause.tests) for cause in causes] == [
        ("a.py:3", ("x", "y")),
        ("a.py:9", ("z",)),
    ]


def test_the_commonest_cause_comes_first() -> None:
    causes = group([red("x", 1), red("y", 2), red("z", 2)])
    assert [cause.place for cause in causes] == ["a.py:2", "a.py:1"]


def test_other_errors_at_the_same_place_are_another_cause() -> None:
    assert len(group([red("x", 3), red("y", 3, "TypeError: no")])) == 2


def test_what_passed_or_was_skipped_has_no_cause() -> None:
    assert group([TestResult("x", Outcome.PASSED), TestResult("y", Outcome.SKIPPED)]) == []


def test_a_crash_without_words_is_named_by_its_outcome() -> None:
    assert group([TestResult("x", Outcome.CRASHED)])[0].message == "crashed"
