"""The search/replace ladder."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from core.edits.ladder import replace_once
from core.edits.values import EditFailure

SOURCE = """\
def area(w, h):
    # size in metres
    total = w + h
    return total


def other():
    return 1
"""


def changed(outcome: tuple[str, str] | EditFailure) -> tuple[str, str]:
    assert not isinstance(outcome, EditFailure), outcome.sentence
    return outcome


def test_exact_text_is_replaced_and_nothing_else() -> None:
    text, rung = changed(replace_once(SOURCE, "    total = w + h", "    total = w * h"))
    assert text == SOURCE.replace("w + h", "w * h")
    assert rung == "exact"


def test_blanks_at_line_ends_and_between_words_do_not_matter() -> None:
    text, rung = changed(replace_once(SOURCE, "    total  =  w + h  ", "    total = w * h"))
    assert text == SOURCE.replace("w + h", "w * h")
    assert rung == "whitespace"


def test_a_block_without_its_indentation_is_shifted_into_place() -> None:
    text, rung = changed(
        replace_once(SOURCE, "total = w + h\nreturn total", "if w:\n    return w * h\nreturn 0")
    )
    assert "    if w:\n        return w * h\n    return 0\n" in text
    assert text.startswith("def area(w, h):\n    # size in metres\n")
    assert rung == "indentation"


def test_the_nearest_lines_are_taken_above_the_threshold_only() -> None:
    text, rung = changed(
        replace_once(SOURCE, "    # size in meters\n    total = w + h", "    total = w * h")
    )
    assert "metres" not in text
    assert "w * h" in text
    assert rung == "similar"
    refused = replace_once(SOURCE, "    answer = compute(everything)", "    pass")
    assert isinstance(refused, EditFailure)


def test_a_text_that_stands_twice_is_refused_with_its_lines() -> None:
    refused = replace_once("a = 1\nb = 2\na = 1\n", "a = 1", "a = 3")
    assert isinstance(refused, EditFailure)
    assert "more than one place" in refused.sentence
    assert refused.nearest == ("1 | a = 1", "3 | a = 1")


def test_two_equally_near_places_are_refused() -> None:
    source = "x = compute_total(first, 1)\n\nx = compute_total(first, 2)\n"
    assert isinstance(replace_once(source, "x = compute_total(first, 3)", "pass"), EditFailure)


def test_a_failure_shows_the_nearest_numbered_lines() -> None:
    refused = replace_once(SOURCE, "    total = width / height_of(h)", "    pass")
    assert isinstance(refused, EditFailure)
    assert refused.nearest == ("3 |     total = w + h",)


def test_an_empty_search_is_refused() -> None:
    assert isinstance(replace_once(SOURCE, "\n  \n", "x"), EditFailure)


TWICE = "def a():\n    x = 1\n    return x\n\n\ndef b():\n    x = 1\n    return x\n"


def test_the_line_that_an_answer_names_tells_two_places_apart() -> None:
    text, rung = changed(replace_once(TWICE, "    x = 1", "    x = 2", hint=8))
    assert text == "def a():\n    x = 1\n    return x\n\n\ndef b():\n    x = 2\n    return x\n"
    assert rung == "exact"


def test_a_line_half_way_between_two_places_tells_nothing() -> None:
    assert isinstance(replace_once(TWICE, "    x = 1", "    x = 2", hint=4), EditFailure)


def test_lines_that_are_only_somewhat_alike_are_taken_where_the_answer_says_they_are() -> None:
    search = "    sum_of_both = w + h"
    assert isinstance(replace_once(SOURCE, search, "    total = w * h"), EditFailure)
    text, rung = changed(replace_once(SOURCE, search, "    total = w * h", hint=4))
    assert text == SOURCE.replace("w + h", "w * h")
    assert rung == "anchored"
    assert isinstance(replace_once(SOURCE, search, "    total = w * h", hint=8), EditFailure)


def test_lines_that_are_only_quoted_stay_as_they_are_in_the_file() -> None:
    source = "def f(a):\n    b = a   # kept,  as it is\n    c = b\n    return c\n"
    search = "b = a # kept, as it is\nc = b"
    text, _ = changed(replace_once(source, f"def f(a):\n    {search}", f"def f(a):\n    {search} + 1"))
    assert "    b = a   # kept,  as it is\n" in text


def test_an_answer_in_blanks_is_written_with_the_tabs_of_the_file() -> None:
    source = "def f(a):\n\tif a:\n\t\treturn 1\n\treturn 2\n"
    search = "    if a:\n        return 1"
    text, _ = changed(replace_once(source, search, "    if a:\n        if a > 1:\n            return 3"))
    assert text == "def f(a):\n\tif a:\n\t\tif a > 1:\n\t\t\treturn 3\n\treturn 2\n"


LINES = st.lists(
    st.text(
        st.characters(exclude_characters="\r\n", exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=12
    ),
    min_size=1,
    max_size=12,
)


@given(LINES, LINES, st.data())
def test_an_exact_edit_changes_only_the_lines_searched_for(
    lines: list[str], new: list[str], data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(lines) - 1))
    end = data.draw(st.integers(start + 1, len(lines)))
    search = lines[start:end]
    outcome = replace_once("\n".join(lines), "\n".join(search), "\n".join(new))
    if isinstance(outcome, EditFailure):
        return
    text, rung = outcome
    if rung == "exact":
        wanted = [line for line in search if line.strip()]
        kept_above, kept_below = lines[:start], lines[end:]
        result = text.split("\n")
        assert result[: len(kept_above)] == kept_above
        assert not kept_below or result[-len(kept_below) :] == kept_below
        assert wanted


@given(LINES, LINES)
def test_a_search_that_occurs_twice_is_never_applied(lines: list[str], between: list[str]) -> None:
    wanted = [f"mark {line.strip() or 'x'}" for line in lines]
    separator = [f"other {line}" for line in between]
    text = "\n".join([*wanted, *separator, *wanted])
    assert isinstance(replace_once(text, "\n".join(wanted), "gone"), EditFailure)


@given(LINES, LINES, st.data())
def test_an_edit_and_the_edit_that_takes_it_back_leave_the_text_as_it_was(
    lines: list[str], new: list[str], data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(lines) - 1))
    end = data.draw(st.integers(start + 1, len(lines)))
    text = "\n".join(lines)
    search, instead = ("".join(f"{line}\n" for line in part) for part in (lines[start:end], new))
    done = replace_once(text, search, instead, start + 1, verbatim=True)
    if isinstance(done, EditFailure) or done[1] != "exact" or not instead.strip():
        return
    back = replace_once(done[0], instead, search, start + 1, verbatim=True)
    assert isinstance(back, EditFailure) or back == (text, "exact")


@given(LINES, LINES, LINES, st.one_of(st.none(), st.integers(-5, 40)))
def test_whatever_is_searched_the_lines_outside_of_one_place_stay(
    lines: list[str], search: list[str], new: list[str], hint: int | None
) -> None:
    outcome = replace_once("\n".join(lines), "\n".join(search), "\n".join(new), hint)
    if isinstance(outcome, EditFailure):
        assert outcome.sentence.endswith(".")
        return
    result = outcome[0].split("\n")
    head = next((i for i, (a, b) in enumerate(zip(lines, result, strict=False)) if a != b), len(lines))
    tail = next(
        (i for i, (a, b) in enumerate(zip(lines[::-1], result[::-1], strict=False)) if a != b), len(lines)
    )
    assert len(lines) - head - tail <= len(search) + 1, "one place of the size searched for"
