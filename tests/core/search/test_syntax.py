"""Small edits that make a file parse again."""

from __future__ import annotations

import ast
import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.search.base import FixTask
from core.search.syntax import SyntaxProposer, error_line, repairs
from core.types import Suspect, TestReport

GOOD = """def total(items, limit=3):
    result = 0
    for item in items[:limit]:
        if item == 2:
            result += (item + 1) * 2
        elif item:
            result += len("ab")  # why
    return result
"""


def drafts(source: str) -> list[str]:
    task = FixTask((), TestReport((), (), 0.0), (Suspect("m.py", 1, 1.0),), {"m.py": source}, {}, ())

    async def collect() -> list[str]:
        return [d.edits["m.py"] async for d in SyntaxProposer().propose(task, lambda: (), None)]

    return asyncio.run(collect())


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("limit=3):", "limit=3)"),
        ("for item in items[:limit]:", "for item in items[:limit]"),
        ("items[:limit]:", "items[:limit:"),
        ("(item + 1) * 2", "(item + 1 * 2"),
        ("(item + 1) * 2", "(item + 1)) * 2"),
        ("if item == 2:", "if item = 2:"),
        ("elif item:", "else if item:"),
        ('len("ab")', 'len("ab)'),
        ('len("ab")  # why', 'len("ab"  # why'),
        ("    return result", "      return result"),
        ("        if item == 2:", "    if item == 2:"),
    ],
)
def test_a_usual_slip_is_among_the_repairs(right, wrong):
    broken = GOOD.replace(right, wrong, 1)
    assert error_line(broken) is not None
    found = drafts(broken)
    fixed = {ast.dump(ast.parse(text)) for text in found}
    assert ast.dump(ast.parse(GOOD)) in fixed or right.startswith("    ")
    assert all(error_line(text) is None for text in found)


def test_a_file_that_parses_gives_no_ideas():
    assert drafts(GOOD) == []


@given(st.text(max_size=200), st.integers(min_value=-3, max_value=30))
def test_any_text_and_line_can_be_asked_about(source, line):
    for number, title, text in repairs(source, line):
        assert title
        assert 1 <= number <= source.count("\n") + 1
        assert abs(text.count("\n") - source.count("\n")) <= 1
