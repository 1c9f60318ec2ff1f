"""An answer is an option, a value or words; what is none of these is refused with a reason."""

from __future__ import annotations

import pytest

from core.clarify.answers import expected_value, read_answer
from core.errors import UsageError
from core.types import DECIDE, OTHER, Example, Option, Question, QuestionSource

QUESTION = Question(
    QuestionSource.DISAGREEMENT,
    "What should slug('A  b') give?",
    "Two fixes that pass differ here.",
    (Option("'a-b'", expected="'a-b'"), Option("'a--b'", expected="'a--b'")),
    Example("slug('A  b')", "slugs.py", "slugs"),
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5", "5"),
        ("it should be [1, 2].", "[1, 2]"),
        ('"a b"', "'a b'"),
        ("f(2) == 5", "5"),
        ("`None`", "None"),
        ("return -1", "-1"),
        ("raises ValueError", "raises ValueError"),
        ("It should raise a KeyError.", "raises KeyError"),
        ("ValueError", "raises ValueError"),
        ("the shortest one", ""),
        ("drop it", ""),
    ],
)
def test_words_that_name_a_value_are_read_as_it(text: str, value: str) -> None:
    assert expected_value(text, "f(2)") == value


def test_an_option_gives_the_value_that_it_stands_for() -> None:
    answer = read_answer(QUESTION, 2)
    assert answer.expected == "'a--b'"
    assert answer.requirement == "slug('A  b') gives 'a--b'"


def test_words_without_a_value_are_a_requirement_in_words() -> None:
    answer = read_answer(QUESTION, OTHER, "drop the empty parts")
    assert (answer.expected, answer.is_of_the_user) == ("", True)
    assert answer.requirement == "What should slug('A  b') give? drop the empty parts"


def test_leaving_it_open_asks_for_nothing() -> None:
    assert not read_answer(QUESTION, DECIDE).is_of_the_user


@pytest.mark.parametrize(
    ("choice", "text", "code"),
    [
        (OTHER, "  ", "answer.empty"),
        (OTHER, "What would the other functions do?", "answer.question"),
        (OTHER, "does it matter", "answer.question"),
        (OTHER, "x" * 3000, "answer.long"),
        (3, "", "answer.option"),
    ],
)
def test_what_is_no_answer_is_refused_in_one_sentence(choice: int, text: str, code: str) -> None:
    with pytest.raises(UsageError) as refused:
        read_answer(QUESTION, choice, text)
    assert refused.value.code == code
    assert refused.value.sentence.endswith(".")
