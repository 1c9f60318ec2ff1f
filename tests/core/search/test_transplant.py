"""Statements of a file are carried to where they are missing, and only where they mean something."""

from __future__ import annotations

import ast
import asyncio
from collections.abc import Iterator

import pytest

from core.search.base import Draft, FixTask
from core.search.transplant import TransplantProposer
from core.types import Suspect, TestReport
from tests.core.search.repaired import (
    Bug,
    Workshop,
    bug,
    nothing_is_left_running,  # noqa: F401
    workshop,
)

FIRST = 20

SHELF = '''
class Shelf:
    def __init__(self):
        self.rows = {}
        self.row_of = {}

    def put(self, book, row):
        self.take(book)
        self.rows.setdefault(row, []).append(book)
        self.row_of[book] = row

    def take(self, book):
        row = self.row_of.pop(book, None)
        if row is not None:
            self.rows[row].remove(book)
            if not self.rows[row]:
                del self.rows[row]

    def throw(self, book):
        """The same for a book that is sure to be there."""
        row = self.row_of.pop(book)
        self.rows[row].remove(book)
'''

DATES = """
DAYS = {1: 31, 2: 28, 3: 31, 4: 30}


def later(day, month, months):
    month += months
    longest = DAYS[month]
    if day > longest:
        day = longest
    return day, month


def earlier(day, month, months):
    month -= months
    return day, month
"""

METER = """
class Meter:
    def __init__(self, limit):
        self.limit: int = limit
        self.count: int = 0

    def hit(self):
        self.count += 1
        return self.count > self.limit

    def reset(self):
        over = self.count > self.limit
        return over
"""

BUGS: list[Bug] = [
    bug(
        "meter",
        METER,
        "def test():\n    m = Meter(0)\n    m.hit()\n    assert m.reset()\n    assert not m.reset()\n",
    ),
    bug(
        "shelf",
        SHELF,
        "def test():\n    s = Shelf()\n    s.put('a', 1)\n    s.throw('a')\n    assert s.rows == {}\n",
    ),
    bug("dates", DATES, "def test(): assert earlier(31, 4, 2) == (28, 2)\n"),
]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshop]:
    folder = tmp_path_factory.mktemp("transplants") / "work"
    folder.mkdir()
    yield from workshop(folder, BUGS)


@pytest.mark.parametrize("name", [one.name for one in BUGS])
def test_what_a_likely_place_has_repairs_the_other(shop: Workshop, name: str) -> None:
    place, draft = shop.repair(name, TransplantProposer(), FIRST)
    assert draft is not None, f"none of the first {place}"
    assert "as on line" in draft.title


def test_an_attribute_is_not_declared_a_second_time() -> None:
    found = drafts(METER.lstrip(), 11, 12)
    assert any("        self.count = 0\n        return over\n" in d.edits["m.py"] for d in found)
    assert all(d.edits["m.py"].count("self.count: int") == 1 for d in found)


def drafts(source: str, *lines: int) -> list[Draft]:
    suspects = tuple(Suspect("m.py", line, 1.0) for line in lines)
    task = FixTask((), TestReport((), (), 0.0), suspects, {"m.py": source}, {}, ())

    async def all_of_them() -> list[Draft]:
        return [draft async for draft in TransplantProposer().propose(task, lambda: (), None)]

    return asyncio.run(all_of_them())


STRANGERS = """
def one(items):
    total = 0
    for item in items:
        if item is None:
            continue
        total += item
        log(item)
    return total


def log(item):
    print(item)


def two(values):
    total = 0
    values = list(values)
    return total
"""


def test_no_statement_goes_where_its_names_mean_nothing_or_a_loop_is_missing() -> None:
    found = drafts(STRANGERS, 17, 18, 19)
    assert found
    for draft in found:
        after = draft.edits["m.py"].split("def two", 1)[1]
        assert "item" not in after
        assert "continue" not in after
        ast.parse(draft.edits["m.py"])


def test_nothing_is_carried_behind_a_return() -> None:
    for draft in drafts(STRANGERS, 19):
        assert draft.edits["m.py"].endswith("    return total\n")


def test_what_does_not_parse_or_has_no_function_gives_nothing() -> None:
    assert drafts("def f(:\n    pass\n", 1) == []
    assert drafts("a = 1\nb = 2\n", 1, 2) == []
