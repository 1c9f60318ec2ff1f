"""Answers of models, as they come, turned into edits."""

from __future__ import annotations

import pytest

from core.edits.answer import CodeBlock, SearchReplace, parse_answer
from core.edits.apply import apply_answer
from core.edits.elision import find_elision
from core.edits.values import AppliedEdits, EditFailure
from core.repo.text import TextFile

SOURCE = '''\
def double(x):
    return x + x + 1


"""
Double: twice a number.
"""


def triple(x):
    return 3 * x
'''
SOURCES = {"src/calc.py": SOURCE, "src/other.py": "LIMIT = 3\n"}
FIXED = SOURCE.replace("x + x + 1", "x + x")


def applied(answer: str, function: str = "double") -> AppliedEdits:
    outcome = apply_answer(answer, SOURCES, "src/calc.py", function)
    assert isinstance(outcome, AppliedEdits), outcome.sentence
    return outcome


def refused(answer: str, function: str = "double") -> EditFailure:
    outcome = apply_answer(answer, SOURCES, "src/calc.py", function)
    assert isinstance(outcome, EditFailure)
    return outcome


def test_prose_around_a_fenced_function_is_ignored() -> None:
    answer = "The bug is the `+ 1`:\n\n```python\ndef double(x):\n    return x + x\n```\nNow it works."
    assert applied(answer).edits == {"src/calc.py": FIXED}


def test_a_function_repeated_with_the_text_after_it_does_no_harm() -> None:
    answer = '```python\ndef double(x):\n    return x + x\n\n\n"""\nDouble: twice a number.\n"""\n```'
    assert applied(answer).edits == {"src/calc.py": FIXED}


def test_an_answer_cut_before_its_closing_fence_is_read() -> None:
    assert applied("```python\ndef double(x):\n    return x + x").edits == {"src/calc.py": FIXED}


def test_an_answer_without_fences_is_read() -> None:
    answer = "def double(x):\n    return x + x\n\nThis adds x to itself."
    assert applied(answer).edits == {"src/calc.py": FIXED}


def test_a_search_replace_block_is_applied_to_the_file_it_names() -> None:
    answer = "other.py\n<<<<<<< SEARCH\nLIMIT = 3\n=======\nLIMIT = 4\n>>>>>>> REPLACE\n"
    assert applied(answer).edits == {"src/other.py": "LIMIT = 4\n"}


def test_the_last_of_two_versions_counts() -> None:
    answer = (
        "Before:\n```python\ndef double(x):\n    return x + x + 1\n```\n"
        "After:\n```python\ndef double(x):\n    return x + x\n```"
    )
    assert applied(answer).edits == {"src/calc.py": FIXED}


def test_a_whole_file_is_taken_as_such() -> None:
    answer = f"```python\n{FIXED}LIMIT = 1\n```"
    outcome = applied(answer, function="")
    assert outcome.edits == {"src/calc.py": FIXED + "LIMIT = 1\n"}
    assert outcome.loosest == "file"


def test_a_new_helper_is_put_before_the_function() -> None:
    answer = "```python\ndef twice(x):\n    return 2 * x\n\ndef double(x):\n    return twice(x)\n```"
    text = applied(answer).edits["src/calc.py"]
    assert text.startswith("def twice(x):\n    return 2 * x\n\n\ndef double(x):\n    return twice(x)\n")
    assert text.endswith("def triple(x):\n    return 3 * x\n")


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        ("I cannot help with that.", "no code"),
        ("```python\ndef double(x):\n    return x + x + 1\n```", "changes nothing"),
        ("```python\ndef double(x):\n    # ... rest of code unchanged\n```", "leaves code out"),
        ("```python\ndef double(x):\n    return (x +\n```", "parse"),
        ("```python\nreturn x + x\n```", "whole function double"),
        ("<<<<<<< SEARCH\nfoo = bar\n=======\nfoo = 1\n>>>>>>> REPLACE", "does not occur"),
    ],
)
def test_an_unusable_answer_is_a_failure_in_words(answer: str, word: str) -> None:
    failure = refused(answer)
    assert word in failure.sentence
    assert failure.sentence.endswith(".")


@pytest.mark.parametrize(
    "line",
    [
        "# ... existing code ...",
        "# rest of the code remains unchanged",
        "# ... rest of function ...",
        "    # (rest of the method unchanged)",
        "# remaining code here",
        "...",
        "# ...",
        "# your code here",
        "# same as before",
    ],
)
def test_placeholders_are_recognised(line: str) -> None:
    assert find_elision(f"def f():\n    a = 1\n{line}\n")


