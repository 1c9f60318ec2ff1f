"""Each rule repairs real code in a real run, within its first ideas."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.search import operators
from core.search.base import FixTask
from core.search.rules.base import near
from core.search.rules.proposer import MOST, RuleProposer, drafts_of
from core.search.rules.troubles import troubles_of
from core.types import Frame, Outcome, Suspect, TestReport, TestResult
from tests.core.search.repaired import (
    Bug,
    Workshop,
    bug,
    nothing_is_left_running,  # noqa: F401
    workshop,
)

FIRST = 12
"""A rule that needs more ideas than this has not understood the failure."""

BUGS: list[Bug] = [
    bug(
        "import_missing",
        "def count(words):\n    return dict(Counter(words))\n",
        "def test(): assert count(['a', 'a']) == {'a': 2}\n",
    ),
    bug(
        "import_of_a_module",
        "def root(x):\n    return math.sqrt(x)\n",
        "def test(): assert root(4) == 2\n",
    ),
    bug(
        "import_from_the_repository",
        "def total(prices):\n    return sum(net_price(p) for p in prices)\n",
        "def test(): assert total([10, 20]) == 24\n",
        prices_of_it="def net_price(price):\n    return price * 4 // 5\n",
    ),
    bug(
        "name_misspelt",
        "def mean(values):\n    totl = sum(values)\n    return total / len(values)\n",
        "def test(): assert mean([1, 3]) == 2\n",
    ),
    bug(
        "self_missing",
        """
class Counter:
    def __init__(self):
        self.seen = 0
    def count(self, items):
        for _ in items:
            self.seen += 1
        return seen
""",
        "def test(): assert Counter().count('abc') == 3\n",
    ),
    bug(
        "global_missing",
        "calls = 0\ndef call():\n    calls += 1\n    return calls\n",
        "def test(): assert [call(), call()] == [1, 2]\n",
    ),
    bug(
        "value_too_late",
        "def longest(words):\n    for w in words:\n        if len(w) > len(best):\n"
        "            best = w\n    return best\n",
        "def test(): assert longest(['a', 'bcd', 'ef']) == 'bcd'\n",
    ),
    bug(
        "attribute_misspelt",
        """
class Box:
    def __init__(self, width, height):
        self.width, self.height = width, height
    def area(self):
        return self.width * self.heigth
""",
        "def test(): assert Box(2, 3).area() == 6\n",
    ),
    bug(
        "method_of_another_language",
        "def loud(text):\n    return text.toUpperCase() + '!'\n",
        "def test(): assert loud('a') == 'A!'\n",
    ),
    bug(
        "length_as_an_attribute",
        "def half(items):\n    return items[: items.length // 2]\n",
        "def test(): assert half([1, 2, 3, 4]) == [1, 2]\n",
    ),
    bug(
        "attribute_never_set",
        """
class Log:
    def __init__(self, name):
        self.name = name
    def add(self, line):
        self.lines.append(line)
        return len(self.lines)
""",
        "def test():\n    log = Log('a')\n    assert [log.add('x'), log.add('y')] == [1, 2]\n",
    ),
    bug(
        "nothing_in_the_place_of_an_object",
        """
def shout(names):
    found = []
    for name in names:
        found.append(name.upper())
    return found
""",
        "def test(): assert shout(['a', None, 'b']) == ['A', 'B']\n",
    ),
    bug(
        "builder_without_return",
        """
class Query:
    def __init__(self):
        self.parts = []
    def where(self, part):
        self.parts.append(part)
    def text(self):
        return ' and '.join(self.parts)
def both(a, b):
    return Query().where(a).where(b).text()
