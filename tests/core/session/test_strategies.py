"""A session and its strategy: listed, chosen, refused; two bugs and the choice among those that pass."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.errors import UsageError
from core.events import FixStarted, StrategiesListed
from core.search.strategy import Part, StopRule, Strategy
from core.session.baseline import harms
from core.types import Budget, Outcome, Verdict
from tests.core.search.memory import report
from tests.core.session.conftest import LocalServices

TWO_BUGS = {
    "shop.py": """def total(prices):
    result = 0
    for price in prices[1:]:
        result += price
    return result


def cheapest(prices):
    best = prices[0]
    for price in prices:
        if price > best:
            best = price
    return best
""",
    "test_shop.py": """from shop import cheapest, total


def test_total():
    assert total([10, 20]) == 30


def test_cheapest():
    assert cheapest([3, 1, 2]) == 1


def test_empty():
    assert total([]) == 0
""",
}


def test_opening_lists_the_strategies_and_choosing_one_lasts(with_session, repository):
    root = repository()

    async def work(opened):
        session = opened.session
        await session.list_strategies()
        assert opened.bodies(StrategiesListed)[-1].chosen == "auto"
        await session.use_strategy("models only")
        assert opened.bodies(StrategiesListed)[-1].chosen == "models only"
        with pytest.raises(UsageError, match="There is no strategy quik; there are auto, models only"):
            await session.use_strategy("quik")
        assert opened.bodies(StrategiesListed)[-1].chosen == "models only"
        await session.open(str(root))
        with pytest.raises(UsageError, match="The strategy models only has the proposer direct"):
            await session.fix((), Budget(5.0))

    with_session(work)


def test_two_bugs_are_fixed_by_working_on_the_candidate_that_fixes_one(
    with_session, repository, monkeypatch
):
    root = repository(TWO_BUGS)
    stop = StopRule(greens=1)
    first_order = Strategy("auto", parts={"mutation": Part(expand=True)}, stop=stop)
    monkeypatch.setattr(LocalServices, "strategies", lambda self: (first_order,))

    async def work(opened):
        await opened.session.open(str(root))
        await opened.session.run_tests()
        result = await opened.session.fix((), Budget(60.0))
        return result, opened.bodies(FixStarted)[-1].strategy

    result, strategy = with_session(work)
    assert strategy == "auto"
    assert result.verdict is Verdict.GREEN
    assert result.choice is not None
    assert result.choice.signs == ()
    assert [usage.name for usage in result.proposers] == ["mutation"]


def test_settings_name_the_strategy(with_session, repository):
    root = repository()

    async def work(opened):
        opened.session._settings = replace(opened.settings, strategy="nowhere")
        await opened.session.open(str(root))
        with pytest.raises(UsageError, match="There is no strategy nowhere"):
            await opened.session.fix((), Budget(5.0))

    with_session(work)


WEAK_TEST = {
    "median.py": """def middle(a, b, c):
    if a <= b <= c:
        return a
    return sorted([a, b, c])[1]
""",
    "test_median.py": """import pytest

from median import middle


@pytest.mark.parametrize("values", [(1, 2, 3), (3, 1, 2), (2, 3, 1)])
def test_middle(values):
    assert middle(*values) == 2
""",
}


def test_those_that_pass_are_compared_on_other_inputs_than_those_of_the_tests(
    with_session, repository, monkeypatch, caplog
):
    root = repository(WEAK_TEST)
    more = Strategy("auto", parts={"mutation": Part()}, stop=StopRule(greens=3, share=1e9, seconds=30.0))
    monkeypatch.setattr(LocalServices, "strategies", lambda self: (more,))

    async def work(opened):
        await opened.session.open(str(root))
        await opened.session.run_tests()
        return await opened.session.fix((), Budget(60.0))

    with caplog.at_level("INFO", "greenbar.agreement"):
        result = with_session(work)
    assert result.verdict is Verdict.GREEN
    assert result.choice.among >= 3
    assert "kinds of answers" in caplog.text
    source = result.best.patch.changes[0].after.decode()
    names: dict[str, object] = {}
    exec(source, names)
    middle = names["middle"]
    assert [middle(5, 6, 9), middle(9, 5, 6), middle(-1, 0, 4)] == [6, 6, 0]


def test_a_traced_run_shows_harm_by_failures_and_not_by_timeouts():
    before = report({"a": Outcome.PASSED, "b": Outcome.FAILED, "c": Outcome.PASSED})
    assert not harms(before, report({"a": Outcome.PASSED, "b": Outcome.FAILED}))
    assert not harms(before, report({"a": Outcome.TIMEOUT, "new": Outcome.FAILED}))
    assert harms(before, report({"a": Outcome.PASSED, "c": Outcome.ERROR}))
