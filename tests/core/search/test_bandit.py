"""Who is next, by what each has gained for its cost."""

from __future__ import annotations

import pytest

from core.search.bandit import Gains, Prior, load_priors
from core.types import TokenUsage

PRIORS = {
    "default": Prior(0.1, 10, 1.0, 100),
    "lucky": Prior(0.3, 10, 1.0, 100),
    "slow": Prior(0.1, 10, 50.0, 100),
}


def chosen(gains: Gains, *names: str, times: int = 200) -> list[str]:
    arms = [gains.arm(name) for name in names]
    return [names[gains.best(arms)] for _ in range(times)]


def test_the_greater_promise_is_drawn_more_often_and_the_other_not_never() -> None:
    drawn = chosen(Gains(PRIORS), "lucky", "unknown")
    assert drawn.count("lucky") > 150
    assert drawn.count("unknown") > 0


def test_what_takes_long_for_the_same_gain_waits() -> None:
    assert chosen(Gains(PRIORS), "slow", "unknown").count("unknown") > 190


def test_what_a_search_shows_outweighs_what_was_believed() -> None:
    gains = Gains(PRIORS)
    lucky, other = gains.arm("lucky"), gains.arm("other")
    for _ in range(100):
        gains.verified(lucky, 0.0, 1.0)
        gains.verified(other, 0.2, 1.0)
    assert [gains.best([lucky, other]) for _ in range(50)].count(1) == 50


def test_the_same_seed_draws_the_same() -> None:
    names = ("one", "two", "three")
    assert chosen(Gains(PRIORS, seed=3), *names) == chosen(Gains(PRIORS, seed=3), *names)
    assert chosen(Gains(PRIORS, seed=3), *names) != chosen(Gains(PRIORS, seed=4), *names)


def test_work_on_a_promising_candidate_begins_with_more_belief() -> None:
    gains = Gains(PRIORS)
    assert gains.arm("one", promise=0.5).prior.gain == pytest.approx(0.15)


def test_a_proposer_that_costs_tokens_and_gains_nothing_gets_less_of_the_model() -> None:
    gains = Gains(PRIORS, ["good", "bad"])
    assert gains.tilt("good") == gains.tilt("bad") == 1.0
    arm = gains.arm("good")
    for _ in range(50):
        gains.asked("good", TokenUsage(prompt=500, completion=100, cached=500))
        gains.asked("bad", TokenUsage(prompt=500, completion=100, cached=500))
        gains.verified(arm, 0.3, 1.0)
    assert gains.tilt("good") > 1.5
    assert 0.25 <= gains.tilt("bad") < 0.5
    good, bad = gains.usage()
    assert (good.candidates, good.tokens.completion) == (50, 5000)
    assert good.gain == pytest.approx(15.0)
    assert (bad.candidates, bad.gain) == (0, 0.0)


def test_tokens_that_the_server_knew_cost_nothing() -> None:
    gains = Gains(PRIORS, ["known", "read"])
    for _ in range(20):
        gains.asked("known", TokenUsage(prompt=1000, cached=1000, completion=10))
        gains.asked("read", TokenUsage(prompt=1000, completion=10))
    assert gains.tilt("known") > gains.tilt("read")


def test_the_shipped_priors_are_probabilities_and_costs() -> None:
    for prior in load_priors().values():
        assert 0 < prior.gain <= 0.5
        assert prior.weight > 0
        assert prior.seconds > 0
        assert prior.tokens >= 0
