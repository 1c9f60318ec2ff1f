"""Examples in plain words, in code and in doctests: what they say, and what is none."""

from __future__ import annotations

import pytest

from core.request.examples import Example, contradictions, examples_in, examples_of_code, literal


@pytest.mark.parametrize(
    ("text", "example"),
    [
        ("f(3) should give 9", Example("f(3)", "9")),
        ("f(3) should give 9.", Example("f(3)", "9")),
        ("`f(3)` gives `9` now", Example("f(3)", "9")),
        ("slugify('A b') == 'a-b'", Example("slugify('A b')", "'a-b'")),
        ('I want slugify("A b") -> "a-b", always', Example("slugify('A b')", "'a-b'")),
        ("f([1, 2], k=3) returns [2, 1]; nothing else changes", Example("f([1, 2], k=3)", "[2, 1]")),
        ("f([]) must be an empty list", Example("f([])", "[]")),
        ("f('') is None", Example("f('')", "None")),
        ("f(2) should return true", Example("f(2)", "True")),
        ("f(0.1) should be 0.5 and not 0.6", Example("f(0.1)", "0.5")),
        ("f(-1) should raise ValueError", Example("f(-1)", raises="ValueError")),
        ("f(-1) raises a `KeyError`.", Example("f(-1)", raises="KeyError")),
        ("f(3) soll 9 liefern", Example("f(3)", "9")),
        ("f(3) doit renvoyer 9", Example("f(3)", "9")),
        ("Stack([1]).pop() should be 1", Example("Stack([1]).pop()", "1")),
        (">>> f(3)\n9\n", Example("f(3)", "9")),
        (
            ">>> f(3)\nTraceback (most recent call last):\nValueError: no\n",
            Example("f(3)", raises="ValueError"),
        ),
    ],
)
def test_an_example_is_read_out_of_words(text: str, example: Example) -> None:
    assert examples_in(text) == (example,)


@pytest.mark.parametrize(
    "text",
    [
        "f(3) should be quicker",
        "slugify('A b') should give a-b",
        "f(3) returns 2 items",
        "f(3) should give 3 - 1",
        "f(3 should give 9",
        "call f(3) and g(4)",
        "f is 9",
        "(3) == 9",
    ],
)
def test_what_must_be_guessed_is_no_example(text: str) -> None:
    assert examples_in(text) == ()


def test_several_examples_are_read_in_their_order_each_once() -> None:
    text = "f(1) == 1, f(2) should give 4 and f(3) -> 9. Again: f(1) == 1"
    assert [e.call for e in examples_in(text)] == ["f(1)", "f(2)", "f(3)"]


def test_examples_that_contradict_each_other_are_found() -> None:
    assert contradictions(examples_in("f(1) == 1, and f(2) == 3. f(1) == 2")) == ("f(1)",)


def test_the_asserts_of_an_answer_are_examples_and_the_rest_is_passed_over() -> None:
    code = """
from slug import slugify

def test_slugify():
    assert slugify("A b") == "a-b"
    with pytest.raises(ValueError):
        slugify(None)

assert "x" in slugify("x y")
assert 3 == slugify_count("a b c")
"""
    assert examples_of_code(code) == (
        Example("slugify('A b')", "'a-b'"),
        Example("slugify(None)", raises="ValueError"),
        Example(other="'x' in slugify('x y')"),
        Example("slugify_count('a b c')", "3"),
    )


def test_an_answer_that_does_not_parse_is_read_line_by_line() -> None:
    text = "Here are checks:\n1. assert f(1) == 1\n- assert f(2 == 2\n- `assert f(3) == 3`\n"
    assert [e.call for e in examples_of_code(text)] == ["f(1)", "f(3)"]


def test_the_function_that_is_asked_is_told_with_its_owner() -> None:
    assert Example("sorted(slug.words('a'))", "[]").called == "slug.words"
    assert Example("Stack([1]).pop()", "1").called == "Stack"
    assert Example(other="isinstance(f(1), int)").called == "f"


@pytest.mark.parametrize("text", ["9 ** 9 ** 9", "__import__('os')", "f(1)", "[" * 500, "x"])
def test_only_literals_are_values(text: str) -> None:
    assert literal(text) is None
