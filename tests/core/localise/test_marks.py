"""What the user pins and drops, and how places are named."""

from __future__ import annotations

import pytest

from core.errors import UsageError
from core.localise.marks import apply_marks, check_place, parse_place
from core.types import CodePlace, Suspect, SuspectMark

SOURCE = """\
class Cart:
    def total(self):
        return sum(
            self.prices
        )

    def count(self):
        return 1


def other():
    return 2
"""
SOURCES = {"shop/cart.py": SOURCE, "cart.js": "function total() {\n  return 1;\n}\n"}
SUSPECTS = (
    Suspect("shop/cart.py", 3, 1.0, "Cart.total", ("on the traceback",), 5),
    Suspect("shop/cart.py", 8, 0.6, "Cart.count", (), 8),
)
PIN, DROP = SuspectMark.PINNED, SuspectMark.DROPPED


def lines(**marks: SuspectMark) -> list[int]:
    named = {parse_place(f"shop/cart.py{place}"): mark for place, mark in marks.items()}
    return [suspect.line for suspect in apply_marks(SUSPECTS, named, SOURCES)]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a/b.py:12", CodePlace("a/b.py", 12)),
        ("a/b.py::f", CodePlace("a/b.py", function="f")),
        ("a/b.py::A::f", CodePlace("a/b.py", function="A.f")),
        ("a/b.py::A.f", CodePlace("a/b.py", function="A.f")),
        ("a/b.py", CodePlace("a/b.py")),
        ("odd:name.py", CodePlace("odd:name.py")),
    ],
)
def test_a_place_is_a_line_a_function_or_a_file(text: str, place: CodePlace) -> None:
    assert parse_place(text) == place


@pytest.mark.parametrize("text", ["", "::f", "a.py::"])
def test_half_a_place_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        parse_place(text)


@pytest.mark.parametrize("text", ["no.py", "shop/cart.py:14", "shop/cart.py::missing"])
def test_a_place_that_is_not_there_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        check_place(parse_place(text), SOURCES)


@pytest.mark.parametrize(
    "text", ["shop/cart.py:4", "shop/cart.py::Cart", "shop/cart.py::other", "cart.js:1"]
)
def test_a_place_that_is_there_is_taken(text: str) -> None:
    check_place(parse_place(text), SOURCES)


def test_a_pinned_line_comes_first_and_says_why() -> None:
    first, second = apply_marks(SUSPECTS, {CodePlace("shop/cart.py", 8): PIN}, SOURCES)
    assert (first.line, first.score, first.reasons) == (8, 1.0, ("pinned by you",))
    assert (second.line, second.score) == (3, 0.5)


def test_a_line_within_a_statement_means_the_statement() -> None:
    assert lines(**{":4": DROP}) == [8]


def test_a_pinned_place_that_was_no_suspect_becomes_one() -> None:
    assert lines(**{"::other": PIN}) == [12, 3, 8]
    assert lines(**{":12": PIN}) == [12, 3, 8]


def test_dropping_a_class_drops_its_methods() -> None:
    assert lines(**{"::Cart": DROP}) == []


def test_a_line_pinned_in_a_dropped_function_stays() -> None:
    assert lines(**{"::Cart.total": DROP, ":3": PIN}) == [3, 8]


def test_a_dropped_function_is_left_out_of_a_pinned_file() -> None:
    assert lines(**{"": PIN, "::Cart.count": DROP}) == [3]


def test_other_languages_have_lines_too() -> None:
    found = apply_marks((), {CodePlace("cart.js", 2): PIN}, SOURCES)
    assert [(s.path, s.line) for s in found] == [("cart.js", 2)]


def test_without_marks_nothing_changes() -> None:
    assert apply_marks(SUSPECTS, {}, SOURCES) == SUSPECTS
