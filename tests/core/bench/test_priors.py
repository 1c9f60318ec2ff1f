"""What is learned from reports, and ranks of faults."""

from __future__ import annotations

import tomllib

import pytest

from core.bench.priors import learned, priors_text
from core.bench.values import Ending, Setting, TaskResult
from core.bench.watch import rank_of_truth
from core.search.bandit import Prior, load_priors
from core.types import ProposerUsage, Suspect, TokenUsage

BEFORE = {"default": Prior(0.1, 10, 0.5, 100), "mutation": Prior(0.02, 40, 0.3, 0)}


def result(ending: Ending, *rows: ProposerUsage) -> TaskResult:
    return TaskResult("t", Setting(), 1, ending, proposers=rows)


def test_what_reports_show_is_weighed_against_what_was_believed() -> None:
    new = ProposerUsage("new", 30, 3.0, 3.0, TokenUsage(500, 900, cached=250))
    none = ProposerUsage("idle", 0, 0.0, 0.0)
    wrong = ProposerUsage("mutation", 1000, 0.0, 0.0)
    found = learned([result(Ending.SOLVED, new, none), result(Ending.INVALID, wrong)], BEFORE)
    assert found["mutation"] == BEFORE["mutation"]
    assert found["idle"] == BEFORE["default"]
    assert found["new"].gain == pytest.approx((0.1 * 10 + 3) / 40)
    assert found["new"].seconds == pytest.approx((0.5 * 10 + 3) / 40)
    assert found["new"].tokens == pytest.approx((100 * 10 + 900 + 50) / 40)
    assert found["new"].weight == 10


def test_priors_are_written_as_they_are_read() -> None:
    shipped = load_priors()
    text = priors_text(shipped, "Learned from nothing.")
    table = tomllib.loads(text)
    assert {name: Prior(**values) for name, values in table.items()} == shipped
    assert "# Learned from nothing." in text


SUSPECTS = (Suspect("a.py", 3, 0.9), Suspect("m.py", 5, 0.8, last=8), Suspect("m.py", 12, 0.5))


@pytest.mark.parametrize(
    ("truth", "rank"),
    [
        ({"m.py": (7,)}, 2),
        ({"m.py": (12, 40)}, 3),
        ({"m.py": (9,)}, None),
        ({"b.py": (3,)}, None),
        ({}, None),
    ],
)
def test_a_fault_stands_where_the_first_statement_with_one_of_its_lines_does(truth, rank) -> None:
    assert rank_of_truth(SUSPECTS, truth) == rank
