"""Mutation repairs real code in a real run: kinds of change that need more than an operator swapped."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from core.search.mutation import MutationProposer
from tests.core.search.repaired import (
    Bug,
    Workshop,
    bug,
    nothing_is_left_running,  # noqa: F401
    workshop,
)

FIRST = 60

BUGS: list[Bug] = [
    bug(
        "caught_too_narrowly",
        "def number(text):\n    try:\n        return int(text)\n    except TypeError:\n"
        "        return None\n",
        "def test(): assert number('x') is None and number(None) is None and number('1') == 1\n",
    ),
    bug(
        "case_not_minded",
        "KNOWN = {'yes', 'no'}\n\n\ndef known(word):\n    return word in KNOWN\n",
        "def test(): assert known('Yes') and not known('maybe')\n",
    ),
    bug(
        "argument_not_passed_on",
        "def part(items, limit=2):\n    return items[:limit]\n\n\n"
        "def parts(rows, limit):\n    return [part(row) for row in rows]\n",
        "def test(): assert parts([[1, 2, 3]], 1) == [[1]]\n",
    ),
    bug(
        "state_not_reset",
        """
class Counter:
    def __init__(self):
        self.count = 0

    def of(self, items):
        for _ in items:
            self.count += 1
        return self.count
""",
        "def test():\n    c = Counter()\n    assert [c.of('ab'), c.of('abc')] == [2, 3]\n",
    ),
    bug(
        "pattern_too_narrow",
        "import re\n\n\ndef lines(text):\n    return re.split('\\n', text)\n",
        "def test(): assert lines('a\\r\\nb\\nc') == ['a', 'b', 'c']\n",
    ),
    bug(
        "guard_of_a_sibling",
        """
def first(items):
    if not items:
        return None
    return items[0]


def last(items):
    return items[len(items) - 1]
""",
        "def test(): assert last([1, 2]) == 2 and last([]) is None\n",
    ),
    bug(
        "sign_forgotten",
        "def opposite(point):\n    x, y = point\n    return (-x, y)\n",
        "def test(): assert opposite((1, 2)) == (-1, -2)\n",
    ),
    bug(
        "wrong_exception_raised",
        "def item(items, n):\n    if n >= len(items):\n        raise KeyError(n)\n    return items[n]\n",
        "import pytest\nfrom wrong_exception_raised import item\ndef test():\n"
        "    assert item([1], 0) == 1\n    with pytest.raises(IndexError):\n        item([1], 3)\n",
    ),
    bug(
        "copy_forgotten",
        "def with_more(items, more):\n    found = items\n    found.append(more)\n    return found\n",
        "def test():\n    old = [1]\n    assert with_more(old, 2) == [1, 2] and old == [1]\n",
    ),
]


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshop]:
    yield from workshop(tmp_path_factory.mktemp("bugs"), BUGS)


@pytest.mark.slow
@pytest.mark.parametrize("name", [one.name for one in BUGS])
def test_a_mutation_repairs_it(bench: Workshop, name: str) -> None:
    place, draft = bench.repair(name, MutationProposer(), FIRST)
    assert draft is not None, f"not among the first {place} ideas"
