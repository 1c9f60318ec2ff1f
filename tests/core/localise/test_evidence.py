"""What speaks against a line, each kind in a small program of its own."""

from __future__ import annotations

from textwrap import dedent

from core.localise.suspects import Recent, rank_suspects
from core.types import Frame, Outcome, Suspect, TestResult

RED, GREEN = "test_m.py::test_red", "test_m.py::test_green"


def rank(
    source: str,
    red: set[int],
    green: set[int],
    *,
    test: str = "",
    message: str = "",
    frames: tuple[int, ...] = (),
    test_line: int = 0,
    recent: Recent | None = None,
) -> tuple[Suspect, ...]:
    traced = (
        *((Frame("test_m.py", test_line, "test_red"),) if test_line else ()),
        *(Frame("m.py", line, "f") for line in frames),
    )
    return rank_suspects(
        [TestResult(RED, Outcome.FAILED, message=message, frames=traced)],
        [GREEN],
        {RED: {"m.py": frozenset(red)}, GREEN: {"m.py": frozenset(green)}},
        {"m.py": dedent(source), "test_m.py": dedent(test)},
        lambda path: path.startswith("test_"),
        recent=recent,
    )


def named(suspects: tuple[Suspect, ...], line: int) -> Suspect:
    return next(suspect for suspect in suspects if suspect.line == line)


def above(suspects: tuple[Suspect, ...], line: int, other: int) -> bool:
    lines = [suspect.line for suspect in suspects]
    return lines.index(line) < lines.index(other)


def test_a_condition_is_suspect_where_only_failing_tests_go_past_its_block() -> None:
    source = """\
    def f(n):
        low = n + 1
        if n > 0:
            low = n - 1
        high = low + n
        return high
    """
    suspects = rank(source, {2, 3, 5, 6}, {2, 3, 4, 5, 6})
    assert "failing tests go past its block, passing ones hardly" in named(suspects, 3).reasons
    assert above(suspects, 3, 5)


def test_what_ran_only_to_show_a_failure_is_no_suspect() -> None:
    source = """\
    class A:
        def total(self):
            return self.one + 1

        def __repr__(self):
            return f"A({self.one})"
    """
    assert [s.line for s in rank(source, {3, 6}, {3}, test="x = A()\nassert x.total() == 3\n")] == [3]
    asked = "assert repr(A()) == 'A'\n"
    assert rank(source, {3, 6}, {3}, test=asked, test_line=1)[0].line == 6


def test_the_condition_for_an_error_is_worse_than_who_raises_it() -> None:
    source = """\
    def f(n):
        if n >= 0:
            raise ValueError(n)
        return n
    """
    suspects = rank(source, {2, 3}, {2, 4}, frames=(3,))
    assert "decides on the error that was raised" in named(suspects, 2).reasons


def test_what_the_failing_value_was_made_of_comes_before_what_it_was_not() -> None:
    source = """\
    def f(values):
        first = values[0] + 1
        other = values[1] + 1
        log.append(other)
        return first
    """
    test = "def test_red():\n    found = f([1, 2])\n    assert found == 1\n"
    assert above(rank(source, {2, 3, 4, 5}, set(), test=test, test_line=3), 2, 3)


def test_the_functions_that_the_failing_line_calls_come_first() -> None:
    source = """\
    def f(n):
        return n + 1
    def g(n):
        return n + 2
    """
    test = "def test_red():\n    f(1)\n    found = g(1)\n    assert found == 3\n"
    assert rank(source, {2, 4}, set(), test=test, test_line=4)[0].line == 4


def test_constants_and_defaults_are_suspects_though_no_test_executes_them() -> None:
    source = """\
    LIMIT = 10
    UNUSED = 3
    class A:
        step = 2
        def f(self, n, by=1):
            return min(n + by * self.step, LIMIT)
    """
    suspects = rank(source, {6}, set())
    assert {s.line for s in suspects} == {1, 4, 5, 6}


def test_the_head_of_an_except_block_is_a_suspect() -> None:
    source = """\
    def f(n):
        try:
            return 1 / n
        except ZeroDivisionError:
            return 0
    """
    assert 4 in {s.line for s in rank(source, {2, 3, 4, 5}, {2, 3})}


def test_a_handler_that_an_error_came_by_is_a_suspect() -> None:
    source = """\
    def f(n):
        try:
            low = n - 1
            return 1 / low
        except KeyError:
            return 0
    """
    suspects = rank(source, {2, 3, 4, 5}, {2, 3, 4}, frames=(4,))
    assert "did not catch the error that came by" in named(suspects, 5).reasons


def test_operators_call_methods_and_attributes_may_be_properties() -> None:
    source = """\
    class A:
        def __getitem__(self, key):
            return key
        @property
        def size(self):
            return 1
        def other(self):
            return 2
    """
    test = "def test_red():\n    a = A()\n    assert a[0] == 1\n    assert a.size == 3\n"
    assert rank(source, {3, 6, 8}, set(), test=test, test_line=3)[0].line == 3
    assert rank(source, {3, 6, 8}, set(), test=test, test_line=4)[0].line == 6


def test_what_the_most_suspicious_line_calls_is_suspect_too() -> None:
    source = """\
    def f(n):
        a = other(n)
        b = shared(n)
        return a + b
    def shared(n):
        return n
    def other(n):
        return n
    """
    suspects = rank(source, {3, 6, 8}, {6, 8})
    assert above(suspects, 6, 8)


def test_of_lines_that_are_alike_the_one_that_changed_last_comes_first() -> None:
    source = """\
    def f(a, b):
        a = a + 1
        b = b + 1
        return a * b
    """
    suspects = rank(source, {2, 3, 4}, set(), recent={"m.py": {2: 4, 3: 1}})
    assert suspects[0].line == 3
    assert "changed 1 commit ago" in suspects[0].reasons
    assert "changed 4 commits ago" in named(suspects, 2).reasons


def test_a_suspect_tells_where_its_statement_ends() -> None:
    source = """\
    def f(n):
        return max(
            n,
            1,
        )
    """
    assert [(s.line, s.last) for s in rank(source, {2, 3, 4}, set())] == [(2, 5)]
