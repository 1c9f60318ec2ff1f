"""A refused hunk is known again whatever stands around it, and nothing else is taken for it."""

from __future__ import annotations

import pytest

from core.remark.refused import holds_refused, marks_of
from core.remark.store import RefusalStore
from core.types import FileChange, Patch, Refusal

SOURCE = "def add(a, b):\n    return a - b\n\n\ndef sub(a, b):\n    return a - b\n"
REFUSED = SOURCE.replace("a - b", "a + b", 1)


def change(after: str, before: str = SOURCE, path: str = "calc.py") -> FileChange:
    return FileChange(path, before.encode(), after.encode())


REFUSAL = Refusal(
    1, "calc.py", ("-    return a - b", "+    return a + b"), "", (), marks_of(change(REFUSED), 0)
)


@pytest.mark.parametrize(
    "after",
    [
        REFUSED,
        REFUSED.replace("a + b", "a+b  # the sum"),
        REFUSED.replace("def sub", "import os\n\n\ndef sub"),
        REFUSED.replace("return a + b", "total = 1\n    return a + b"),
        REFUSED.replace("return a + b", "return (a + b)"),
        "# a comment above\n" + REFUSED,
    ],
)
def test_a_patch_that_holds_the_hunk_is_found_whatever_else_it_does(after: str) -> None:
    assert holds_refused(Patch((change(after),)), (REFUSAL,)) == REFUSAL


@pytest.mark.parametrize(
    "after",
    [
        SOURCE.replace("a - b", "b + a", 1),
        SOURCE.replace("a - b", "sum((a, b))", 1),
        # The same line, but in another function.
        SOURCE[::-1].replace("b - a", "b + a", 1)[::-1],
    ],
)
def test_another_change_is_another_change(after: str) -> None:
    assert holds_refused(Patch((change(after),)), (REFUSAL,)) is None


def test_the_same_lines_of_another_file_are_not_refused() -> None:
    assert holds_refused(Patch((change(REFUSED, path="other.py"),)), (REFUSAL,)) is None


def test_lines_that_moved_in_the_file_meanwhile_are_still_known() -> None:
    longer = f"import os\nimport sys\n\n\n{SOURCE}"
    again = change(longer.replace("a - b", "a + b", 1), longer)
    assert holds_refused(Patch((again,)), (REFUSAL,)) == REFUSAL


def test_a_file_that_is_made_is_refused_as_a_file() -> None:
    made = FileChange("new.py", None, b"x = 1\n")
    refusal = Refusal(1, "new.py", (), marks=marks_of(made, 0))
    assert holds_refused(Patch((FileChange("new.py", None, b"x = 2\n"),)), (refusal,)) == refusal


def test_a_comment_alone_can_be_refused_and_layout_alone_is_no_other_change() -> None:
    commented = change(SOURCE.replace("a - b", "a - b  # minus", 1))
    refusal = Refusal(1, "calc.py", (), marks=marks_of(commented, 0))
    assert holds_refused(Patch((commented,)), (refusal,)) == refusal
    assert holds_refused(Patch((change(SOURCE.replace("a - b", "a-b", 1)),)), (REFUSAL,)) is None


def test_other_languages_are_compared_line_by_line() -> None:
    before, after = "func f() {\n\treturn 1\n}\n", "func f() {\n\treturn  2\n}\n"
    refusal = Refusal(1, "m.go", (), marks=marks_of(change(after, before, "m.go"), 0))
    again = change(after.replace("  2", " 2"), before, "m.go")
    assert holds_refused(Patch((again,)), (refusal,)) == refusal


def test_what_is_kept_on_disk_is_read_again_and_a_torn_file_counts_as_none(tmp_path) -> None:
    store = RefusalStore(tmp_path)
    store.save("/r", (REFUSAL,))
    assert store.load("/r") == (REFUSAL,)
    assert store.load("/other") == ()
    [file] = tmp_path.iterdir()
    file.write_text('{"refusals": [{"id"')
    assert store.load("/r") == ()
