"""Two edits of one text made together."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from core.edits.merge import merge_edits, merge_texts

TEXT = "one\ntwo\nthree\nfour\nfive\n"
LINES = st.lists(st.sampled_from(["a", "b", "c", "", "    d"]), max_size=12)


def test_changes_in_different_places_are_both_made() -> None:
    assert merge_texts(TEXT, TEXT.replace("one", "ONE"), TEXT.replace("four\n", "")) == (
        "ONE\ntwo\nthree\nfive\n"
    )


def test_lines_that_both_add_in_different_places_are_both_there() -> None:
    one, other = TEXT.replace("two", "two\nmore"), TEXT.replace("five", "last\nfive")
    assert merge_texts(TEXT, one, other) == "one\ntwo\nmore\nthree\nfour\nlast\nfive\n"


def test_changes_that_meet_are_a_conflict() -> None:
    assert merge_texts(TEXT, TEXT.replace("two", "2"), TEXT.replace("two", "II")) is None
    assert merge_texts(TEXT, TEXT.replace("two", "two\nx"), TEXT.replace("two", "two\ny")) is None
    assert merge_texts(TEXT, TEXT.replace("two\n", ""), TEXT.replace("two\nthree", "23")) is None


def test_the_same_change_of_both_is_made_once() -> None:
    both = TEXT.replace("two", "2")
    assert merge_texts(TEXT, both, both.replace("five", "5")) == both.replace("five", "5")


def test_edits_of_different_files_are_both_there_and_one_conflict_refuses_them_all() -> None:
    sources = {"a.py": TEXT, "b.py": TEXT}
    changed = TEXT.replace("two", "2")
    assert merge_edits(sources, {"a.py": changed}, {"b.py": changed}) == dict.fromkeys(sources, changed)
    other = {"a.py": TEXT.replace("two", "II"), "b.py": changed}
    assert merge_edits(sources, {"a.py": changed}, other) is None


@given(LINES, LINES)
def test_an_edit_merged_with_no_edit_or_with_itself_is_that_edit(old: list[str], new: list[str]) -> None:
    ancestor, text = "\n".join(old), "\n".join(new)
    assert merge_texts(ancestor, text, ancestor) == text
    assert merge_texts(ancestor, ancestor, text) == text
    assert merge_texts(ancestor, text, text) == text


@given(LINES, LINES, LINES)
def test_the_order_of_the_two_does_not_matter(old: list[str], one: list[str], other: list[str]) -> None:
    ancestor, left, right = "\n".join(old), "\n".join(one), "\n".join(other)
    assert merge_texts(ancestor, left, right) == merge_texts(ancestor, right, left)
