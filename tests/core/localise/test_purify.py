"""The checks of a failing test that held are taken for passing tests."""

from __future__ import annotations

import pytest

from core.localise.purify import purified
from core.localise.statements import map_file
from core.types import Frame, Outcome, TestResult

TEST = """
from pytest import raises
from m import f, g

REFUSED = raises(ValueError)


def test_much():
    made = f(1)
    assert made == 1
    made.change()
    with REFUSED:
        f(-1)
    with raises(TypeError):
        g("")
    assert g(2) == 2
    assert g(3) == 3


class TestMore:
    def test_more(self):
        self.assertEqual(f(1), 1)
        with self.assertRaises(KeyError):
            f(2)
"""
PATH = "test_m.py"
TESTS = {PATH: map_file(TEST.lstrip("\n"))}
ID = "test_m.py::test_much"
LINES = {line.strip(): number for number, line in enumerate(TEST.lstrip("\n").splitlines(), 1)}


SHARED = """
import m


def test_state(made):
    assert m.f() == 1
    assert made.size == 0
    other = made.child
    assert other.size == 0
    assert made.f() == 1


def test_held():
    seen = m.Seen()
    made = m.Made(seen)
    assert m.f() == 1
    assert made.f() == 1
    assert seen.count == 1


class TestState:
    def test_own(self):
        self.assertEqual(m.f(), 1)
        self.assertEqual(self.made.size, 0)
        self.assertEqual(self.made.f(), 1)
"""


def failure(node_id: str, line: int, function: str) -> TestResult:
    frames = (Frame(PATH, line, function), Frame("m.py", 1, "g"))
    return TestResult(node_id, Outcome.FAILED, message="AssertionError", frames=frames)


def parts_of(*lines: int) -> dict[int, dict[str, frozenset[int]]]:
    """The test's line n runs the lines n and 1 of the module."""
    return {line: {"m.py": frozenset({1, line})} for line in lines}


def test_checks_that_held_pass_and_what_only_they_ran_is_no_part_of_the_failure() -> None:
    failed = LINES["assert g(2) == 2"]
    ran = [0, *range(LINES["made = f(1)"], failed + 1)]
    coverage = {ID: {"m.py": frozenset({1, *ran})}, "other": {"m.py": frozenset({1})}}
    found = purified(coverage, {ID: parts_of(*ran)}, [failure(ID, failed, "test_much")], TESTS)
    left = {0, 1, LINES["made = f(1)"], LINES["made.change()"], failed}
    assert found[ID] == {"m.py": frozenset(left)}
    assert found["other"] == coverage["other"]
    held = {line for name, line in LINES.items() if name in ("assert made == 1", 'g("")', "f(-1)")}
    held |= {LINES["with REFUSED:"], LINES["with raises(TypeError):"]}
    assert {int(n.rpartition(" ")[2]) for n in found if n.startswith(f"{ID} line")} == held


def test_of_a_block_that_expects_an_error_and_fails_nothing_is_taken() -> None:
    node_id = "test_m.py::TestMore::test_more"
    expected = LINES["with self.assertRaises(KeyError):"]
    ran = (0, expected - 1, expected, expected + 1)
    coverage = {node_id: {"m.py": frozenset({1, *ran})}}
    for failed in (expected, expected + 1):
        result = failure(node_id, failed, "test_more")
        found = purified(coverage, {node_id: parts_of(*ran)}, [result], TESTS)
        assert found[node_id] == {"m.py": frozenset({0, 1, expected, expected + 1})}
        assert f"{node_id} line {expected - 1}" in found


def test_a_test_that_does_not_say_where_it_failed_stays_as_it_is() -> None:
    coverage = {ID: {"m.py": frozenset({1, 2})}}
    nowhere = TestResult(ID, Outcome.FAILED, message="AssertionError")
    helper = failure(ID, LINES["made = f(1)"], "some_helper")
    for result in (nowhere, helper):
        assert purified(coverage, {ID: parts_of(0, 8, 9)}, [result], TESTS) == coverage
    assert purified(coverage, {}, [failure(ID, 9, "test_much")], TESTS) == coverage


@pytest.mark.parametrize(
    ("node_id", "first", "held"),
    [
        ("test_m.py::test_state", 5, [5]),
        ("test_m.py::test_held", 13, [15]),
        ("test_m.py::TestState::test_own", 22, [22]),
    ],
)
def test_a_check_of_what_the_failing_one_looks_at_may_have_changed_it(
    node_id: str, first: int, held: list[int]
) -> None:
    last = first + 2 if node_id.endswith("own") else first + 4
    ran = (0, *range(first, last + 1))
    tests = {PATH: map_file(SHARED.lstrip("\n"))}
    coverage = {node_id: {"m.py": frozenset({1, *ran})}}
    result = failure(node_id, last, node_id.rpartition("::")[2])
    found = purified(coverage, {node_id: parts_of(*ran)}, [result], tests)
    assert [int(n.rpartition(" ")[2]) for n in found if " line " in n] == held