@pytest.mark.parametrize(
    "line",
    [
        "# the rest goes to the left half",
        "x = a[...]",
        "# loop over other nodes",
        "# code points, not bytes",
    ],
)
def test_ordinary_comments_are_no_placeholders(line: str) -> None:
    assert not find_elision(f"def f():\n    {line}\n")


def test_dots_that_stand_in_the_file_are_no_placeholder() -> None:
    assert not find_elision("def f() -> int:\n    ...\n", original="def f():\n    ...\n")


def test_blocks_keep_their_order_and_paths() -> None:
    answer = "`a/b.py`:\n```python\nx = 1\n```\n```python\ny = 2\n```\n"
    assert parse_answer(answer) == (CodeBlock("x = 1\n", "a/b.py"), CodeBlock("y = 2\n"))
    answer = "<<<<<<< SEARCH\na\n=======\nb\n>>>>>>> REPLACE\n<<<<<<< SEARCH\nc\n=======\n>>>>>>> REPLACE"
    assert parse_answer(answer) == (SearchReplace("a", "b"), SearchReplace("c", ""))


def test_a_file_that_does_not_parse_is_replaced_as_a_whole_by_one_that_defines_its_names() -> None:
    broken = "LIMIT = 3\n\n\ndef area(a, b)\n    return a * b\n"
    whole = "LIMIT = 3\n\n\ndef area(a, b):\n    return a * b\n"
    applied = apply_answer(f"```python\n{whole}```", {"m.py": broken}, "m.py")
    assert isinstance(applied, AppliedEdits)
    assert applied.edits == {"m.py": whole}
    part = "```python\ndef area(a, b):\n    return a * b\n```"
    assert isinstance(apply_answer(part, {"m.py": broken}, "m.py"), EditFailure)


def test_line_numbers_that_were_copied_are_taken_off_and_believed() -> None:
    twice = {"m.py": "x = 1\ny = 2\nx = 1\nz = 3\n"}
    answer = "<<<<<<< SEARCH\n3 | x = 1\n=======\n3 | x = 5\nw = 6\n>>>>>>> REPLACE"
    outcome = apply_answer(answer, twice, "m.py")
    assert isinstance(outcome, AppliedEdits)
    assert outcome.edits == {"m.py": "x = 1\ny = 2\nx = 5\nw = 6\nz = 3\n"}


def test_a_search_may_name_its_line() -> None:
    assert parse_answer("<<<<<<< SEARCH (line 12)\na\n=======\nb\n>>>>>>> REPLACE") == (
        SearchReplace("a", "b", hint=12),
    )
    assert parse_answer("<<<<<<< SEARCH src/a2.py\na\n=======\nb\n>>>>>>> REPLACE") == (
        SearchReplace("a", "b"),
    )


def test_of_several_edits_those_that_could_be_made_are_told_and_kept_for_a_follow_up() -> None:
    answer = (
        "<<<<<<< SEARCH\n    return x + x + 1\n=======\n    return x + x\n>>>>>>> REPLACE\n"
        "<<<<<<< SEARCH\nfoo = bar\n=======\nfoo = 1\n>>>>>>> REPLACE"
    )
    failure = refused(answer)
    assert failure.applied == ("src/calc.py: return x + x + 1",)
    assert failure.edits == {"src/calc.py": FIXED}


@pytest.mark.parametrize(
    "data",
    [
        b"# coding: latin-1\r\ndef f(a):\r\n\treturn '\xe9' + a\r\n\r\n\r\nX = 1",
        b"\xef\xbb\xbfdef f(a):\n\treturn '\xc3\xa9' + a\n",
    ],
)
@pytest.mark.parametrize(
    "answer",
    [
        "<<<<<<< SEARCH\n    return 'é' + a\n=======\n    return a + 'é'\n>>>>>>> REPLACE",
        "```diff\n@@ @@\n def f(a):\n-\treturn 'é' + a\n+\treturn a + 'é'\n```",
        "<<<<<<< SEARCH\r\n\treturn 'é' + a\r\n=======\r\n\treturn a + 'é'\r\n>>>>>>> REPLACE\r\n",
    ],
)
def test_newlines_tabs_encoding_and_the_end_of_the_file_are_kept(data: bytes, answer: str) -> None:
    file = TextFile.from_bytes(data)
    assert file is not None
    outcome = apply_answer(answer, {"m.py": file.text}, "m.py")
    assert isinstance(outcome, AppliedEdits), outcome.sentence
    letter = "é".encode(file.encoding.removesuffix("-sig"))
    wanted = data.replace(b"'" + letter + b"' + a", b"a + '" + letter + b"'")
    assert file.with_text(outcome.edits["m.py"]) == wanted
