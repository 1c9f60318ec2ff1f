"""What a watched function did, step by step, through the real worker; all cases in one run."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

import pytest

from core.sandbox.base import Environment, Limits
from core.sandbox.host import HostSandbox
from core.sandbox.installer import NetworkSettings
from core.testing.base import RunLimits, RunOutcome, RunRequest, Step, Watch
from core.testing.languages import PYTEST, shipped
from core.testing.runner import WorkerPool
from core.types import Outcome

WATCHED = """\
import asyncio, collections, dataclasses, enum, threading


def loop(items):
    total = 0
    for item in items:
        total += item
    return total


def again(n):
    if n < 2:
        return n
    return n * again(n - 1)


def raises(n):
    try:
        return 1 / n
    finally:
        n = 5


def catches(n):
    try:
        1 / n
    except ZeroDivisionError:
        n = 5
    return n


def yields(n):
    for i in range(n):
        yield i * 2


async def waits(n):
    await asyncio.sleep(0.001)
    n += 1
    await asyncio.sleep(0)
    return n


def first(values):
    a, b, c = values
    return a


# The end of what is watched.


def unwatched(n):
    return n
"""
ODD = """

class Raising:
    def __repr__(self): raise RuntimeError("no")


class Counting:
    seen = 0
    def __repr__(self):
        Counting.seen += 1
        return "counted"


class Slow(list):
    def __repr__(self):
        while True: pass
    def __iter__(self):
        while True: yield 1
    def __len__(self): raise RuntimeError("no")


class Slots:
    __slots__ = ("left", "right")
    def __init__(self): self.left = 1


class Liar:
    def __getattribute__(self, name): raise RuntimeError(name)
    @property
    def __class__(self): return int


class Color(enum.Enum):
    RED = 1


class Text(str):
    pass


Point = collections.namedtuple("Point", "x y")


@dataclasses.dataclass
class Node:
    value: int
    next: object = None
