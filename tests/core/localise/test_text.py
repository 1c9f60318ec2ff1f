"""Suspects without a parser: frames first, then what the failing test names."""

from __future__ import annotations

from core.localise.text import rank_text_suspects
from core.repo.locked import is_locked
from core.testing.languages import shipped
from core.types import Frame, Outcome, TestResult

HEADER = next(language.functions for language in shipped() if language.name == "javascript-node")
SOURCES = {
    "src/cart.js": "function total(items) {\n  return items.length;\n}\n\n"
    "function label(item) {\n  return item.name;\n}\n",
    "src/other.js": "function other() {\n  return 1;\n}\n",
    "test/cart.test.js": "const { total } = require('../src/cart');\n"
    "test('adds up', () => { equal(total([1, 2]), 3); });\n",
}


def rank(*frames: Frame) -> list[tuple[str, int, str]]:
    failure = TestResult("test/cart.test.js::adds up", Outcome.FAILED, message="2 !== 3", frames=frames)
    found = rank_text_suspects((failure,), SOURCES, is_locked, HEADER)
    return [(suspect.path, suspect.line, suspect.function) for suspect in found]


def test_without_frames_the_function_that_the_test_names_comes_first() -> None:
    ranked = rank()
    assert {ranked[0], ranked[1]} == {("src/cart.js", 1, "total"), ("src/cart.js", 2, "total")}
    assert all(path == "src/cart.js" for path, _, _ in ranked)


def test_the_innermost_frame_comes_first() -> None:
    ranked = rank(Frame("test/cart.test.js", 2, ""), Frame("src/other.js", 2, "other"))
    assert ranked[0] == ("src/other.js", 2, "other")
