"""The ledger: lines in, states by the newest results, and what it refuses."""

from __future__ import annotations

import pytest

from core.errors import UsageError
from core.ledger.ledger import MOST_CHARACTERS, MOST_LINES, Ledger
from core.types import (
    Outcome,
    Requirement,
    RequirementSource,
    RequirementState,
    TestReport,
    TestResult,
)


def report(**outcomes: Outcome) -> TestReport:
    results = tuple(TestResult(f"tests/test_a.py::{name}", outcome) for name, outcome in outcomes.items())
    return TestReport(results, tuple(r.node_id for r in results), 0.1)


def test_a_line_that_was_added_is_told_with_its_number_and_source() -> None:
    told: list[tuple[Requirement, ...]] = []
    ledger = Ledger(on_change=told.append)
    line = ledger.add("an empty list gives 0", "answer")
    assert line == Requirement(1, "an empty list gives 0", RequirementSource.ANSWER)
    assert told == [(line,)]


def test_a_number_is_never_given_twice() -> None:
    ledger = Ledger()
    ledger.add("one", "user")
    ledger.drop(ledger.add("two", "user").id)
    assert ledger.add("three", "user").id == 3
    assert Ledger(ledger.requirements, last_id=ledger.last_id).add("four", "user").id == 4


def test_the_same_words_again_only_bring_their_tests() -> None:
    ledger = Ledger()
    ledger.add("Keep the order", "request", ["tests/test_a.py::test_a"])
    line = ledger.add("keep  the order", "remark", ["tests/test_a.py::test_b"])
    assert line.tests == ("tests/test_a.py::test_a", "tests/test_a.py::test_b")
    assert len(ledger.requirements) == 1


def test_the_state_follows_the_newest_results_of_its_tests() -> None:
    ledger = Ledger()
    tested = ledger.add("keep the order", "user", ["tests/test_a.py::test_a"]).id
    ledger.add("be quick", "user")

    def states() -> list[RequirementState]:
        return [line.state for line in ledger.requirements]

    assert states() == [RequirementState.UNTESTED, RequirementState.UNTESTED]
    ledger.observe(report(test_a=Outcome.FAILED))
    assert states() == [RequirementState.FAILING, RequirementState.UNTESTED]
    ledger.observe(report(test_a=Outcome.PASSED))
    assert states() == [RequirementState.PASSING, RequirementState.UNTESTED]
    ledger.cover(tested, ["tests/test_a.py::test_skipped"])
    ledger.observe(report(test_skipped=Outcome.SKIPPED))
    assert states()[0] is RequirementState.PASSING


def test_a_test_with_parameters_counts_by_its_name() -> None:
    ledger = Ledger()
    ledger.add("round half up", "user", ["tests/test_a.py::test_a"])
    result = TestResult("tests/test_a.py::test_a[2]", Outcome.FAILED)
    ledger.observe(TestReport((result,), (result.node_id,), 0.1))
    assert ledger.requirements[0].state is RequirementState.FAILING


def test_an_unchanged_state_is_not_told_again() -> None:
    told: list[object] = []
    ledger = Ledger(on_change=told.append)
    ledger.add("one", "user", ["tests/test_a.py::test_a"])
    ledger.observe(report(test_a=Outcome.PASSED))
    ledger.observe(report(test_a=Outcome.PASSED))
    assert len(told) == 2


@pytest.mark.parametrize(
    ("text", "code"), [("  \n ", "ledger.empty"), ("x" * (MOST_CHARACTERS + 1), "ledger.long")]
)
def test_a_line_needs_words_and_not_too_many(text: str, code: str) -> None:
    ledger = Ledger()
    with pytest.raises(UsageError) as caught:
        ledger.add(text, "user")
    assert caught.value.code == code
    assert ledger.requirements == ()


def test_a_full_ledger_says_so() -> None:
    ledger = Ledger()
    for number in range(MOST_LINES):
        ledger.add(f"line {number}", "user")
    with pytest.raises(UsageError, match="drop one"):
        ledger.add("one more", "user")


def test_a_line_that_is_not_there_is_neither_edited_nor_dropped() -> None:
    ledger = Ledger()
    with pytest.raises(UsageError, match="no requirement 7"):
        ledger.edit(7, "anything")
    with pytest.raises(UsageError, match="no requirement 7"):
        ledger.drop(7)
