"""How each test stands is kept as results arrive, and agrees with the results at every moment."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from core.types import Outcome, TestResult
from ui.standing import Standing, shade_of

NODES = tuple(f"test_{n}.py::test" for n in range(6))
RESULTS = st.lists(st.builds(TestResult, st.sampled_from(NODES), st.sampled_from(list(Outcome))))
ORDERS = st.lists(st.sampled_from(NODES))


@given(ORDERS, RESULTS, RESULTS)
def test_shades_and_failures_are_those_of_the_results_whatever_arrives(
    order: Sequence[str], known: Sequence[TestResult], arriving: Sequence[TestResult]
) -> None:
    standing = Standing()
    standing.show(order, {result.node_id: result for result in known})
    standing.take(arriving)
    assert len(standing.order) == len(set(standing.order)) == len(standing.shades)
    assert set(standing.order) == {*order, *standing.results}
    outcomes = [
        standing.results[node].outcome if node in standing.results else None for node in standing.order
    ]
    assert list(standing.shades) == [shade_of(outcome) for outcome in outcomes]
    reds = [
        node for node, outcome in zip(standing.order, outcomes, strict=True) if outcome and outcome.is_red
    ]
    assert list(standing.failing()) == reds


def test_a_test_that_is_named_twice_is_one_test() -> None:
    standing = Standing()
    standing.show([NODES[0], NODES[1], NODES[0]], {})
    assert standing.order == [NODES[0], NODES[1]]
