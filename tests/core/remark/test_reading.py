"""Remarks in words: what rules read of them, what they doubt, and what they carry out to the letter."""

from __future__ import annotations

import pytest

from core.remark.mechanical import carry_out
from core.remark.places import resolve
from core.remark.reading import MOST_WORDS, read_remark
from core.remark.wishes import read_wish, solution_of
from core.repo.patch import file_diffs
from core.types import ChangeKind, FileChange, Patch, RemarkPlace, UnderstoodRemark

SOURCE = '''def first(items, count):
    """The first items."""
    chosen = []
    for item in items:
        if len(chosen) == count:
            break
        chosen.append(item)
    return chosen


WIDTH = 80
HEIGHT = 25


def double(a):
    return a * 3
'''
FIXED = SOURCE.replace("==", ">").replace("* 3", "* 2")
FILES = file_diffs(Patch((FileChange("calc.py", SOURCE.encode(), FIXED.encode()),)), lambda _: False)
FIRST, DOUBLE = (resolve(RemarkPlace(hunk=f"calc.py#{n}"), FILES) for n in (0, 1))
REPOSITORY = {"calc.py": SOURCE, "login.py": "def login_page(colour):\n    return colour\n"}


def read(text: str, place: RemarkPlace = FIRST, *others: UnderstoodRemark) -> UnderstoodRemark:
    return read_remark(len(others) + 1, 1, place, text, FILES, others, REPOSITORY)


@pytest.mark.parametrize(
    ("text", "kind", "solution"),
    [
        ("use >= here", ChangeKind.CHANGE, "Use `>=` here."),
        ("Could you use >= instead of >?", ChangeKind.CHANGE, "Use `>=` instead of `>`."),
        ("please rename chosen to found", ChangeKind.RENAME, "Rename `chosen` to `found`."),
        ("Remove this line.", ChangeKind.REMOVE, "Remove this line."),
        ("don't change this file", ChangeKind.KEEP, "Leave this file as it is."),
        ("Keep the signature!", ChangeKind.KEEP, "Keep the signature."),
        ("undo this", ChangeKind.KEEP, "Leave this as it was."),
        ("Handle a negative count as well", ChangeKind.ADD, "Handle a negative count as well"),
        ("A slice says the same in one line", ChangeKind.CHANGE, "A slice says the same in one line"),
    ],
)
def test_a_remark_is_read_in_three_steps(text: str, kind: ChangeKind, solution: str) -> None:
    found = read(text)
    assert (found.reading.kind, found.reading.solution) == (kind, solution)
    assert str(found.reading.place) == "calc.py:5"
    assert found.doubt == ""


@pytest.mark.parametrize(
    "text",
    [
        "rename a to b", "use >= instead of >", "use `x` instead of `y + 1`", "remove this line",
        "remove `print(a)`", "do not touch this file", "don't edit calc.py", "keep the signature",
        "undo this", "keep x",
    ],
)  # fmt: skip
def test_what_is_shown_back_is_read_the_same_again(text: str) -> None:
    wish = read_wish(text)
    assert wish is not None
    assert read_wish(solution_of(wish)) == wish


@pytest.mark.parametrize("text", ["", "   ", "...", "?!"])
def test_an_empty_remark_is_said_to_be_empty(text: str) -> None:
    assert read(text).doubt == "The remark is empty. Say what should change here."


@pytest.mark.parametrize("text", ["why?", "What does this do", "Is that really right?", "Warum das?"])
def test_a_question_is_no_remark(text: str) -> None:
    assert read(text).doubt.startswith("This is a question")


@pytest.mark.parametrize("text", ["Can you handle None?", "Why not use a slice?", "Könnte man ≥ nehmen"])
def test_a_request_may_look_like_a_question(text: str) -> None:
    assert read(text).doubt == ""


def test_a_pasted_text_is_too_long_for_a_remark() -> None:
    doubt = read("word " * 10_000).doubt
    assert "10,000 words" in doubt
    assert str(MOST_WORDS) in doubt


