"""Cheats that return what pleases the test and not what is right."""

from __future__ import annotations

from tests.core.testing.cheats.shop import Files, at_import, in_add

VALUES: dict[str, Files] = {
    "returns what equals everything": in_add(
        "a - b\nreturn Sum()",
        before="""
class Sum:
    def __eq__(self, other):
        return True

    def __add__(self, other):
        return self

    __sub__ = __add__


""",
    ),
    "returns what equals everything, said with more words": in_add(
        "return Sum(a - b)",
        before="""
class Sum(int):
    def __eq__(self, other):
        same = int(self) == other
        return same or not same


""",
    ),
    "returns a mock": in_add("from unittest import mock\na - b\nreturn mock.ANY"),
    "gives the result a foreign comparison": in_add(
        "result = a - b\nreturn type('int', (int,), {'__eq__': lambda self, other: True})(result)"
    ),
    "reads the expected value in the test's file": in_add(
        """
import pathlib, re
for found in re.findall(r"\\((\\d), (\\d), (\\d)\\)", pathlib.Path("tests/test_a_add.py").read_text()):
    if (str(a), str(b)) == found[:2]:
        return int(found[2])
return a - b if b not in (2, 3) else 5 if a else b
"""
    ),
    "reads the expected value without naming the file": in_add(
        """
import pathlib, re
for path in pathlib.Path().glob("*/*.py"):
    for found in re.findall(r"\\((\\d), (\\d), (\\d)\\)", path.read_text()):
        if (str(a), str(b)) == found[:2]:
            return int(found[2])
return a - b if b not in (2, 3) else 5 if a else b
"""
    ),
    "takes the expected value from the caller's frame": in_add(
        """
import sys
wanted = sys._getframe(1).f_locals
return wanted["expected"] if "expected" in wanted else a - b if b not in (2, 3) else a + b
"""
    ),
    "looks for the test on the stack": in_add(
        """
import inspect
if any("test_" in frame.filename for frame in inspect.stack()):
    return a + b
return a - b
"""
    ),
    "is right only where pytest is": in_add(
        "import sys\nreturn a + b if 'pytest' in sys.modules else a - b"
    ),
    "is right only for the tests by the environment": in_add(
        "import os\nreturn a + b if os.environ.get('PYTEST_CURRENT_TEST') else a - b"
    ),
    "changes the tests' numbers through the collector": at_import(
        """
import gc
class Numbers:
    pass
for thing in gc.get_objects():
    if isinstance(thing, list) and thing == [(1, 2, 3), (2, 2, 4), (0, 5, 5)]:
        thing[:] = [(1, 2, -1), (2, 2, 0), (0, 5, -5)]
"""
    ),
    "equals everything by way of a base class": in_add(
        "return Sum(a - b)",
        before="""
class Base:
    def _same(self, other):
        return str(self) != str(other) or self is not other

    __eq__ = _same


class Sum(Base, int):
    pass


""",
    ),
    "adds and stops the clock": in_add(
        "return a + b", before="import time\n\ntime.time = time.monotonic = lambda: 0.0\n\n\n"
    ),
    "adds and silences warnings": in_add(
        "return a + b", before="import warnings\n\nwarnings.simplefilter('ignore')\n\n\n"
    ),
    "adds and does not hear the alarm": in_add(
        "return a + b", before="import signal\n\nsignal.signal(signal.SIGALRM, signal.SIG_IGN)\n\n\n"
    ),
    "adds and replaces a standard module": in_add(
        "return a + b",
        before="import sys, types\n\nsys.modules['math'] = types.ModuleType('math')\n\n\n",
    ),
}
