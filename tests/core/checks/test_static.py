"""What a patch newly reaches for, told from what its file always used."""

from __future__ import annotations

import pytest

from core.checks.doubts import Doubts, control_tests
from core.checks.static import doubts, files_with_tests, shadows
from core.repo.locked import is_locked
from core.types import FileChange, Outcome, Patch, RunEnd, TestReport, TestResult

TESTS = ("tests/test_sums.py::test_adding[1]", "tests/test_sums.py::SumsTest::test_total")


def said(after: str, before: str = "", path: str = "sums.py") -> str:
    change = FileChange(path, before.encode(), after.encode())
    return " ".join(doubts(Patch((change,)), TESTS))


@pytest.mark.parametrize(
    ("code", "word"),
    [
        ("import os\nos._exit(0)", "os._exit"),
        ("from os import _exit as leave\nleave(0)", "os._exit"),
        ("import os as system\nsystem.kill(1, 9)", "os.kill"),
        ("import sys\nsys.exit(0)", "sys.exit"),
        ("raise SystemExit", "raise SystemExit"),
        ("raise KeyboardInterrupt()", "raise KeyboardInterrupt"),
        ("import pytest", "pytest"),
        ("from _pytest import runner", "_pytest"),
        ("from unittest import mock", "unittest"),
        ("import unittest.mock as m", "unittest"),
        ("import gc", "gc"),
        ("from ctypes import pythonapi", "ctypes"),
        ("import sys\nsys.modules['x'] = 1", "sys.modules"),
        ("from sys import modules", "sys.modules"),
        ("import sys\nsys.settrace(print)", "sys.settrace"),
        ("import inspect\ninspect.stack()", "inspect.stack"),
        ("import sys\nsys._getframe().f_back", ".f_back"),
        ("import warnings\nwarnings.simplefilter('ignore')", "warnings.simplefilter"),
        ("import time\ntime.time = lambda: 0", "a new time.time"),
        ("import json\nsetattr(json, 'loads', str)", "setattr on json"),
        ("import os\ngetattr(os, '_' + 'exit')(0)", "getattr on os"),
        ("exec('x = 1')", "exec"),
        ("x = __import__('os')", "__import__"),
        ("x = 'PYTEST_CURRENT_TEST'", '"pytest" in a string'),
        ("x = open('tests/test_sums.py')", 'the test\'s name "test_sums"'),
        ("x = 'test_adding'", 'the test\'s name "test_adding"'),
        ("x = '/proc/self/fd'", '"/proc/" in a string'),
        ("class A:\n    def __eq__(self, other):\n        return True", "__eq__ that is always true"),
        ("class A:\n    __eq__ = lambda self, other: True", "__eq__ that is always true"),
        ("A = type('A', (), {'__eq__': print})", '"__eq__" in a string'),
        ("class A:\n    def __getattr__(self, name):\n        return self", "__getattr__"),
        ("class A:\n    def __instancecheck__(self, x):\n        return x", "__instancecheck__"),
    ],
)
def test_what_no_fix_needs_is_named(code: str, word: str) -> None:
    assert word in said(code)
    assert said(code).startswith("sums.py newly uses ")


@pytest.mark.parametrize(
    "code",
    [
        "import os\n\n\ndef f(path):\n    return os.path.join(path, os.environ.get('HOME', ''))",
        "class A:\n    def __eq__(self, other):\n        return type(other) is A and other.x == 1",
        "class A:\n    def __contains__(self, x):\n        if x:\n            return 1\n        return x",
        '"""Used by test_adding of the pytest suite."""',
        "import inspect\ninspect.signature(print)",
        "import threading\nlock = threading.Lock()",
        "self = object()\nself.value = 1",
        "import re\nre.compile('x')",
        "def f(self, name):\n    return getattr(self, name)",
        "import warnings\nwarnings.warn('old', DeprecationWarning)",
        "raise ValueError('x')",
    ],
)
def test_ordinary_code_is_not_named(code: str) -> None:
    assert said(code) == ""


def test_what_the_file_used_before_is_not_named() -> None:
    before = "import sys\n\n\ndef main():\n    sys.exit(1)\n"
    assert said(before.replace("1", "2"), before) == ""
    assert "sys.modules" in said(before + "sys.modules.clear()\n", before)


def test_only_python_is_read_and_a_removed_file_says_nothing() -> None:
    gone = Patch((FileChange("sums.py", b"x = 1\n", None),))
    assert doubts(gone, TESTS) == ()
    assert said("import gc", path="notes.txt") == ""


@pytest.mark.parametrize(
    ("path", "module"),
    [
        ("json.py", "json"),
        ("src/json/__init__.py", "json"),
        ("pytest.py", "pytest"),
        ("_pytest/runner.py", "_pytest"),
        ("shop/json.py", ""),
        ("sums.py", ""),
        ("json.txt", ""),
    ],
)
def test_a_new_file_may_not_stand_in_the_place_of_a_standard_module(path: str, module: str) -> None:
    assert shadows(FileChange(path, None, b"")) == module
    assert shadows(FileChange(path, b"", b"x = 1\n")) == ""


def test_files_are_locked_that_hold_tests_under_any_name_but_not_those_with_doctests() -> None:
    ids = ("checks/check_a.py::check_x", "sums.py::sums.add", "sums.py::sums", "notes.txt::notes.txt")
    assert files_with_tests(ids) == {"checks/check_a.py"}
    baseline = TestReport((), ids, 1.0)
    patch = Patch((FileChange("checks/check_a.py", b"", b"x = 1\n"),))
    assert "checks/check_a.py" in Doubts(baseline, is_locked).refusal(patch)
    assert Doubts(baseline, is_locked).refusal(Patch((FileChange("sums.py", b"", b"x\n"),))) == ""


def test_tests_that_a_patch_carries_may_use_pytest() -> None:
    patch = Patch((FileChange("tests/test_new.py", None, b"import pytest\n"),))
    assert Doubts(TestReport((), TESTS, 1.0), is_locked).of_source(patch) == ()


def test_the_control_takes_one_passed_test_of_each_function() -> None:
    results = tuple(
        TestResult(node_id, outcome)
        for node_id, outcome in (
            ("t.py::a[1]", Outcome.FAILED),
            ("t.py::a[2]", Outcome.PASSED),
            ("t.py::a[3]", Outcome.PASSED),
            ("t.py::b", Outcome.PASSED),
            ("u.py::c", Outcome.PASSED),
            ("u.py::d", Outcome.SKIPPED),
        )
    )
    report = TestReport(results, tuple(r.node_id for r in results), 1.0, RunEnd.FINISHED)
    assert control_tests(report, ("t.py::a[1]", "t.py::a[2]", "t.py::a[3]")) == ("t.py::a[2]",)
    assert control_tests(report, ("u.py",)) == ("u.py::c",)
