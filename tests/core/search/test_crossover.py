"""Candidates that fix different tests, put together, with a search over a runner in memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping

import pytest

from core.repo.patch import patch_from_edits
from core.search.base import AskModel, Draft, FixTask, Tried, TriedSoFar
from core.search.controller import Search
from core.search.crossover import CrossoverProposer, pairs
from core.search.meter import Meter
from core.search.rank import normalised_key
from core.search.verifier import Verifier
from core.testing.base import RunLimits
from core.types import (
    Budget,
    Comparison,
    Evidence,
    FixResult,
    NodeId,
    Outcome,
    Patch,
    Rung,
    Verdict,
)
from tests.core.search.memory import GREEN, RED, Ideas, Runner, report

SOURCE = "def f():\n    return 0\n\n\ndef g():\n    return 0\n"
F, G, OTHER = "test_m.py::test_f", "test_m.py::test_g", "test_m.py::test_other"
BASELINE = report({F: RED, G: RED, OTHER: GREEN})
ONE = SOURCE.replace("f():\n    return 0", "f():\n    return 1")
TWO = SOURCE.replace("g():\n    return 0", "g():\n    return 2")
TASK = FixTask((F, G), BASELINE, (), {"m.py": SOURCE}, {}, BASELINE.results[:2])


def judge(source: str) -> Mapping[NodeId, Outcome]:
    return {
        F: GREEN if "f():\n    return 1" in source else RED,
        G: GREEN if "g():\n    return 2" in source else RED,
        OTHER: GREEN,
    }


def search(*texts: str, pause: float = 0.0) -> FixResult:
    sources = {"m.py": SOURCE.encode()}
    verifier = Verifier(Runner(judge), BASELINE, (F, G), RunLimits(), lambda path: False)

    def build(draft: Draft) -> Patch:
        return patch_from_edits(draft.edits, sources.get)

    async def main() -> FixResult:
        return await Search(
            TASK,
            (Ideas(texts, pause=pause), CrossoverProposer()),
            verifier,
            Meter(Budget(5.0)),
            None,
            build,
            lambda draft: normalised_key(draft.edits, TASK.sources),
            lambda body: None,
            workers=2,
        ).run()

    return asyncio.run(main())


def entry(number: int, text: str, *fixed: NodeId) -> Tried:
    comparison = Comparison(Verdict.IMPROVED if fixed else Verdict.UNCHANGED, fixed=fixed)
    return Tried(number, Patch(()), {"m.py": text}, Evidence(number, Rung.TARGET, comparison, 0.1, 2))


def ideas(*entries: Tried, task: FixTask = TASK, ask: AskModel | None = None) -> list[Draft]:
    async def collect() -> list[Draft]:
        found: AsyncIterator[Draft] = CrossoverProposer().propose(task, given(entries), ask)
        return [draft async for draft in found]

    return asyncio.run(collect())


def given(entries: tuple[Tried, ...]) -> TriedSoFar:
    return lambda: entries


@pytest.mark.parametrize("pause", [0.0, 0.05])
def test_two_candidates_that_each_fix_one_bug_make_one_that_fixes_both(pause: float) -> None:
    result = search(ONE, TWO, pause=pause)
    assert result.verdict is Verdict.GREEN
    assert result.best is not None
    assert result.best.proposer == "crossover"
    assert (
        result.best.patch.changes[0].after
        == ONE.replace("g():\n    return 0", "g():\n    return 2").encode()
    )
    assert result.best.parent in (1, 2)


def test_a_search_that_is_out_of_ideas_does_not_wait_for_more_to_join() -> None:
    result = search(ONE, ONE.replace("return 1", "return 1 + 0"))
    assert result.verdict is Verdict.IMPROVED
    assert result.seconds < 2.0


def test_what_fixes_the_same_or_nothing_is_not_joined() -> None:
    other = ONE.replace("return 1", "return 1 + 0")
    assert ideas(entry(1, ONE, F), entry(2, other, F), entry(3, TWO)) == []
    both = entry(4, ONE.replace("g():\n    return 0", "g():\n    return 2"), F, G)
    assert ideas(both, entry(1, ONE, F)) == [], "one that fixes more needs nothing of the other"


def test_edits_that_meet_are_not_joined() -> None:
    assert ideas(entry(1, ONE, F), entry(2, SOURCE.replace("return 0", "return 2"), G)) == []


def test_a_single_failing_test_leaves_nothing_to_join() -> None:
    single = FixTask((F,), BASELINE, (), {"m.py": SOURCE}, {}, BASELINE.results[:1])
    assert ideas(entry(1, ONE, F), entry(2, TWO, G), task=single) == []


def test_those_that_fix_most_together_come_first() -> None:
    few = entry(1, "a", "t1"), entry(2, "b", "t2")
    many = entry(3, "c", "t3", "t4", "t5"), entry(4, "d", "t1", "t3", "t4")
    found = [(a.candidate, b.candidate) for a, b in pairs((*many, *few))]
    assert found[0] == (3, 4)
    assert found[-1] == (1, 2)
