"""What a round of refinement starts from, and what came of a draft."""

from __future__ import annotations

import asyncio

from core.search.base import Draft, Tried
from core.search.parents import best_parent, improves, outcome_of
from core.types import Comparison, Evidence, Patch, Rung, Verdict
from tests.core.search.test_model_proposers import FAILURE, FIXED, SOURCE, TASK


def entry(number: int, text: str, comparison: Comparison, **others: str) -> Tried:
    evidence = Evidence(number, Rung.TARGET, comparison, 0.1, 1, FAILURE)
    return Tried(number, Patch(()), {"shapes.py": text, **others}, evidence)


HELPED = Comparison(Verdict.IMPROVED, fixed=("a",))
HARMED = Comparison(Verdict.WORSE, fixed=("a",), broken=("b",))
DOUBTED = Comparison(Verdict.SUSPICIOUS, fixed=("a",), reasons=("It was tampered with.",))


def test_what_helped_and_broke_nothing_is_built_upon() -> None:
    parent = best_parent(TASK, lambda: (entry(3, FIXED, HELPED),))
    assert (parent.candidate, parent.sources["shapes.py"]) == (3, FIXED)
    assert improves(entry(3, FIXED, HELPED).evidence)


def test_what_broke_or_is_doubted_is_gone_back_from() -> None:
    for comparison in (HARMED, DOUBTED, Comparison(Verdict.UNCHANGED)):
        parent = best_parent(TASK, lambda comparison=comparison: (entry(3, FIXED, comparison),))
        assert (parent.candidate, parent.sources["shapes.py"]) == (None, SOURCE)
        assert parent.failures == TASK.failures


def test_the_outcome_of_a_draft_is_found_also_beside_the_edits_of_the_candidate_worked_on() -> None:
    tried = (entry(1, SOURCE, HARMED), entry(2, FIXED, HELPED, **{"other.py": "x = 1\n"}))
    found = asyncio.run(outcome_of(Draft("", {"shapes.py": FIXED}), lambda: tried, 0.0))
    assert found is tried[1]


def test_what_nobody_verifies_is_not_waited_for_for_ever() -> None:
    assert asyncio.run(outcome_of(Draft("", {"shapes.py": FIXED}), lambda: (), 0.06)) is None
