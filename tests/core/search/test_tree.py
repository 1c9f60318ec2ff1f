"""The candidate tree: what leads on, and what behaves alike."""

from __future__ import annotations

from typing import Any

from core.search.base import Tried
from core.search.tree import CHANGED_GAIN, Node, Tree, behaviour
from core.types import Comparison, Evidence, Outcome, Patch, Rung, TestResult, Verdict


def evidence(
    candidate: int, fixed: str = "", broken: str = "", says: str = "boom", **more: Any
) -> Evidence:
    """Of the targets a, b, c and d those in ``fixed`` pass."""
    still = tuple(test for test in "abcd" if test not in fixed)
    verdict = Verdict.WORSE if broken else Verdict.UNCHANGED
    if fixed and not broken:
        verdict = Verdict.IMPROVED if still else Verdict.GREEN
    failure = TestResult(still[0], Outcome.FAILED, message=says) if still else None
    comparison = Comparison(verdict, tuple(fixed), tuple(broken), still)
    rung = Rung.SUITE if verdict is Verdict.GREEN else Rung.TARGET
    return Evidence(candidate, rung, comparison, 0.1, 4, failure, **more)


class Grown:
    """A tree over four failing tests."""

    def __init__(self, branching: int = 2, depth: int = 2) -> None:
        self.tree = Tree(4, branching, depth)
        self.count = 0

    def add(
        self, fixed: str = "", parent: Node | None = None, doubtful: bool = False, **more: Any
    ) -> Node:
        self.count += 1
        found = evidence(self.count, fixed, **more)
        tried = Tried(self.count, Patch(()), {}, found)
        return self.tree.add(tried, found, parent.candidate if parent else None, doubtful=doubtful)


def test_a_gain_is_the_part_of_the_targets_that_was_not_fixed_before() -> None:
    grown = Grown()
    half = grown.add("ab")
    assert half.gain == 0.5
    assert grown.add("abc", half).gain == 0.25
    assert grown.add("abcd", half).gain == 1.0
    assert grown.add("abc", broken="x").gain == 0.0


def test_a_failure_that_nobody_has_seen_is_worth_a_little_once() -> None:
    grown = Grown()
    assert grown.add(says="new").gain == CHANGED_GAIN
    assert grown.add(says="new").gain == 0.0


def test_candidates_with_the_same_outcomes_and_words_are_twins() -> None:
    grown = Grown()
    first, second, other = grown.add("a"), grown.add("a"), grown.add("a", says="something else")
    assert (first.twin, second.twin, other.twin) == (None, first.candidate, None)


def test_addresses_and_durations_make_no_difference() -> None:
    one = evidence(1, says="<A object at 0x7f01> after 0.31 s in /tmp/x1/m.py")
    two = evidence(2, says="<A object at 0x7f99> after 1.20 s in /tmp/x2/m.py")
    assert behaviour(one) == behaviour(two)


def test_what_fixes_some_and_breaks_nothing_is_worked_on_its_twin_is_not() -> None:
    grown = Grown()
    assert grown.tree.admit(grown.add("a")) == (True, None)
    assert grown.tree.admit(grown.add("a")) == (False, None)
    assert grown.tree.admit(grown.add("")) == (False, None)
    assert grown.tree.admit(grown.add("ab", broken="x")) == (False, None)
    assert grown.tree.admit(grown.add("abcd")) == (False, None), "nothing is left to do there"


def test_what_looks_made_for_the_tests_is_not_worked_on_and_stands_for_no_other() -> None:
    grown = Grown()
    doubtful = grown.add("a", doubtful=True)
    assert doubtful.gain == 0.0
    assert grown.tree.admit(doubtful) == (False, None)
    honest = grown.add("a")
    assert honest.twin is None
    assert honest.gain == 0.25
    assert grown.tree.admit(honest) == (True, None)
    assert grown.add("abcd", doubtful=True).gain == 1.0, "it passes; the choice sees to the rest"


def test_a_node_of_which_nothing_comes_makes_room_for_its_twin() -> None:
    grown = Grown(branching=1)
    first = grown.add("a")
    assert grown.tree.admit(first) == (True, None)
    grown.tree.give_up(first)
    again = grown.add("a")
    assert again.twin is None
    assert grown.tree.admit(again) == (True, None)


def test_the_best_few_are_worked_on_and_a_better_one_takes_the_place_of_the_worst() -> None:
    grown = Grown(branching=2)
    one, two = grown.add("a"), grown.add("bc")
    assert grown.tree.admit(one) == grown.tree.admit(two) == (True, None)
    assert grown.tree.admit(grown.add("d")) == (False, None)
    better = grown.add("ad")
    assert grown.tree.admit(better) == (True, one)
    assert (one.worked_on, better.worked_on) == (False, True)


def test_what_another_does_and_more_is_not_worked_on() -> None:
    grown = Grown(branching=5)
    grown.tree.admit(grown.add("ab"))
    assert grown.tree.admit(grown.add("a")) == (False, None)


def test_a_child_that_adds_nothing_and_one_too_deep_are_not_worked_on() -> None:
    grown = Grown(branching=5, depth=2)
    root = grown.add("a")
    assert grown.tree.admit(root) == (True, None)
    assert grown.tree.admit(grown.add("a", root, says="else")) == (False, None)
    child = grown.add("ab", root)
    assert grown.tree.admit(child) == (True, None)
    assert child.comes_from(root)
    assert not root.comes_from(child)
    assert grown.tree.admit(grown.add("abc", child)) == (False, None)
