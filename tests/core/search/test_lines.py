"""Small changes to lines of languages without a parser."""

from __future__ import annotations

import asyncio

import pytest

from core.search.base import Draft, FixTask
from core.search.lines import LineProposer, changes
from core.testing.languages import PYTEST, Language, shipped
from core.types import Suspect, TestReport

GO = next(language for language in shipped() if language.name == "go")


def drafts(source: str, line: int, language: Language = GO) -> list[Draft]:
    suspects = (Suspect("a.go", line, 1.0),)
    task = FixTask((), TestReport((), (), 0.0), suspects, {"a.go": source}, {}, (), language=language)

    async def collect() -> list[Draft]:
        return [draft async for draft in LineProposer().propose(task, lambda: (), None)]

    return asyncio.run(collect())


@pytest.mark.parametrize(
    ("line", "right"),
    [
        ("  return sum / (values.length - 1);", "  return sum / (values.length);"),
        ("for i := 0; i <= n; i++ {", "for i := 0; i < n; i++ {"),
        ("  if (a && b) {", "  if (a || b) {"),
        ("  if (a.ok) {", "  if (!(a.ok)) {"),
        ("  total -= price;", "  total += price;"),
        ("  return false;", "  return true;"),
        ("  return items[0];", "  return items[1];"),
        ("\treturn values[n]", "\treturn values[n - 1]"),
        ("  const top = Math.min(a, b);", "  const top = Math.max(a, b);"),
        ("  log.push(x);", None),
    ],
)
def test_common_faults_are_one_change_away(line: str, right: str | None) -> None:
    assert right in [text for _, text in changes(line)]


def test_strings_and_comments_stay_as_they_are() -> None:
    assert [text for _, text in changes("  say('a < b'); // 1 + 1")] == []


def test_only_the_suspect_line_changes() -> None:
    source = "package a\n\nfunc F(a int) bool {\n\treturn a < 1\n}\n"
    for draft in drafts(source, 4):
        lines = draft.edits["a.go"].split("\n")
        assert [lines[i] for i in (0, 1, 2)] == source.split("\n")[:3]


def test_python_is_left_to_its_own_proposer() -> None:
    assert drafts("x = 1 < 2\n", 1, PYTEST) == []
