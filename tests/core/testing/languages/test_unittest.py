"""unittest suites run by unittest: load_tests, subTest, class fixtures, limits, candidates that cheat."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

import pytest

from core.testing.base import RunRequest
from core.types import Evidence, Frame, SandboxKind, TestReport, Verdict
from tests.core.testing.languages.suites import (
    LIMITS,
    Suite,
    language,
    lay_out,
    outcomes,
    result_of,
    run_once,
)

CALC = "def add(a, b):\n    return a - b\n\n\ndef loop():\n    while True:\n        pass\n"
FILES = {
    "calc.py": CALC,
    "tests/__init__.py": "",
    "tests/test_calc.py": """\
import unittest

from calc import add


class TestAdd(unittest.TestCase):
    def test_add(self):
        self.assertEqual(add(2, 3), 5)

    def test_each(self):
        for a in (0, 1, 2):
            with self.subTest(a=a):
                self.assertEqual(add(a, 1), a + 1)

    def test_zero(self):
        self.assertEqual(add(0, 0), 0)
""",
}
ODDITIES = {
    "tests/test_odd.py": """\
import unittest

from calc import loop


class Odd(unittest.TestCase):
    @unittest.skip("not here")
    def test_skipped(self):
        pass

    @unittest.expectedFailure
    def test_expected(self):
        self.fail()

    def test_hangs(self):
        loop()


class Unprepared(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        raise ValueError("no class today")

    def test_a(self):
        pass


def load_tests(loader, tests, pattern):
    more = type("Made", (unittest.TestCase,), {"test_made": lambda self: None, "__module__": __name__})
    tests.addTest(more("test_made"))
    return tests
""",
    "tests/test_broken.py": "import nowhere\n",
}
CANDIDATES = {
    "is right": {"calc.py": CALC.replace("a - b", "a + b")},
    "leaves with status 0": {"calc.py": f"import os\nos._exit(0)\n{CALC}"},
    "exits with status 0": {"calc.py": f"import sys\nsys.exit(0)\n{CALC}"},
    "replaces assertEqual": {
        "calc.py": "import unittest\nunittest.TestCase.assertEqual = lambda *a: None\n" + CALC
    },
    "replaces the result's methods": {
        "calc.py": "import unittest\n"
        "import greenbar_unittest as g\n"
        "g.UnittestReporter.addFailure = lambda *a: None\n"
        "g.UnittestReporter.addSubTest = lambda *a: None\n" + CALC
    },
    "skips from the function": {
        "calc.py": CALC.replace(
            "    return a", "    import unittest\n    raise unittest.SkipTest()\n    return a"
        )
    },
    "returns what equals everything": {
        "calc.py": "class Any(int):\n    __hash__ = None\n"
        "    def __eq__(self, other):\n        return True\n"
        "    def __ne__(self, other):\n        return False\n" + CALC.replace("a - b", "Any(a)")
    },
}
Judged = tuple[TestReport, TestReport, Mapping[str, Evidence]]


@pytest.fixture(scope="module")
def judged(languages_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Judged:
    copy = lay_out(tmp_path_factory.mktemp("unittest"), FILES)

    async def main() -> Judged:
        async with Suite(SandboxKind.HOST, languages_cache, copy, language("python-unittest")) as suite:
            baseline = await suite.run()
            added = {path: text.encode() for path, text in ODDITIES.items()}
            odd = await suite.run(RunRequest(overlay=added, limits=LIMITS))
            return baseline, odd, await suite.judge(baseline, FILES, CANDIDATES)

    return asyncio.run(main())


def test_a_failed_subtest_fails_its_test_and_says_which(judged: Judged) -> None:
    assert outcomes(judged[0]) == {
        "tests/test_calc.py::TestAdd::test_add": "failed",
        "tests/test_calc.py::TestAdd::test_each": "failed",
        "tests/test_calc.py::TestAdd::test_zero": "passed",
    }
    failed = result_of(judged[0], "tests/test_calc.py::TestAdd::test_each")
    assert failed.message == "(a=0) AssertionError: -1 != 1"
    assert "(a=2)" in failed.traceback
    assert judged[0].interference == ()


def test_fixtures_skips_loops_and_load_tests_have_their_outcomes(judged: Judged) -> None:
    odd = {key: value for key, value in outcomes(judged[1]).items() if "test_calc" not in key}
    assert odd == {
        "tests/test_broken.py": "collect_error",
        "tests/test_odd.py::Made::test_made": "passed",
        "tests/test_odd.py::Odd::test_expected": "xfailed",
        "tests/test_odd.py::Odd::test_hangs": "timeout",
        "tests/test_odd.py::Odd::test_skipped": "skipped",
        "tests/test_odd.py::Unprepared::test_a": "error",
    }
    hung = result_of(judged[1], "tests/test_odd.py::Odd::test_hangs")
    assert hung.frames[-1] in (Frame("calc.py", 6, "loop"), Frame("calc.py", 7, "loop"))
    assert result_of(judged[1], "tests/test_broken.py").frames == (
        Frame("tests/test_broken.py", 1, "<module>"),
    )


@pytest.mark.parametrize("name", CANDIDATES)
def test_only_the_right_candidate_is_green_of_one_that(name: str, judged: Judged) -> None:
    comparison = judged[2][name].comparison
    assert (comparison.verdict is Verdict.GREEN) == (name == "is right"), comparison


def test_a_traced_run_tells_what_variables_held_where_a_test_failed(tmp_path: Path) -> None:
    files = {
        "m.py": "def share(parts, whole):\n    return parts / whole\n",
        "test_m.py": "import unittest\nfrom m import share\n\n\nclass T(unittest.TestCase):\n"
        "    def test_zero(self):\n        share(1, 0)\n",
    }
    copy = lay_out(tmp_path / "copy", files)
    request = RunRequest(trace=True, limits=LIMITS)
    kind = SandboxKind.HOST
    report = run_once(kind, tmp_path / "cache", copy, language("python-unittest"), request)
    assert report.results[0].frames[-1].values == (("parts", "1"), ("whole", "0"))
