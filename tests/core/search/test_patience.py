"""How long candidates may run."""

from __future__ import annotations

from core.search.patience import DEAR_TOKENS, GROWTH, SHARE, Patience, cut_short
from core.types import (
    Candidate,
    Comparison,
    Evidence,
    Outcome,
    Patch,
    Rung,
    TestResult,
    TokenUsage,
    Verdict,
)


def candidate(number: int, tokens: int = 0) -> Candidate:
    return Candidate(number, "mutation", "try", Patch(()), tokens=TokenUsage(completion=tokens))


def evidence(outcome: Outcome, seconds: float = 0.1) -> Evidence:
    failure = TestResult("t.py::t", outcome, seconds) if outcome.is_red else None
    return Evidence(1, Rung.TARGET, Comparison(Verdict.UNCHANGED), seconds, 1, failure)


def test_only_what_time_alone_speaks_against_is_tried_again() -> None:
    assert cut_short(evidence(Outcome.TIMEOUT))
    assert not cut_short(evidence(Outcome.FAILED))
    assert not cut_short(evidence(Outcome.PASSED))


def test_a_candidate_gets_ever_more_time_until_it_has_what_every_test_gets() -> None:
    patience = Patience(0.1, 1.0)
    one = candidate(1)
    limits = [patience.limit(one)]
    patience.note(one, evidence(Outcome.TIMEOUT), limits[-1])
    while (again := patience.next(idle=True)) is not None:
        assert again[0] is one
        limits.append(again[1])
        patience.note(one, evidence(Outcome.TIMEOUT), again[1])
    assert limits == [0.1, GROWTH * 0.1, 0.0]


def test_while_there_are_other_ideas_second_tries_take_a_share_of_the_time_only() -> None:
    patience = Patience(0.1, 1.0)
    first = again = 0
    for number in range(1, 101):
        new = candidate(number)
        first += 1
        patience.note(new, evidence(Outcome.TIMEOUT, 0.2), 0.1)
        while (retry := patience.next(idle=False)) is not None:
            again += 1
            patience.note(retry[0], evidence(Outcome.TIMEOUT, 0.4), retry[1])
    assert 0 < 0.4 * again <= SHARE * (0.2 * first + 0.4 * again) + 0.4


def test_the_shortest_limit_comes_first_then_the_oldest() -> None:
    patience = Patience(0.1, 10.0)
    for number, limit in ((1, 0.4), (3, 0.1), (2, 0.1)):
        patience.note(candidate(number), evidence(Outcome.TIMEOUT), limit)
    order = [again[0].id for _ in range(3) if (again := patience.next(idle=True)) is not None]
    assert order == [2, 3, 1]


def test_what_a_model_has_worked_for_is_not_hurried() -> None:
    patience = Patience(0.1, 1.0)
    assert patience.limit(candidate(1, DEAR_TOKENS)) == 0.0
    assert patience.limit(candidate(1, 20)) == 0.1
    assert Patience(0.0, 1.0).limit(candidate(1)) == 0.0