"""
VALUES = {
    "Raising()": "<Raising>",
    "Counting()": "<Counting>",
    "Slow([1, 2])": "[1, 2]",
    "Slots()": "Slots(left=1)",
    "Liar()": "<Liar>",
    "Color.RED": "Color.RED",
    "Point(1, (2,))": "Point(x=1, y=(2,))",
    "Text('ab')": "'ab'",
    "Node(1, Node(2))": "Node(value=1, next=Node(value=2, next=None))",
    "{'k': {1}}": "{'k': {1}}",
    "set()": "set()",
    "True": "True",
    "1.5": "1.5",
    "b'ab'": "b'ab'",
    "10 ** 5000": "<an integer of 16610 bits>",
    "list(range(10 ** 6))": "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, ... (1000000 in all)]",
    "'x' * 10 ** 7": f"'{'x' * 50}'... (10000000 long)",
    "collections.Counter('aab')": "{'a': 2, 'b': 1}",
    "ValueError('bad')": "ValueError('bad')",
}
CASES = {
    "loop": "assert loop([3, 4]) == 8",
    "again": "again(9); assert again(2) == 3",
    "raises": "raises(0)",
    "catches": "assert not catches(0)",
    "yields": "assert list(yields(2)) == [1]",
    "waits": "assert asyncio.run(waits(1)) == 3",
    "thread": "t = threading.Thread(target=loop, args=([1],)); t.start(); t.join(); assert 0",
    "unwatched": "assert not unwatched(1)",
    "cycles": "a = [1]; a.append(a); n = Node(1); n.next = n; first((a, n, 0)); assert 0",
    **{
        f"value_{number}": f"first(({value}, 0, 0)); assert not Counting.seen"
        for number, value in enumerate(VALUES)
    },
}
WATCH = Watch("m.py", 1, WATCHED[: WATCHED.index("# The end")].count("\n"))


def carry_out(
    cache: Path, root: Path, files: Mapping[str, str], request: RunRequest, framework: str = "pytest"
) -> RunOutcome:
    for name, text in files.items():
        (root / name).write_text(text)
    [language] = [one for one in (PYTEST, *shipped()) if one.framework == framework][:1]

    async def main() -> RunOutcome:
        sandbox = HostSandbox(cache, NetworkSettings())
        await sandbox.prepare(lambda text, fraction: None)
        pool = WorkerPool(sandbox, root, Environment(), Limits(), 1, language)
        try:
            return await pool.run(request)
        finally:
            await pool.close()
            await sandbox.close()

    return asyncio.run(main())


@pytest.fixture(scope="module")
def outcome(tools_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> RunOutcome:
    tests = "".join(f"def test_{name}():\n    {body}\n" for name, body in CASES.items())
    files = {
        "m.py": WATCHED + ODD,
        "other.py": WATCHED,
        "test_m.py": f"import asyncio, collections, threading\nfrom m import *\n{tests}",
    }
    return carry_out(tools_cache, tmp_path_factory.mktemp("steps"), files, RunRequest(watch=WATCH))


@pytest.fixture
def steps(outcome: RunOutcome):
    return lambda name: outcome.steps[f"test_m.py::test_{name}"]


def shown(steps: tuple[Step, ...]) -> list[str]:
    """Lines count from that of the call."""
    return [
        f"{step.line - steps[0].line} {step.kind} "
        + ", ".join(f"{name}={text}".lstrip("=") for name, text in step.values)
        for step in steps
    ]


def test_each_line_is_told_with_what_it_changed(steps) -> None:
    assert shown(steps("loop")) == [
        "0 call items=[3, 4]",
        "1 line total=0",
        "2 line item=3",
        "3 line total=3",
        "2 line item=4",
        "3 line total=7",
        "2 line ",
        "4 line ",
        "4 return 7",
    ]


def test_only_the_last_outermost_call_is_kept_and_calls_within_it_are_numbered(steps) -> None:
    found = steps("again")
    assert [(step.call, step.kind) for step in found if step.kind in ("call", "return")] == [
        (1, "call"),
        (2, "call"),
        (2, "return"),
        (1, "return"),
    ]
    assert found[0].values == (("n", "2"),)


def test_an_exception_is_told_where_it_was_raised(steps) -> None:
    assert shown(steps("raises")) == [
        "0 call n=0",
        "1 line ",
        "2 line ",
        "2 raise ZeroDivisionError('division by zero')",
        "4 line n=5",
    ]


def test_an_exception_that_is_caught_does_not_end_the_call(steps) -> None:
    assert shown(steps("catches"))[-1] == "5 return 5"


def test_a_generator_is_one_call_with_what_it_yields(steps) -> None:
    found = steps("yields")
    assert [line for line in shown(found) if "yield" in line] == ["2 yield 0", "2 yield 2"]
    assert {step.call for step in found} == {1}
    assert shown(found)[-1] == "1 return None"


def test_a_coroutine_that_waits_is_one_call(steps) -> None:
    assert shown(steps("waits")) == [
        "0 call n=1",
        "1 line ",
        "2 line n=2",
        "3 line ",
        "4 line ",
        "4 return 2",
    ]


def test_a_call_in_another_thread_is_watched_and_one_of_another_function_is_not(steps) -> None:
    assert shown(steps("thread"))[-1] == "4 return 1"
    assert steps("unwatched") == ()


@pytest.mark.parametrize("value", VALUES)
def test_a_value_is_told_without_running_any_code_of_the_repository(steps, value) -> None:
    found = steps(f"value_{list(VALUES).index(value)}")
    assert found[-1].values == (("", VALUES[value]),)


def test_watching_changes_no_outcome(outcome) -> None:
    outcomes = {r.node_id.split("::")[1]: r.outcome for r in outcome.report.results}
    assert {outcomes[f"test_value_{n}"] for n in range(len(VALUES))} == {Outcome.PASSED}


def test_what_holds_itself_is_told_once(steps) -> None:
    values = dict(steps("cycles")[1].values)
    assert values["a"] == "[1, ...]"
    assert values["b"] == "Node(value=1, next=Node(...))"


def test_a_loop_that_does_not_end_is_shown_by_its_start_and_its_end(tools_cache, tmp_path) -> None:
    files = {
        "m.py": "def f(n):\n    while True:\n        n += 1\n",
        "test_m.py": "from m import f\ndef test_f(): f(0)\n",
    }
    limits = RunLimits(test_seconds=1.0, run_seconds=10.0)
    request = RunRequest(watch=Watch("m.py", 1, 3), limits=limits)
    outcome = carry_out(tools_cache, tmp_path, files, request)
    found = outcome.steps["test_m.py::test_f"]
    assert outcome.report.results[0].outcome is Outcome.TIMEOUT
    assert [step.kind for step in found].count("cut") == 1
    assert len(found) <= 200
    assert shown(found)[2] == "2 line n=1"
    last = [step for step in found if step.values][-1]
    assert int(last.values[0][1]) > 100


def test_a_function_under_unittest_is_watched_too(tools_cache, tmp_path) -> None:
    case = "class Case(unittest.TestCase):\n    def test_loop(self): self.assertEqual(loop([1]), 2)\n"
    files = {"m.py": WATCHED, "test_m.py": f"import unittest\nfrom m import loop\n{case}"}
    outcome = carry_out(tools_cache, tmp_path, files, RunRequest(watch=WATCH), "unittest")
    assert shown(outcome.steps["test_m.py::Case::test_loop"])[-1] == "4 return 1"
