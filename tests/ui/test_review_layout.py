"""The diff's rows hold exactly the two texts, and a copied patch is one that git takes."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.types import FileDiff
from tests.ui.replay import AFTER, BEFORE, diff_of
from ui.review.layout import Kind, Row, changed_words, lay_out, split_lines, unified_text

LINES = st.lists(st.sampled_from(["a = 1", "b = 2", "", "    return a", "def f():"]), max_size=25)
ALL_FOLDS = frozenset((0, number) for number in range(60))


def text_of(lines: list[str]) -> str:
    return "".join(line + "\n" for line in lines)


def sides(rows: list[Row]) -> tuple[dict[int, str], dict[int, str]]:
    code = [row for row in rows if row.kind in (Kind.CONTEXT, Kind.CHANGE)]
    return (
        {row.old.number: row.old.text for row in code if row.old.number},
        {row.new.number: row.new.text for row in code if row.new.number},
    )


@settings(deadline=None)
@given(LINES, LINES, st.booleans())
def test_with_all_folds_open_both_texts_are_there_line_by_line(
    before: list[str], after: list[str], split: bool
) -> None:
    file = diff_of("f.py", text_of(before), text_of(after))
    if not file.hunks:
        return
    old, new = sides(lay_out([file], split, ALL_FOLDS))
    assert old == dict(enumerate(before, start=1))
    assert new == dict(enumerate(after, start=1))


@settings(deadline=None)
@given(LINES, LINES)
def test_both_modes_show_the_same_changes(before: list[str], after: list[str]) -> None:
    file = diff_of("f.py", text_of(before), text_of(after))
    assert sides(lay_out([file], True)) == sides(lay_out([file], False))


def test_side_by_side_pairs_removed_with_added_lines() -> None:
    rows = list(lay_out([diff_of("f.py", "a\nb\nc\n", "a\nB\nC2\nc\n")], True))
    changes = [(row.old.text, row.new.text) for row in rows if row.kind is Kind.CHANGE]
    assert changes == [("b", "B"), ("", "C2")]


def test_unchanged_parts_are_folded_with_the_name_of_their_function() -> None:
    folds = [row for row in lay_out([diff_of("p.py", BEFORE, AFTER)], True) if row.kind is Kind.FOLD]
    assert folds[0].text.startswith("def parse")
    assert folds[0].new.number == 24


def test_an_opened_fold_gives_its_lines_with_both_numbers() -> None:
    file = diff_of("p.py", BEFORE, AFTER)
    rows = list(lay_out([file], True, frozenset({(0, 1)})))
    opened = [row for row in rows if row.fold == 1]
    assert [row.new.number - row.old.number for row in opened] == [1] * len(opened)
    assert opened[0].old.text == split_lines(BEFORE)[opened[0].old.number - 1]


def test_locked_files_come_first_and_say_so() -> None:
    plain = diff_of("a.py", "a\n", "b\n")
    locked = diff_of("tests/test_a.py", "a\n", "b\n", locked=True)
    rows = list(lay_out([plain, locked], False))
    assert rows[0].text == "tests/test_a.py"
    assert rows[1].kind is Kind.NOTE


def test_a_binary_file_has_a_note_and_no_lines() -> None:
    rows = list(lay_out([FileDiff("a.png", "", "", (), binary=True)], True))
    assert [row.kind for row in rows] == [Kind.FILE, Kind.NOTE]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("return a + b", "return a - b", (((9, 10),), ((9, 10),))),
        ("same", "same", ((), ())),
        ("import os", "x = 7 // (y)", ((), ())),
        ("a" * 500, "a" * 499 + "b", ((), ())),
    ],
)
def test_changed_words_are_found_where_lines_are_alike(
    old: str, new: str, expected: tuple[object, object]
) -> None:
    assert changed_words(old, new) == expected


def git_apply(folder: Path, patch: str) -> None:
    subprocess.run(
        ["git", "apply", "-"], cwd=folder, input=patch.encode(), check=True, capture_output=True
    )


def test_git_applies_the_copied_patch(tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text(BEFORE, encoding="utf-8")
    git_apply(tmp_path, unified_text([diff_of("p.py", BEFORE, AFTER)]))
    assert (tmp_path / "p.py").read_text(encoding="utf-8") == AFTER


@pytest.mark.parametrize("left_out", [0, 1, 2])
def test_git_applies_a_patch_of_chosen_hunks(tmp_path: Path, left_out: int) -> None:
    file = diff_of("p.py", BEFORE, "# new first line\n" + AFTER)
    (tmp_path / "p.py").write_text(BEFORE, encoding="utf-8")
    chosen = {hunk.id for number, hunk in enumerate(file.hunks) if number != left_out}
    git_apply(tmp_path, unified_text([file], chosen))
    text = (tmp_path / "p.py").read_text(encoding="utf-8")
    assert text != BEFORE
    assert ("# new first line" in text) == (left_out != 0)


def test_new_and_deleted_files_are_patches_that_git_takes(tmp_path: Path) -> None:
    (tmp_path / "old.py").write_text("x\n", encoding="utf-8")
    patch = unified_text([diff_of("new.py", "", "a\nb\n"), diff_of("old.py", "x\n", "")])
    git_apply(tmp_path, patch)
    assert (tmp_path / "new.py").read_text(encoding="utf-8") == "a\nb\n"
    assert not (tmp_path / "old.py").exists()
