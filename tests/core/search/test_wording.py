"""Titles in words: candidates that differ must not look alike."""

from __future__ import annotations

import pytest

from core.search.operators.wording import replacement, shown


@pytest.mark.parametrize(
    ("old", "new", "title"),
    [
        ("total / len(weights)", "total / len(weights) + 1", "add 1 to total / len(weights)"),
        ("total / len(weights)", "total / len(weights) - 1", "subtract 1 from total / len(weights)"),
        ("n", "n * m", "multiply n by m"),
        ("n", "n // m", "divide n by m, rounding down"),
        ("n", "n % m", "take the remainder of n by m"),
        ("a > 1", "a > 1 and b", "extend a > 1 by and b"),
        ("a if b else c", "(a if b else c) or d", "extend a if b else c by or d"),
        ("done", "not done", "negate done"),
        ("a == 1", "not (a == 1)", "negate a == 1"),
        ("items", "sorted(items)", "put sorted(…) around items"),
        (
            "total / len(weights)",
            "max(each, total / len(weights))",
            "put max(each, …) around total / len(weights)",
        ),
        ("a", "b", "replace a with b"),
        ("a[1:n]", "a[1:n + 1]", "replace a[1:n] with a[1:n + 1]"),
    ],
)
def test_a_replacement_is_told_by_what_it_does(old: str, new: str, title: str) -> None:
    assert replacement(old, new) == title


def test_long_texts_are_told_apart_by_the_part_that_differs() -> None:
    old = "self.parser.read_all(source, encoding, strict=False)"
    one, other = old.replace("False", "True"), old.replace("source", "target")
    assert replacement(old, one).startswith("replace False with True in self.parser")
    assert replacement(old, other).startswith("replace source with target in self.parser")


def test_code_in_a_title_is_one_line_and_short() -> None:
    assert shown("first(\n    second,\n)") == "first( second, )"
    long = shown("x" * 100)
    assert len(long) == 44
    assert long.endswith("…")
