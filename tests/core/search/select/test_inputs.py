"""Other inputs than those of the tests, and the module that asks for answers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.search.select.inputs import (
    MOST_INPUTS,
    Function,
    asking_module,
    changed_functions,
    constants_of,
    import_of,
    near_inputs,
    read_answers,
    read_inputs,
)
from core.types import Outcome, TestReport, TestResult

BEFORE = "import os\n\n\ndef f(a):\n    return a\n\n\ndef g():\n    return 1\n"
F = Function("pkg/m.py", "f", 4, 5)


def test_the_functions_that_a_patch_changes_are_found_with_their_lines() -> None:
    after = BEFORE.replace("return a", "# more\n    return a + 1").replace("import os", "import sys")
    assert list(changed_functions("m.py", BEFORE, after)) == [Function("m.py", "f", 4, 6)]
    assert list(changed_functions("m.py", BEFORE, BEFORE + "\n\ndef h():\n    return 2\n")) == []
    assert list(changed_functions("m.py", BEFORE, "def (")) == []


@pytest.mark.parametrize(
    ("test", "found"),
    [
        ("from pkg.m import f, g", ("from pkg.m import f, g", "f")),
        ("from pkg import f as ff", ("from pkg import f as ff", "ff")),
        ("from . import m", ("from . import m", "m.f")),
        ("import pkg.m", ("import pkg.m", "pkg.m.f")),
        ("import pkg.m as mm", ("import pkg.m as mm", "mm.f")),
        ("import os", None),
        ("def (", None),
    ],
)
def test_a_function_is_called_as_the_tests_import_it(test: str, found: tuple[str, str] | None) -> None:
    assert import_of(F, test) == found


def test_recorded_arguments_that_are_literals_are_inputs_each_once() -> None:
    calls = [["[1, 2]", "'a'"], ["[1, 2]", "'a'"], ["<Node at 3>", "1"], ["[1, 2, …]", "1"], []]
    assert read_inputs(calls) == (([1, 2], "a"), ())


ARGUMENT = st.integers() | st.text() | st.lists(st.integers())


@given(st.lists(st.tuples(ARGUMENT, st.booleans()), max_size=5))
def test_near_inputs_begin_with_the_seeds_differ_and_are_not_too_many(seeds) -> None:
    found = near_inputs(seeds)
    assert len(found) <= MOST_INPUTS
    assert len({repr(one) for one in found}) == len(found)
    assert all(len(one) == 2 for one in found)
    assert not seeds or found[0] == seeds[0]


def test_what_has_no_arguments_is_asked_once() -> None:
    assert near_inputs([()]) == ((),)


def test_the_module_tells_values_and_errors_and_what_became_of_the_arguments() -> None:
    text = asking_module("from math import isqrt", "isqrt", [(9,), (-1,), ("x",)])
    names: dict[str, object] = {}
    exec(compile(text, "asked", "exec"), names)
    results = []
    for number in range(3):
        try:
            names[f"test_{number}"]()  # type: ignore[operator]
        except names["Answer"] as error:  # type: ignore[misc]
            message = f"asked.Answer: {error}"
            results.append(TestResult(f"t/asked.py::test_{number}", Outcome.FAILED, message=message))
    report = TestReport(tuple(results), (), 0.1)
    assert read_answers(report, "t/asked.py", 4) == (
        "(3, (9,))",
        "raises ValueError",
        "raises TypeError",
        "nothing",
    )


def test_addresses_make_no_difference_and_a_timeout_is_an_answer() -> None:
    results = (
        TestResult("a.py::test_0", Outcome.FAILED, message="Answer: <<(<O at 0x7f3a>, ())>>"),
        TestResult("a.py::test_1", Outcome.TIMEOUT, message="took too long"),
    )
    assert read_answers(TestReport(results, (), 0.1), "a.py", 2) == ("(<O at >, ())", "timeout")


def test_constants_of_the_code_are_inputs_with_what_lies_beside_them() -> None:
    code = "LIMIT = 5\n\n\ndef is_adult(age):\n    return age < 18\n"

    found = near_inputs([(40,)], constants_of(code, "is_adult"))

    assert {(18,), (17,), (19,), (5,)} <= set(found)


def test_what_is_in_one_argument_is_tried_as_another() -> None:
    found = [repr(one) for one in near_inputs([([10, 20], 25), ([1], 7)])]

    assert "([10, 20], 20)" in found
    assert "([1], 1)" in found


def test_a_text_that_does_not_parse_has_no_constants() -> None:
    assert constants_of("def f(:", "f") == ()
