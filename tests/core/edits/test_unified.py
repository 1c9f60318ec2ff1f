"""Unified diffs as models write them."""

from __future__ import annotations

import difflib
import re

from hypothesis import given
from hypothesis import strategies as st

from core.edits.answer import CodeBlock, parse_answer
from core.edits.apply import apply_answer
from core.edits.values import AppliedEdits, EditFailure

SOURCE = """\
def area(w, h):
    # size in metres
    total = w + h
    return total


def other():
    return 1
"""
SOURCES = {"src/shapes.py": SOURCE, "src/names.py": "LIMIT = 3\nOTHER = 4\n"}


def applied(answer: str) -> dict[str, str]:
    outcome = apply_answer(answer, SOURCES, "src/shapes.py", "area")
    assert isinstance(outcome, AppliedEdits), outcome.sentence
    return dict(outcome.edits)


def refused(answer: str) -> EditFailure:
    outcome = apply_answer(answer, SOURCES, "src/shapes.py", "area")
    assert isinstance(outcome, EditFailure)
    return outcome


def test_a_diff_without_numbers_is_applied() -> None:
    answer = "```diff\n@@ @@\n     # size in metres\n-    total = w + h\n+    total = w * h\n```"
    assert applied(answer) == {"src/shapes.py": SOURCE.replace("w + h", "w * h")}


def test_a_diff_of_two_files_without_a_fence_is_applied() -> None:
    answer = (
        "--- a/src/shapes.py\n+++ b/src/shapes.py\n@@ -90,3 +90,3 @@ def area\n"
        "-    total = w + h\n+    total = w * h\n     return total\n"
        "--- a/src/names.py\n+++ b/src/names.py\n@@ ... @@\n-LIMIT = 3\n+LIMIT = 5\n"
    )
    assert applied(answer) == {
        "src/shapes.py": SOURCE.replace("w + h", "w * h"),
        "src/names.py": "LIMIT = 5\nOTHER = 4\n",
    }


def test_signs_alone_are_enough_where_the_fence_says_diff() -> None:
    assert applied("```diff\n-    total = w + h\n+    total = w * h\n```")


def test_lines_that_stay_may_lack_their_blank_and_are_kept_as_in_the_file() -> None:
    answer = "```diff\n@@ @@\n    # size  in metres\n-    total = w + h\n+    total = w * h\n```"
    assert applied(answer) == {"src/shapes.py": SOURCE.replace("w + h", "w * h")}


def test_lines_are_deleted_without_a_trace() -> None:
    answer = "```diff\n@@ @@\n-    # size in metres\n     total = w + h\n```"
    assert applied(answer) == {"src/shapes.py": SOURCE.replace("    # size in metres\n", "")}
    assert applied("```diff\n@@ @@\n-    # size in metres\n```") == {
        "src/shapes.py": SOURCE.replace("    # size in metres\n", "")
    }


def test_an_insertion_without_a_place_is_refused() -> None:
    assert "no place" in refused("```diff\n@@ @@\n+    total = 3\n```").sentence


def test_a_hunk_that_does_not_fit_shows_the_nearest_lines_and_what_could_be_applied() -> None:
    answer = (
        "```diff\n@@ @@\n-    return 1\n+    return 2\n"
        "@@ @@\n-    total = width / height_of(h)\n+    pass\n```"
    )
    failure = refused(answer)
    assert failure.nearest == ("3 |     total = w + h",)
    assert failure.applied == ("src/shapes.py: return 1",)
    assert failure.edits == {"src/shapes.py": SOURCE.replace("return 1", "return 2")}


def test_a_placeholder_is_never_written() -> None:
    answer = "```diff\n@@ @@\n-    total = w + h\n+    # ... rest of the code unchanged\n```"
    assert "leaves code out" in refused(answer).sentence


def test_a_whole_function_after_a_diff_that_does_not_fit_is_taken() -> None:
    answer = (
        "```diff\n@@ @@\n-    nothing like it\n+    pass\n```\n"
        "```python\ndef area(w, h):\n    return w * h\n```"
    )
    assert "return w * h" in applied(answer)["src/shapes.py"]


def test_code_with_signs_in_it_is_no_diff() -> None:
    code = "x = [\n-1,\n+2,\n]\n"
    assert parse_answer(f"```python\n{code}```") == (CodeBlock(code),)


TEXT = st.lists(st.sampled_from(["a = 1", "b = 2", "    c = 3", "", "    d(4)"]), min_size=1, max_size=25)


@given(TEXT, TEXT, st.booleans(), st.integers(0, 3))
def test_a_true_diff_gives_the_new_text_and_reversed_the_old_one_or_is_refused(
    old: list[str], new: list[str], numbers: bool, context: int
) -> None:
    before, after = "\n".join(old) + "\n", "\n".join(new) + "\n"
    for source, target in ((before, after), (after, before)):
        diff = difflib.unified_diff(
            source.splitlines(), target.splitlines(), "a/m.txt", "b/m.txt", n=context, lineterm=""
        )
        lines = [line if numbers else re.sub(r"^@@.*", "@@ @@", line) for line in diff]
        outcome = apply_answer("\n".join(lines), {"m.txt": source}, "m.txt")
        if isinstance(outcome, AppliedEdits) and numbers and outcome.loosest == "exact":
            assert outcome.edits == {"m.txt": target}


@given(st.lists(st.sampled_from(["keep", "", "more"]), max_size=8), st.permutations(range(6)))
def test_a_true_diff_of_different_lines_is_always_applied(around: list[str], order: list[int]) -> None:
    old = [f"line {n}" for n in range(6)]
    new = [f"line {n}" if n % 2 else f"LINE {n}" for n in order]
    before, after = ("\n".join([*part, *around]) + "\n" for part in (old, new))
    diff = list(difflib.unified_diff(before.splitlines(), after.splitlines(), "a/m", "b/m", lineterm=""))
    lines = [re.sub(r"^@@.*", "@@ @@", line) for line in diff]
    outcome = apply_answer("\n".join(lines), {"m": before}, "m")
    assert isinstance(outcome, AppliedEdits)
    assert outcome.edits == {"m": after}


PATHS = st.sampled_from(
    ["../../etc/passwd", "/etc/passwd", "m.py", "src/../../m.py", "C:\\m.py", "~/m.py"]
)


@given(PATHS, st.sampled_from(["m.py\n<<<<<<< SEARCH\n{a}\n=======\nx\n>>>>>>> REPLACE", "diff"]), TEXT)
def test_no_answer_edits_anything_but_the_sources(path: str, form: str, text: list[str]) -> None:
    source = "\n".join(text)
    if form == "diff":
        answer = f"--- {path}\n+++ {path}\n@@ @@\n-{text[0]}\n+x\n"
    else:
        answer = path + form.format(a=text[0])
    outcome = apply_answer(answer, {"m.py": source, "n.py": source}, "n.py")
    assert set(outcome.edits) <= {"m.py", "n.py"}
