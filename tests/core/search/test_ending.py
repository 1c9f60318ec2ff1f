"""When a search ends by itself."""

from __future__ import annotations

import math

from core.search.ending import Ending
from core.search.strategy import StopRule


def test_without_a_fix_only_the_budget_ends_a_search_that_has_patience() -> None:
    assert Ending(StopRule(), 0.0).at == math.inf


def test_patience_counts_from_the_last_progress() -> None:
    ending = Ending(StopRule(patience=20.0), 3.0)
    assert ending.at == 23.0
    ending.progressed(15.0)
    assert ending.at == 35.0


def test_after_the_first_fix_it_looks_on_for_a_share_of_the_time_so_far() -> None:
    ending = Ending(StopRule(greens=3, share=0.2, seconds=5.0), 0.0)
    ending.passed(10.0, trusted=True)
    assert ending.at == 12.0
    ending.passed(11.0, trusted=True)
    assert ending.at == 12.0


def test_it_looks_on_no_longer_than_it_may() -> None:
    ending = Ending(StopRule(share=0.2, seconds=5.0), 0.0)
    ending.passed(100.0, trusted=True)
    assert ending.at == 105.0


def test_enough_fixes_end_it_at_once() -> None:
    ending = Ending(StopRule(greens=2, share=1.0), 0.0)
    ending.passed(4.0, trusted=True)
    ending.passed(5.0, trusted=True)
    assert ending.at <= 5.0


def test_fixes_that_look_made_for_the_tests_are_not_enough() -> None:
    ending = Ending(StopRule(greens=1, share=0.2, seconds=5.0), 0.0)
    ending.passed(10.0, trusted=False)
    assert ending.at == 18.0
    ending.passed(13.0, trusted=True)
    assert ending.at <= 13.0


def test_few_tests_make_it_look_on_until_there_is_something_to_choose_among() -> None:
    ending = Ending(StopRule(greens=3, share=0.2, seconds=5.0), 0.0, few_tests=True)
    ending.passed(1.0, trusted=True)
    assert ending.at == 3.0
    for _ in range(4):
        ending.passed(1.5, trusted=True)
    assert ending.at == 3.0, "it wants six of them"
    ending.passed(2.0, trusted=True)
    assert ending.at <= 2.0


def test_enough_candidates_end_it_also_where_there_are_few_tests() -> None:
    ending = Ending(StopRule(greens=3, share=0.2, seconds=5.0), 0.0, few_tests=True)
    ending.verified()
    ending.passed(10.0, trusted=True)
    assert ending.at == 20.0
    for _ in range(40):
        ending.verified()
    assert ending.at == 12.0


def test_whoever_wants_one_fix_gets_one_with_few_tests_as_well() -> None:
    ending = Ending(StopRule(greens=1), 0.0, few_tests=True)
    ending.passed(1.0, trusted=True)
    assert ending.at <= 1.0
