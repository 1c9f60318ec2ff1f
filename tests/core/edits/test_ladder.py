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
