"""Which tests are worth proposing, and why others are not."""

from __future__ import annotations

import pytest

from core.request.judging import prune, why_not
from core.request.places import Place
from core.types import Frame, Outcome, ProposedTest, TestResult

PLACES = (Place("text.py", "shout", is_missing=True), Place("text.py", "slugify"))


def proposed(*bodies: str) -> list[ProposedTest]:
    return [
        ProposedTest("t.py", f"t.py::test_{n}", f"def test_{n}():\n    {body}\n", "")
        for n, body in enumerate(bodies)
    ]


def test_what_says_nothing_new_or_nothing_at_all_is_left_out() -> None:
    kept, dropped = prune(
        proposed(
            "assert f(1) == 2",
            "assert f(1) == 2",
            "assert f(1) == f(1)",
            "assert True",
            "f(1)",
            "assert f(",
            "assert f(2) == 3",
        )
    )
    assert [test.node_id for test in kept] == ["t.py::test_0", "t.py::test_6"]
    assert [one.why.split(":")[0] for one in dropped] == [
        "It says the same as another one.",
        "It is true whatever the code does.",
        "It is true whatever the code does.",
        "It asserts nothing.",
        "It does not parse",
    ]


def failed(message: str, *paths: str) -> TestResult:
    frames = tuple(Frame(path, 1, "f") for path in paths)
    return TestResult("t.py::test_0", Outcome.FAILED, message=message, frames=frames)


@pytest.mark.parametrize(
    "result",
    [
        failed("assert 1 == 2\n + where 1 = f()", "t.py"),
        failed("AssertionError: 1 != 2", "t.py"),
        failed("Failed: DID NOT RAISE <class 'ValueError'>", "t.py"),
        failed("NotImplementedError", "t.py", "text.py"),
        failed("ImportError: cannot import name 'shout' from 'text' (/work/text.py)", "t.py"),
        failed("AttributeError: module 'text' has no attribute 'shout'", "t.py"),
        failed("TypeError: slugify() got an unexpected keyword argument 'sep'", "t.py"),
        failed("IndexError: string index out of range", "t.py", "text.py"),
        TestResult("t.py::test_0", Outcome.TIMEOUT),
    ],
)
def test_a_failure_of_what_is_asked_for_makes_a_target(result: TestResult) -> None:
    assert why_not(result, "t.py", PLACES) == ""


@pytest.mark.parametrize(
    ("result", "why"),
    [
        (None, "not collected"),
        (TestResult("t.py::test_0", Outcome.PASSED), "passes on the code"),
        (TestResult("t.py::test_0", Outcome.SKIPPED), "skipped"),
        (TestResult("t.py", Outcome.COLLECT_ERROR, message="SyntaxError: bad"), "cannot be collected"),
        (failed("NameError: name 'x' is not defined", "t.py"), "fault of its own"),
        (failed("ModuleNotFoundError: No module named 'shoutlib'", "t.py"), "fault of its own"),
        (failed("ImportError: cannot import name 'other' from 'text'", "t.py"), "fault of its own"),
        (failed("TypeError: unsupported operand type(s)", "t.py"), "fault of its own"),
    ],
)
def test_a_failure_of_its_own_does_not(result: TestResult | None, why: str) -> None:
    assert why in why_not(result, "t.py", PLACES)