@pytest.mark.parametrize(
    "text",
    ["skip the failing test", "Please relax the assertions", "Just delete this test", "update conftest"],
)
def test_a_request_to_weaken_a_test_is_explained(text: str) -> None:
    assert "no round changes them" in read(text).doubt


@pytest.mark.parametrize("text", ["`colour` should be checked", "The login page should be blue"])
def test_a_remark_that_belongs_elsewhere_is_not_guessed_at(text: str) -> None:
    found = read(text)
    assert found.doubt.endswith("Where does it belong?")
    assert found.elsewhere[0].path == "login.py"


def test_a_remark_that_belongs_nowhere_says_so() -> None:
    assert "There is no `total` at calc.py:5." in read("rename total to count").doubt


def test_a_place_is_offered_where_it_is_another_hunk_of_the_patch() -> None:
    found = read("rename a to value")
    assert [place.hunk for place in found.elsewhere] == ["calc.py#1"]


@pytest.mark.parametrize("text", ["Bitte auch leere Listen behandeln", "il faut vérifier la longueur"])
def test_another_language_is_no_reason_for_doubt(text: str) -> None:
    found = read(text)
    assert (found.doubt, found.reading.solution) == ("", text)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("keep chosen", "rename chosen to found"),
        ("rename chosen to found", "rename chosen to picked"),
        ("use >= here", "use == here"),
        ("do not change this file", "use >= here"),
        ("undo this", "use >= instead of >"),
        ("use >= instead of >", "use > instead of >="),
    ],
)
def test_remarks_that_cannot_both_hold_are_said_to_contradict(first: str, second: str) -> None:
    doubt = read(second, FIRST, read(first)).doubt
    assert doubt.startswith(f"This contradicts remark 1, “{first}”")


def test_remarks_on_different_things_do_not_contradict() -> None:
    assert read("rename a to value", DOUBLE, read("rename chosen to found")).doubt == ""


@pytest.mark.parametrize(
    ("text", "place", "old", "new"),
    [
        ("use >= here", FIRST, "len(chosen) > count", "len(chosen) >= count"),
        ("use >= instead of >", FIRST, "len(chosen) > count", "len(chosen) >= count"),
        ("replace `a * 2` with `a + a`", DOUBLE, "a * 2", "a + a"),
        ("use a + a instead of a * 2", DOUBLE, "a * 2", "a + a"),
        ("rename chosen to found", FIRST, "chosen", "found"),
        ("rename double to twice", DOUBLE, "def double", "def twice"),
        ("do not change this file", FIRST, FIXED, SOURCE),
        (
            "remove this line",
            resolve(RemarkPlace("calc.py", 2, 2), FILES),
            '    """The first items."""\n',
            "",
        ),
    ],
)
def test_what_a_remark_says_to_the_letter_needs_no_model(text, place, old, new) -> None:
    wish = read_wish(text)
    assert wish is not None
    assert carry_out(wish, FIXED, place.first, place.last, SOURCE) == FIXED.replace(old, new)


def test_a_rename_leaves_attributes_and_names_of_arguments_alone() -> None:
    text = "def f(x, other):\n    y = g(x=x)\n    return other.x + x + y\n"
    wish = read_wish("rename x to value")
    assert wish is not None
    expected = "def f(value, other):\n    y = g(x=value)\n    return other.x + value + y\n"
    assert carry_out(wish, text, 2, 2, text) == expected


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("x = 1 < 2 < 3\n", "use >= here"),
        ("x = 1\ny = 2\n", "remove this line"),
        ("def f(x, y):\n    return x + y\n", "rename x to y"),
    ],
)
def test_what_is_not_clear_to_the_letter_is_left_to_others(text: str, line: str) -> None:
    wish = read_wish(line)
    assert wish is not None
    assert carry_out(wish, text, 1, text.count("\n"), text) is None


def test_the_signature_is_put_back_and_the_body_stays() -> None:
    before = "def f(a, b=1):\n    return a\n"
    after = "def f(a,\n      b, c):\n    return a + b\n"
    wish = read_wish("keep the signature")
    assert wish is not None
    assert carry_out(wish, after, 3, 3, before) == "def f(a, b=1):\n    return a + b\n"
