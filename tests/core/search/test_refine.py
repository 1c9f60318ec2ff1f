"""Refining: an attempt is answered with what it made of the tests."""

from __future__ import annotations

import asyncio

from core.search.base import Draft, Tried
from core.search.refine import RefineProposer
from core.types import Comparison, Evidence, Outcome, Patch, Rung, TestResult, Verdict
from tests.core.search.test_model_proposers import ANSWER, FIXED, SOURCE, TASK, Answers

WRONG = "```python\ndef area(w, h):\n    return w - h\n```"
FAILURE = TestResult("test_shapes.py::test_area", Outcome.FAILED, message="assert -1 == 6")


def refined(ask: Answers, *fixed: str, rounds: int = 1) -> list[Draft]:
    """All drafts, where each is verified as soon as it is made and fixes the tests ``fixed``."""
    tried: list[Tried] = []

    async def collect() -> list[Draft]:
        found: list[Draft] = []
        proposer = RefineProposer(rounds, depth=1)
        async for draft in proposer.propose(TASK, lambda: tuple(reversed(tried)), ask):
            found.append(draft)
            verdict = Verdict.IMPROVED if fixed else Verdict.UNCHANGED
            comparison = Comparison(verdict, fixed=fixed)
            evidence = Evidence(len(found), Rung.TARGET, comparison, 0.1, 1, FAILURE)
            tried.append(Tried(len(found), Patch(()), draft.edits, evidence))
        return found

    return asyncio.run(collect())


def test_the_failure_of_an_attempt_goes_back_in_the_same_conversation() -> None:
    ask = Answers(WRONG, ANSWER)
    first, second = refined(ask)
    assert first.edits == {"shapes.py": SOURCE.replace("w + h", "w - h")}
    assert second.edits == {"shapes.py": FIXED}
    assert second.parent == 1
    asked, again = ask.requests
    assert again.messages[: len(asked.messages)] == asked.messages, "the server has read that already"
    assert "return w - h" in again.messages[-2].content
    assert "assert -1 == 6" in again.messages[-1].content


def test_an_attempt_that_does_not_help_is_dropped_after_its_answer() -> None:
    ask = Answers(WRONG, ANSWER, "no", "no", WRONG, ANSWER)
    refined(ask, rounds=2)
    _, _, for_other, _, again, _ = ask.requests
    assert "`other`" in for_other.messages[-1].content
    assert len(again.messages) == 2
    assert "return w + h" in again.messages[-1].content, "it starts from the source again"
    assert again.seed != ask.requests[0].seed


def test_an_attempt_that_helps_is_built_upon() -> None:
    ask = Answers(WRONG, ANSWER)
    first, second = refined(ask, "test_shapes.py::test_zero")
    assert second.parent == 1
    assert len(ask.requests[1].messages) == 2, "a question of its own"
    assert "return w - h" in ask.requests[1].messages[-1].content
    assert "assert -1 == 6" in ask.requests[1].messages[-1].content
    assert first.edits != second.edits


def test_nonsense_ends_the_conversation_and_not_the_rounds() -> None:
    assert len(refined(Answers("What do you mean?", "", ANSWER, "", ""), rounds=2)) == 1
