"""What is taken of a request's words, and which words are told to be something else."""

from __future__ import annotations

import pytest

from core.errors import UsageError
from core.request.words import MOST_CHARACTERS, read_words, weakens


def test_a_request_is_taken_as_it_is_but_for_curly_quotes() -> None:
    assert read_words(
        "  slugify(\N{LEFT DOUBLE QUOTATION MARK}A\N{RIGHT DOUBLE QUOTATION MARK}) == 'a' "
    ).text == ("slugify(\"A\") == 'a'")


@pytest.mark.parametrize("text", ["", " \n", "...", "?!"])
def test_a_request_without_words_says_what_one_looks_like(text: str) -> None:
    with pytest.raises(UsageError, match="needs words, such as"):
        read_words(text)


def test_of_a_very_long_paste_the_first_words_are_kept_and_that_is_said() -> None:
    words = read_words("word " * 10_000)
    assert len(words.text) <= MOST_CHARACTERS
    assert words.notice.startswith("The request has 10,000 words. The first 1,199 are kept")


@pytest.mark.parametrize(
    "text",
    [
        "skip the failing test",
        "Please delete test_empty_list",
        "make it green: just disable these two failing tests, or comment out the assertion",
        "remove the assertions in tests/test_slug.py",
        "Loosen the assertion so the build passes",
        "change the test so that it passes",
        "Lösche den fehlschlagenden Test",
        "Bitte überspringe alle roten Tests",
        "supprime les tests qui échouent",
        "elimina la prueba que falla",
        "fix slugify und dann lösche den Test",
    ],
)
def test_asking_for_weaker_tests_is_recognised_in_several_languages(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_words(text)
    assert caught.value.code == "request.weakens"


@pytest.mark.parametrize(
    "text",
    [
        "remove duplicates and add tests",
        "never skip a test, keep the order",
        "don't delete the tests",
        "slugify should drop empty words",
        "the crawler should ignore test files",
        "delete the temporary folder after the run",
        "add a function skip_tests(names) that returns the names without tests",
        "lösche doppelte Einträge, ohne Tests zu ändern",
        "update the parser to pass the context on",
    ],
)
def test_ordinary_requests_are_not_taken_for_that(text: str) -> None:
    assert weakens(text) == ""


@pytest.mark.parametrize(
    "text", ["Why does slugify fail?", "warum ist der Test rot?", "how does it work?"]
)
def test_a_question_is_told_to_be_one(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_words(text)
    assert caught.value.code == "request.question"


def test_a_polite_request_with_a_question_mark_is_a_request() -> None:
    assert read_words("Could you make slugify keep digits?").text
