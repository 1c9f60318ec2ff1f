"""Which of those that pass is taken, and the rule that says so."""

from __future__ import annotations

import pytest

from core.repo.patch import patch_from_edits
from core.search.select.choosing import Finalist, decide, finalist
from core.search.select.clusters import matrix_of
from core.search.select.size import change_size
from core.search.select.static import static_delta
from core.types import Choice, Patch

SOURCE = (
    '"""Words."""\n\n\ndef f(a, b):\n    # add\n    c = a - b\n    return c\n\n\ndef g():\n    return 1\n'
)


def patched(old: str, new: str) -> Patch:
    return patch_from_edits({"m.py": SOURCE.replace(old, new)}, lambda path: SOURCE.encode())


def size(old: str, new: str) -> int:
    return change_size({"m.py": SOURCE}, {"m.py": SOURCE.replace(old, new)})


def static(old: str, new: str) -> int:
    return static_delta({"m.py": SOURCE}, {"m.py": SOURCE.replace(old, new)})


def test_the_only_one_needs_no_rule() -> None:
    assert decide([Finalist(4, size=9)]).choice == Choice("", 1, ())


def test_the_smallest_change_is_taken() -> None:
    decision = decide([Finalist(1, size=9), Finalist(2, size=2), Finalist(3, size=4)])
    assert [one.candidate for one in decision.order] == [2, 3, 1]
    assert decision.choice.rule == "It is the smallest change of 3 that pass."


def test_what_looks_made_for_the_tests_comes_last_however_small() -> None:
    signs = ("it returns 84, a value of the test",)
    decision = decide([Finalist(1, signs, size=1), Finalist(2, size=30)])
    assert decision.order[0].candidate == 2
    assert decision.choice.rule == "1 of the 2 that pass looks more made for the tests."
    assert decide([Finalist(1, signs)]).choice.signs == signs


def test_those_that_agree_beat_a_smaller_change_that_stands_alone() -> None:
    finalists = [Finalist(1, size=1), Finalist(2, size=5), Finalist(3, size=6)]
    matrix = matrix_of({1: "axx", 2: "abc", 3: "abc"})
    decision = decide(finalists, matrix)
    assert [one.candidate for one in decision.order] == [2, 3, 1]
    assert decide(finalists[:1] + finalists[1:2], matrix_of({1: "ab", 2: "ab"})).order[0].candidate == 1


def test_agreement_is_told_as_the_rule_where_it_decides() -> None:
    finalists = [Finalist(1, size=1), Finalist(2, size=5)]
    matrix = matrix_of({1: "axx", 2: "abc", 3: "abc"})
    assert decide(finalists, matrix).order[0].candidate == 1, "those who are no finalists have no voice"


def test_what_contradicts_an_answer_comes_last_whatever_speaks_for_it() -> None:
    finalists = [Finalist(1, size=1), Finalist(2, ("it returns 84",), size=9), Finalist(3, size=7)]
    decision = decide(finalists, refuted={1})
    assert [one.candidate for one in decision.order] == [3, 2, 1]
    assert decision.choice.rule == "It gives what you answered; 1 of the 3 that pass does not."


def test_less_left_behind_comes_before_smaller() -> None:
    decision = decide([Finalist(1, static=1, size=1), Finalist(2, size=5)])
    assert decision.order[0].candidate == 2
    assert decision.choice.rule == "1 of the 2 that pass leaves more dead code behind."


def test_equals_are_taken_in_the_order_in_which_they_came() -> None:
    decision = decide([Finalist(7, size=1, lines=2), Finalist(3, size=1, lines=2)])
    assert decision.order[0].candidate == 3
    assert decision.choice.rule == "It came first of 2 that pass and change as much."


def test_an_operator_is_a_smaller_change_than_a_name_and_a_statement_larger() -> None:
    operator = size("a - b", "a + b")
    guard = size("    # add\n", "    if not b:\n        return a\n")
    assert 0 < operator < size("a - b", "abs(a - b)") < guard


def test_layout_comments_and_docstrings_are_no_change() -> None:
    assert size("# add", "# really add") == 0
    assert size('"""Words."""', '"""Other words."""') == 0
    assert size("a - b", "(a\n         - b)") == 0


def test_other_languages_count_by_words() -> None:
    assert change_size({"m.go": "return a - b"}, {"m.go": "return  a + b"}) == 2


def test_a_huge_change_is_still_counted() -> None:
    many = "\n".join(f"x{n} = {n}" for n in range(4000))
    assert change_size({"m.py": "x = 1\n"}, {"m.py": many}) > 4000


@pytest.mark.parametrize(
    ("old", "new", "count"),
    [
        ("a - b", "a + b", 0),
        ("    return c\n", "    return c\n    c = 2\n", 1),
        ("    c = a - b\n    return c", "    c = a - b\n    return a + b", 1),
        ("    return c", "    c == 3\n    return c", 1),
        ("    return c", "    c = c\n    return c", 1),
        ("    return c", "    if c == c:\n        return c", 1),
        ("    return c", "    c += 1\n    return c", 0),
        ("def f", "def (", 0),
    ],
)
def test_what_a_linter_would_name_is_counted(old: str, new: str, count: int) -> None:
    assert static(old, new) == count


def test_a_patch_is_looked_at_whole() -> None:
    found = finalist(5, patched("a - b", "a + b"), ["assert f(1, 2) == 3"])
    assert (found.candidate, found.signs, found.static, found.lines) == (5, (), 0, 2)
    assert found.size > 0
