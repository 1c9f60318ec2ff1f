"""What failures have in common, and how a long comparison is cut to the point."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from core.context.digest import digest_failures
from core.context.failures import to_the_point, with_values
from core.context.prompt import estimate_tokens
from core.types import Frame, Outcome, TestResult
from core.types.causes import group_failures

ZERO = "ZeroDivisionError: division by zero"


def red(
    name: str, message: str, *frames: Frame, outcome: Outcome = Outcome.FAILED, traceback: str = ""
) -> TestResult:
    return TestResult(name, outcome, message=message, traceback=traceback, frames=frames)


def test_five_hundred_tests_that_fail_at_one_line_are_one_group() -> None:
    here = Frame("app/rates.py", 7, "share")
    failures = [
        red(f"tests/test_{n % 9}.py::test_{n}", ZERO, Frame(f"tests/test_{n % 9}.py", n, "t"), here)
        for n in range(500)
    ]
    [group] = group_failures(failures)
    assert (group.cause, group.place, len(group.members)) == ("ZeroDivisionError", "app/rates.py:7", 500)
    digest = digest_failures(failures)
    assert digest.startswith("test_0 and 499 more (500 tests, ZeroDivisionError):")
    assert digest.count("division by zero") == 1


def test_false_assertions_on_one_function_are_one_group_though_each_is_in_its_own_test() -> None:
    said = "assert {0} == 6\n +  where {0} = area(2, 3)"
    failures = [red(f"t.py::test_{n}", said.format(n), Frame("t.py", n, f"test_{n}")) for n in range(3)]
    other = red(
        "t.py::test_other", "assert 1 == 2\n +  where 1 = width()", Frame("t.py", 9, "test_other")
    )
    groups = group_failures([*failures, other])
    assert [(group.place, len(group.members)) for group in groups] == [("area", 3), ("width", 1)]


def test_a_loop_is_one_cause_wherever_in_it_a_test_was_interrupted() -> None:
    hung = [
        red(f"t.py::t[{n}]", "timed out", Frame("a.py", n, "spin"), outcome=Outcome.TIMEOUT)
        for n in (3, 4, 5)
    ]
    assert [group.place for group in group_failures(hung)] == ["a.py, spin"]


def test_a_trace_names_each_function_once_and_the_values_at_its_bottom() -> None:
    frames = (
        Frame("t.py", 3, "test_depth"),
        Frame("walk.py", 20, "run"),
        *(Frame("walk.py", 9, "visit") for _ in range(40)),
        Frame("walk.py", 7, "visit", (("node", "None"), ("seen", "[1, 2]"))),
    )
    said = "AttributeError: 'NoneType' object has no attribute 'left'"
    digest = digest_failures([red("t.py::test_depth", said, *frames)])
    assert "at walk.py:7 in visit (41 calls deep), called by walk.py:20 in run" in digest
    assert "where node = None, seen = [1, 2]" in digest


def test_a_test_that_fails_itself_tells_its_values_whole_and_not_its_place() -> None:
    shown = "rows = [1, 2, 3, 4, 5, 6, ...], expected = 21\n\n    def test_sum(rows, expected):\n"
    values = (("rows", "[1, 2, 3, 4, 5, 6, 7, 8]"), ("expected", "21"), ("got", "36"))
    failure = red(
        "t.py::test_sum[a]", "assert 36 == 21", Frame("t.py", 9, "test_sum", values), traceback=shown
    )
    digest = digest_failures([failure])
    assert "with rows = [1, 2, 3, 4, 5, 6, 7, 8], expected = 21, got = 36" in digest
    assert "6, ...]" not in digest
    assert "t.py:9" not in digest


def test_words_of_the_framework_about_itself_are_left_out() -> None:
    trace = "E  At index 1 diff: 2 != 3\nE  Use -v to get more diff\nE  ? ^\n"
    digest = digest_failures([red("t.py::t", "assert [1, 2] == [1, 3]", traceback=trace)])
    assert "At index 1 diff: 2 != 3" in digest
    assert "Use -v" not in digest


def test_a_comparison_of_two_long_values_is_cut_to_where_they_differ() -> None:
    left, right = list(range(200)), [*range(150), -1, *range(151, 200)]
    line = f"AssertionError: assert {left} == {right}"
    cut = to_the_point(line, 160)
    assert "149, 150, 151" in cut
    assert "149, -1, 151" in cut
    assert len(cut) < 260


def test_a_sign_inside_of_a_text_does_not_part_a_comparison() -> None:
    line = f"assert 'a == b {'x' * 90}' == 'a == b {'x' * 89}y'"
    cut = to_the_point(line, 100)
    assert "xx'" in cut
    assert "xy'" in cut


@given(st.text(max_size=600), st.integers(20, 200))
def test_any_line_is_made_short(line: str, limit: int) -> None:
    assert len(to_the_point(line, limit)) <= max(limit + 6, 260)


@given(
    st.lists(
        st.builds(
            red,
            st.sampled_from(["t.py::a", "t.py::b[1]", "u.py::c", "u.py"]),
            st.text(max_size=300),
            st.builds(
                Frame,
                st.sampled_from(["t.py", "m.py"]),
                st.integers(1, 9),
                st.just("f"),
                st.lists(st.tuples(st.just("x"), st.text(max_size=90)), max_size=3).map(tuple),
            ),
            outcome=st.sampled_from([o for o in Outcome if o.is_red]),
            traceback=st.text(max_size=200),
        ),
        max_size=12,
    ),
    st.integers(20, 300),
)
def test_a_digest_of_anything_keeps_to_its_tokens_and_groups_lose_nobody(
    failures: list[TestResult], tokens: int
) -> None:
    assert estimate_tokens(digest_failures(failures, tokens)) <= tokens + 2
    members = [member for group in group_failures(failures) for member in group.members]
    assert sorted(map(id, members)) == sorted(map(id, failures))


def test_values_come_from_a_traced_run_that_ended_alike_and_no_key_gets_through() -> None:
    known = [red("t.py::a", ZERO, Frame("m.py", 2, "f")), red("t.py::b", ZERO, Frame("m.py", 2, "f"))]
    seen = Frame("m.py", 2, "f", (("n", "0"), ("key", "'s3cret'")))
    traced = {
        "t.py::a": red("t.py::a", ZERO, seen),
        "t.py::b": red("t.py::b", "", seen, outcome=Outcome.TIMEOUT),
    }
    one, other = with_values(known, traced, lambda text: text.replace("s3cret", "***"))
    assert one.frames[0].values == (("n", "0"), ("key", "'***'"))
    assert other == known[1]


def test_what_passed_or_was_skipped_has_no_cause() -> None:
    results = [TestResult("x", Outcome.PASSED), TestResult("y", Outcome.SKIPPED)]
    assert group_failures(results) == ()


def test_other_errors_at_one_place_are_another_cause() -> None:
    here = Frame("a.py", 3, "f")
    assert len(group_failures([red("x", ZERO, here), red("y", "TypeError: no", here)])) == 2
