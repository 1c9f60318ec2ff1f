"""The control run: tests that pass must fail with a false assertion at their end."""

from __future__ import annotations

from core.testing.base import RunLimits, RunRequest
from core.types import Outcome

LIMITS = RunLimits(test_seconds=2.0, run_seconds=20.0)

SUITE = '''"""Every shape of test."""
from __future__ import annotations

import unittest
from unittest import mock

import pytest


def test_data():
    return [1]


@pytest.mark.parametrize("n", test_data())
def test_plain(n):
    """Says one."""
    assert n == 1


@mock.patch("os.getcwd", return_value="/")
def test_patched(getcwd):
    assert mock.ANY == 3


class TestGroup:
    def test_method(self):
        with pytest.raises(AssertionError):
            assert 1 == 2


class SuiteTest(unittest.TestCase):
    def test_equal(self):
        self.assertEqual([1], [1])

    @unittest.expectedFailure
    def test_known(self):
        self.assertEqual(1, 2)


class Any:
    def __eq__(self, other):
        return True


def test_own_object_that_equals_anything():
    assert Any() == 1


def test_early():
    if True:
        return
'''


def test_every_honest_test_fails_in_the_control_and_none_is_blamed(write, run):
    copy = write({"test_all.py": SUITE})
    [plain] = run(copy, RunRequest(limits=LIMITS))
    passed = {r.node_id for r in plain.report.results if r.outcome is Outcome.PASSED}
    assert len(passed) == 7
    wanted = RunRequest(limits=LIMITS, node_ids=tuple(passed), control=True)
    [control] = run(copy, wanted)
    outcomes = {r.node_id.split("::", 1)[1]: r.outcome for r in control.report.results}
    assert control.report.interference == ()
    # Those that leave early are let off: nothing is said of them.
    assert {name for name, outcome in outcomes.items() if outcome is Outcome.PASSED} == {
        "test_data",
        "test_early",
    }
    assert sum(outcome is Outcome.FAILED for outcome in outcomes.values()) == 5


def test_a_value_that_equals_anything_is_named(write, run):
    copy = write(
        {
            "m.py": "class Yes:\n    def __eq__(self, other):\n        return bool(str(other))\n",
            "test_m.py": "import m\ndef test_yes(): assert m.Yes() == 5\n",
        }
    )
    [outcome] = run(copy, RunRequest(node_ids=("test_m.py::test_yes",), control=True))
    assert outcome.report.interference == ("values in test_m.py::test_yes equal everything",)


def test_a_suite_that_swallows_failures_is_named(write, run):
    copy = write(
        {
            "conftest.py": "import pytest\n@pytest.hookimpl(hookwrapper=True)\n"
            "def pytest_runtest_makereport(item, call):\n"
            "    outcome = yield\n    outcome.get_result().outcome = 'passed'\n",
            "test_m.py": "def test_x(): assert 1 == 1\n",
        }
    )
    [outcome] = run(copy, RunRequest(node_ids=("test_m.py::test_x",), control=True))
    assert any("made to fail" in sign for sign in outcome.report.interference)