""",
        "def test(): assert both('x', 'y') == 'x and y'\n",
    ),
    bug(
        "moved_between_versions",
        "import collections\ndef is_mapping(x):\n    return isinstance(x, collections.Mapping)\n",
        "def test(): assert is_mapping({}) and not is_mapping([])\n",
    ),
    bug(
        "imported_under_a_wrong_name",
        "from collections import OrderDict\ndef ordered(pairs):\n    return OrderDict(pairs)\n",
        "def test(): assert list(ordered([(1, 2)])) == [1]\n",
    ),
    bug(
        "imported_from_a_moved_module",
        "from fractions import gcd\ndef both(a, b):\n    return gcd(a, b)\n",
        "def test(): assert both(4, 6) == 2\n",
    ),
    bug(
        "module_misspelt",
        "import jsn\ndef load(text):\n    return jsn.loads(text)\n",
        "def test(): assert load('[1]') == [1]\n",
    ),
    bug(
        "definition_misspelt",
        "def prase(text):\n    return text.split()\n",
        "from definition_misspelt import parse\ndef test(): assert parse('a b') == ['a', 'b']\n",
    ),
    bug(
        "keyword_misspelt",
        "def paint(colour, size=1):\n    return colour * size\ndef twice(c):\n"
        "    return paint(color=c, size=2)\n",
        "def test(): assert twice('r') == 'rr'\n",
    ),
    bug(
        "parameter_missing",
        "def area(width):\n    return width * height\ndef square(a):\n    return area(a, a)\n",
        "def test(): assert square(3) == 9\n",
    ),
    bug(
        "argument_missing",
        "def scale(value, factor):\n    return value * factor\ndef scaled(values, factor):\n"
        "    return [scale(v) for v in values]\n",
        "def test(): assert scaled([1, 2], 3) == [3, 6]\n",
    ),
    bug(
        "method_without_self",
        "class Greeter:\n    def greet(name):\n        return 'Hello ' + name\n",
        "def test(): assert Greeter().greet('Ann') == 'Hello Ann'\n",
    ),
    bug(
        "text_and_number",
        "def label(name, n):\n    return name + ' ' + n\n",
        "def test(): assert label('page', 3) == 'page 3'\n",
    ),
    bug(
        "true_division_as_an_index",
        "def middle(items):\n    return items[len(items) / 2]\n",
        "def test(): assert middle([1, 2, 3]) == 2\n",
    ),
    bug(
        "numbers_joined",
        "def line(numbers):\n    return ', '.join(numbers)\n",
        "def test(): assert line([1, 2]) == '1, 2'\n",
    ),
    bug(
        "method_not_called",
        "def lines(text):\n    return [line for line in text.splitlines]\n",
        "def test(): assert lines('a\\nb') == ['a', 'b']\n",
    ),
    bug(
        "unhashable_key",
        "def groups(pairs):\n    found = {}\n    for key, value in pairs:\n"
        "        found[sorted(key)] = value\n    return found\n",
        "def test(): assert groups([('ba', 1)]) == {('a', 'b'): 1}\n",
    ),
    bug(
        "changed_while_looped",
        "def without(d, value):\n    for key in d:\n        if d[key] == value:\n"
        "            del d[key]\n    return d\n",
        "def test(): assert without({1: 2, 3: 4}, 2) == {3: 4}\n",
    ),
    bug(
        "key_not_yet_there",
        "def count(words):\n    found = {}\n    for w in words:\n        found[w] += 1\n"
        "    return found\n",
        "def test(): assert count('aab') == {'a': 2, 'b': 1}\n",
    ),
    bug(
        "key_nearly_the_same",
        "def row():\n    return {'adress': 'x', 'name': 'y'}\ndef show():\n    return row()['address']\n",
        "def test(): assert show() == 'x'\n",
    ),
    bug(
        "grouped_without_a_list",
        "def by_length(words):\n    found = {}\n    for w in words:\n"
        "        found[len(w)].append(w)\n    return found\n",
        "def test(): assert by_length(['a', 'b', 'cc']) == {1: ['a', 'b'], 2: ['cc']}\n",
    ),
    bug(
        "index_past_the_end",
        "def steps(values):\n    found = []\n    for i in range(len(values)):\n"
        "        found.append(values[i + 1] - values[i])\n    return found\n",
        "def test(): assert steps([1, 4, 9]) == [3, 5]\n",
    ),
    bug(
        "first_of_nothing",
        "def first(items):\n    return items[0]\n",
        "def test(): assert first([1]) == 1 and first([]) is None\n",
    ),
    bug(
        "mean_of_nothing",
        "def mean(values):\n    return sum(values) / len(values)\n",
        "def test(): assert mean([2]) == 2 and mean([]) == 0\n",
    ),
    bug(
        "largest_of_nothing",
        "def largest(values):\n    return max(values)\n",
        "def test(): assert largest([2]) == 2 and largest([]) == 0\n",
    ),
    bug(
        "pairs_of_a_dictionary",
        "def swapped(d):\n    return {v: k for k, v in d}\n",
        "def test(): assert swapped({'abc': 1}) == {1: 'abc'}\n",
    ),
    bug(
        "split_too_often",
        "def option(line):\n    key, value = line.split('=')\n    return key, value\n",
        "def test(): assert option('a=b=c') == ('a', 'b=c')\n",
    ),
    bug(
        "nothing_returned",
        "def cube(x):\n    result = x ** 3\n",
        "def test(): assert cube(2) == 8\n",
    ),
    bug(
        "nothing_raised",
        "def root(x):\n    guess = x ** 0.5\n    return guess if x > 0 else -1\n",
        "import pytest\nfrom nothing_raised import root\n"
        "def test():\n    assert root(4) == 2\n"
        "    with pytest.raises(ValueError):\n        root(-1)\n",
    ),
    bug(
        "another_exception",
        "def parse(text):\n    try:\n        return int(text)\n    except TypeError:\n"
        "        return None\n",
        "def test(): assert parse('x') is None and parse('1') == 1\n",
    ),
    bug(
        "a_letter_wrong",
        "def greet(name):\n    return 'Helo, ' + name + '!'\n",
        "def test(): assert greet('Ann') == 'Hello, Ann!'\n",
    ),
    bug(
        "a_default_shared",
        "def add(item, items=[]):\n    items.append(item)\n    return items\n",
        "def test(): assert add(1) == [1] and add(2) == [2]\n",
    ),
    bug(
        "sorted_in_place",
        "def ranked(values):\n    found = list(values)\n    return found.sort()\n",
        "def test(): assert ranked([2, 1]) == [1, 2]\n",
    ),
    bug(
        "rows_shared",
        "def grid(n):\n    rows = [[0] * n] * n\n    rows[0][0] = 1\n    return rows\n",
        "def test(): assert grid(2) == [[1, 0], [0, 0]]\n",
    ),
    bug(
        "handlers_in_the_wrong_order",
        "def kind(f):\n    try:\n        f()\n    except Exception:\n        return 'other'\n"
        "    except KeyError:\n        return 'key'\n",
        "def test():\n    def f(): raise KeyError(1)\n    assert kind(f) == 'key'\n",
    ),
    bug(
        "braces_without_a_format",
        "def label(n):\n    return 'page {n}'\n",
        "def test(): assert label(3) == 'page 3'\n",
    ),
    bug(
        "compared_by_identity",
        "def is_large(n):\n    return n is 1000\n",
        "def test(): assert is_large(int('1000')) and not is_large(1)\n",
    ),
]


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshop]:
    yield from workshop(tmp_path_factory.mktemp("bugs"), BUGS)


@pytest.mark.parametrize("name", [one.name for one in BUGS])
def test_a_rule_repairs_it(bench: Workshop, name: str) -> None:
    place, draft = bench.repair(name, RuleProposer(), FIRST)
    assert draft is not None, f"not among the first {place} ideas"


SAID = [
    "NameError: name 'shown' is not defined",
    "UnboundLocalError: local variable 'rank' referenced before assignment",
    "AttributeError: 'NoneType' object has no attribute 'value'",
    "AttributeError: 'Site' object has no attribute 'cod'",
    "AttributeError: module 'ast' has no attribute 'Nam'",
    "ImportError: cannot import name 'Sit' from 'core.search.operators.base' (x.py)",
    "ModuleNotFoundError: No module named 'asst'",
    "TypeError: swap_variable() got an unexpected keyword argument 'sites'",
    "TypeError: swap_variable() missing 1 required positional argument: 'node'",
    "TypeError: Site.code() takes 1 positional argument but 2 were given",
    "TypeError: unsupported operand type(s) for +: 'int' and 'str'",
    "TypeError: list indices must be integers or slices, not str",
    "TypeError: 'NoneType' object is not iterable",
    "TypeError: 'method' object is not subscriptable",
    "TypeError: unhashable type: 'list'",
    "KeyError: 'value'",
    "IndexError: list index out of range",
    "ZeroDivisionError: division by zero",
    "ValueError: not enough values to unpack (expected 2, got 1)",
    "ValueError: max() arg is an empty sequence",
    "StopIteration",
    "RuntimeError: dictionary changed size during iteration",
    "Failed: DID NOT RAISE <class 'ValueError'>",
    "AssertionError: assert 'replace a' == 'replaced a'",
    "assert 3 == 4",
    "assert None == 4",
    "",
]
CODE = {
    path.name: path.read_text("utf-8")
    for path in sorted(Path(operators.__file__).parent.glob("*.py"))
    if path.stat().st_size > 500
}


@given(st.sampled_from(sorted(CODE)), st.sampled_from(SAID), st.integers(1, 260))
@settings(max_examples=150, deadline=None)
def test_any_failure_at_any_line_of_real_code_can_be_read(path: str, said: str, line: int) -> None:
    failure = TestResult("test_x.py::t", Outcome.FAILED, 0.1, said, frames=(Frame(path, line, "f"),))
    suspects = (Suspect(path, line, 1.0),)
    baseline = TestReport((failure,), (failure.node_id,), 0.1)
    task = FixTask((failure.node_id,), baseline, suspects, CODE, {}, (failure,), repository=CODE)
    drafts = drafts_of(task)
    assert len(drafts) <= MOST
    assert all(text != CODE[name] for draft in drafts for name, text in draft.edits.items())


def test_of_exceptions_that_led_to_one_another_all_are_read() -> None:
    traceback = """    def g(d):
