"""What a request is about, as suspects."""

from __future__ import annotations

from core.localise.wanted import with_wanted
from core.types import CodePlace, Suspect

SOURCES = {"a.py": "def f(a):\n    return a\n\n\nclass Box:\n    def g(self):\n        return 1\n"}
RANKED = (Suspect("a.py", 1, 0.9, ""), Suspect("a.py", 2, 0.8, "f"))


def lines(*wanted: CodePlace) -> list[tuple[int, str]]:
    return [(suspect.line, suspect.function) for suspect in with_wanted(RANKED, wanted, SOURCES)]


def test_without_a_request_the_ranking_stands() -> None:
    assert lines() == [(1, ""), (2, "f")]


def test_a_wanted_function_that_no_test_ran_comes_after_the_ranked_ones() -> None:
    assert lines(CodePlace("a.py", function="Box.g")) == [(1, ""), (2, "f"), (6, "Box.g")]
    assert lines(CodePlace("a.py", function="f")) == [(1, ""), (2, "f")]


def test_where_only_what_is_not_there_is_wanted_the_ranking_says_nothing() -> None:
    assert lines(CodePlace("a.py", function="h")) == [(1, "")]
    assert lines(CodePlace("a.py", function="h"), CodePlace("a.py", function="f")) == [(1, ""), (2, "f")]
    assert lines(CodePlace("a.py", function="Box")) == [(1, ""), (2, "f")]


def test_a_file_that_is_not_there_is_passed_over() -> None:
    assert lines(CodePlace("b.py")) == [(1, ""), (2, "f")]
