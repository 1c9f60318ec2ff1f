"""Examples in docstrings are tests: the code around them may change, they may not."""

from __future__ import annotations

import pytest

from core.checks.doctests import weakens_doctests
from core.checks.doubts import Doubts
from core.types import FileChange, Outcome, Patch, TestReport, TestResult

BEFORE = '''
def total(prices):
    """Add.

    >>> total([1, 2])
    3
    >>> total([])
    0
    """
    return sum(prices) + 1
'''
BASELINE = TestReport(
    (TestResult("shop/price.py::shop.price.total", Outcome.FAILED),),
    ("shop/price.py::shop.price.total", "README.rst::README.rst"),
    0.1,
)


def refusal(path: str, before: str, after: str | None) -> str:
    change = FileChange(path, before.encode(), None if after is None else after.encode())
    return Doubts(BASELINE, lambda path: False).refusal(Patch((change,)))


@pytest.mark.parametrize(
    "after",
    [
        BEFORE.replace(" + 1", ""),
        BEFORE.replace("Add.", "Add them all."),
        BEFORE.replace("    0\n", "    0\n    >>> total([4])\n    4\n"),
        "import math\n" + BEFORE,
    ],
)
def test_code_around_examples_may_change(after: str) -> None:
    assert refusal("shop/price.py", BEFORE, after) == ""


@pytest.mark.parametrize(
    "after",
    [
        BEFORE.replace("    3\n", "    4\n"),
        BEFORE.replace("    >>> total([])\n    0\n", ""),
        BEFORE.replace(">>> total([1, 2])", ">>> total([1, 2])  # doctest: +SKIP"),
        BEFORE.replace("total", "other", 1),
        BEFORE + "\ntotal.__doc__ = ''\n",
        BEFORE + "\n__test__ = {}\n",
        None,
    ],
)
def test_a_patch_that_alters_or_loses_an_example_is_refused(after: str | None) -> None:
    assert refusal("shop/price.py", BEFORE, after) == (
        "It changes examples in shop/price.py, which are tests."
    )


def test_a_text_of_examples_is_locked_as_a_whole_and_other_files_are_not() -> None:
    assert refusal("README.rst", ">>> 1\n1\n", ">>> 1\n2\n").startswith("It changes examples")
    assert refusal("shop/other.py", BEFORE, BEFORE.replace("3", "4")) == ""
    assert not weakens_doctests(FileChange("shop/new.py", None, b""))