>       return d["a"]
E       KeyError: 'a'

m.py:2: KeyError

During handling of the above exception, another exception occurred:

    def f(d):
>           raise ValueError("no a")
E           ValueError: no a

m.py:8: ValueError"""
    failure = TestResult(
        "test_m.py::t",
        Outcome.FAILED,
        0.1,
        "ValueError: no a",
        traceback,
        frames=(Frame("m.py", 8, "f"),),
    )
    found = troubles_of((failure,), {"m.py"})
    assert [(t.kind, t.places[0]) for t in found][:2] == [
        ("ValueError", ("m.py", 8)),
        ("KeyError", ("m.py", 2)),
    ]


@pytest.mark.parametrize(
    ("name", "options", "best"),
    [
        ("totl", ["total", "title"], "total"),
        ("heigth", ["width", "height"], "height"),
        ("userName", ["user_name", "user"], "user_name"),
        ("max_size", ["size", "other"], "size"),
        ("x", ["y", "zebra"], None),
    ],
)
def test_a_slip_of_the_pen_is_known_by_its_likeness(name, options, best) -> None:
    assert next(iter(near(name, options)), None) == best


def test_a_letter_that_differs_is_not_looked_for_in_every_text() -> None:
    source = "NAMES = ('the', 'th', 'tin')\n\n\ndef f(n):\n    return str(n) + 'th'\n"
    result = TestResult(
        "test_m.py::test",
        Outcome.FAILED,
        message="AssertionError: assert '2th' == '2nd'",
        frames=(Frame("test_m.py", 3, "test"),),
    )
    suspects = (Suspect("m.py", 5, 1.0, "f"),)
    task = FixTask((), TestReport((), (), 0.0), suspects, {"m.py": source}, {}, (result,))
    texts = [draft.edits["m.py"] for draft in drafts_of(task)]
    assert source.replace("+ 'th'", "+ 'nd'") in texts
    assert not [text for text in texts if "'the'" not in text or "'tin'" not in text]
