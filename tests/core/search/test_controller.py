"""The budgeted search, over proposers and a runner in memory."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import pytest

from core.errors import ModelError, SandboxError
from core.events import (
    Body,
    BudgetSpent,
    CandidateProposed,
    CandidateVerified,
    Noticed,
    TroubleRaised,
)
from core.search.base import Draft, FixTask
from core.search.controller import Search
from core.search.meter import Meter
from core.search.rank import normalised_key
from core.search.verifier import Verifier
from core.testing.base import OnCollected, OnResult, RunLimits, RunOutcome, RunRequest
from core.types import Budget, FixResult, Outcome, Patch, RunEnd, Verdict
from tests.core.search.memory import (
    BASELINE,
    SOURCE,
    TARGET,
    Ideas,
    Runner,
    judge,
    patch,
    report,
    returns,
)

GONE = SandboxError("sandbox.engine_lost", "Docker stopped answering.")
TASK = FixTask((TARGET,), BASELINE, (), {"m.py": SOURCE}, {}, BASELINE.results[:1])


class Searched:
    """One search with what it emitted."""

    def __init__(
        self,
        runner: Runner,
        *proposers: Ideas,
        seconds: float = 5.0,
        workers: int = 2,
        first_id: int = 1,
        build: Any = None,
    ) -> None:
        self.events: list[Body] = []
        self.search = Search(
            task=TASK,
            proposers=proposers,
            verifier=Verifier(runner, BASELINE, (TARGET,), RunLimits(), lambda path: False),
            meter=Meter(Budget(seconds)),
            ask=None,
            build_patch=build or build_patch,
            key_of=lambda draft: normalised_key(draft.edits, TASK.sources),
            emit=self.events.append,
            workers=workers,
            first_id=first_id,
        )

    async def run(self) -> FixResult:
        result = await self.search.run()
        left = asyncio.all_tasks() - {asyncio.current_task()}
        assert not left, "a search leaves no task behind"
        return result

    def of(self, kind: type[Body]) -> list[Any]:
        return [body for body in self.events if isinstance(body, kind)]


def build_patch(draft: Draft) -> Patch:
    return patch(draft.edits["m.py"])


def search(runner: Runner, *proposers: Ideas, **settings: Any) -> tuple[FixResult, Searched]:
    async def main() -> tuple[FixResult, Searched]:
        searched = Searched(runner, *proposers, **settings)
        return await searched.run(), searched

    return asyncio.run(main())


def test_a_green_candidate_ends_the_search() -> None:
    ideas = Ideas([returns(str(n)) for n in (5, 6, 1, *range(100, 200))])
    result, searched = search(Runner(seconds=0.01), ideas)
    assert result.verdict is Verdict.GREEN
    assert result.best is not None
    assert b"return 1" in result.best.patch.changes[0].after
    assert result.evidence is searched.search.evidence[result.best.id].evidence
    assert result.shortfall == ""
    assert ideas.asked < 12, "no more ideas than needed"
    assert ideas.closed


def test_what_is_being_verified_when_a_green_one_comes_may_still_be_better() -> None:
    long = SOURCE.replace("return 0", "x = 1\n    y = x\n    return 1")
    runner = Runner(seconds=0.05)
    result, searched = search(runner, Ideas([long, returns("1")]))
    assert len(searched.search.evidence) == 2
    assert b"return 1" in result.best.patch.changes[0].after
    assert b"x = 1" not in result.best.patch.changes[0].after, "the smaller of two green ones"


def test_the_end_of_ideas_ends_the_search_with_the_best_and_why_it_falls_short() -> None:
    result, searched = search(Runner(), Ideas([returns("2"), returns("7"), returns("8")]))
    assert result.verdict is Verdict.UNCHANGED
    assert result.candidates == 3
    assert result.shortfall == "None of 3 candidates made a failing test pass."
    bests = [e.evidence.candidate for e in searched.of(CandidateVerified) if e.best]
    assert bests[-1] == 2, "the first of equals stays the best, and the one that breaks a test is none"
    assert result.best.id == 2


def test_without_proposers_there_is_nothing_to_verify() -> None:
    result, _ = search(Runner())
    assert result.best is None
    assert result.shortfall == "No candidate was verified."


def test_candidates_are_numbered_without_gaps_from_the_first_id() -> None:
    texts = [returns("5"), returns("5"), "def f(:\n", returns("5  # again"), SOURCE, returns("6")]
    _, searched = search(Runner(), Ideas(texts), first_id=7)
    assert [e.candidate for e in searched.of(CandidateProposed)] == [7, 8, 9]
    assert sorted(searched.search.candidates) == sorted(searched.search.evidence) == [7, 8, 9]


def test_the_same_idea_is_verified_once_and_no_change_never() -> None:
    same = returns("5").replace("def f():", "def f():  # a comment")
    only_words = SOURCE.replace("def f():", "def f():  # a comment")
    runner = Runner()
    one, other = Ideas([returns("5"), only_words], "one"), Ideas([same, only_words], "other")
    result, _ = search(runner, one, other)
    assert result.candidates == 1
    assert len(runner.requests) == 1


def test_the_budget_ends_the_search_in_the_middle_of_a_verification() -> None:
    runner = Runner(seconds=30.0)
    began = time.monotonic()
    result, searched = search(runner, Ideas([returns("1")]), seconds=0.3)
    assert time.monotonic() - began < 1.0
    assert result.candidates == 0
    assert runner.running == 0
    assert searched.of(BudgetSpent)[-1].seconds >= 0.3


def test_a_budget_that_is_spent_already_starts_nothing() -> None:
    runner = Runner()
    result, _ = search(runner, Ideas([returns("1")]), seconds=0.0)
    assert result.best is None
    assert runner.requests == []


def test_an_endless_proposer_is_held_back_while_its_ideas_wait() -> None:
    ideas = Ideas([returns(str(n)) for n in range(100, 10_000)])
    search(Runner(seconds=0.05), ideas, seconds=0.4)
    assert ideas.asked < 40


def test_as_many_candidates_are_verified_at_once_as_there_are_workers() -> None:
    runner = Runner(seconds=0.02)
    search(runner, Ideas([returns(str(n)) for n in range(10, 20)]), workers=3)
    assert runner.most_at_once == 3


def test_drafts_of_a_model_overtake_those_that_wait() -> None:
    quick = Ideas([returns(str(n)) for n in range(10, 40)], "quick")
    model = Ideas([returns("1")], "model", needs_model=True, pause=0.05)
    result, searched = search(Runner(seconds=0.02), quick, model, workers=1)
    assert result.best.proposer == "model"
    assert len(searched.search.evidence) < 10


def test_a_proposer_that_fails_is_told_of_and_does_not_take_the_search_with_it() -> None:
    bad = Ideas([], "bad", then=ZeroDivisionError("oh"))
    good = Ideas([returns("5"), returns("1")], "good", pause=0.02)
    result, searched = search(Runner(), bad, good)
    assert result.verdict is Verdict.GREEN
    assert ["bad" in body.sentence for body in searched.of(Noticed)] == [True]


def test_a_model_that_fails_is_a_trouble_and_the_others_go_on() -> None:
    bad = Ideas([], "bad", needs_model=True, then=ModelError("model.died", "It died."))
    result, searched = search(Runner(), bad, Ideas([returns("1")], "good", pause=0.02))
    assert result.verdict is Verdict.GREEN
    assert [body.code for body in searched.of(TroubleRaised)] == ["model.died"]


def test_a_draft_that_cannot_be_made_a_patch_costs_no_verifier() -> None:
    def build(draft: Draft) -> Patch:
        if "return 5" in draft.edits["m.py"]:
            raise RecursionError("too deep")
        return build_patch(draft)

    ideas = Ideas([returns("5"), returns("1")], pause=0.01)
    result, _ = search(Runner(), ideas, workers=1, build=build)
    assert result.verdict is Verdict.GREEN


def test_a_sandbox_that_is_gone_ends_the_search_at_once_and_keeps_the_best() -> None:
    async def main() -> tuple[Searched, float]:
        runner = Runner(seconds=0.01)
        ideas = Ideas([returns(str(n)) for n in range(100, 200)])
        searched = Searched(runner, ideas, seconds=20.0)
        running = asyncio.create_task(searched.run())
        while len(searched.search.evidence) < 2 and not running.done():
            await asyncio.sleep(0)
        runner.troubles = [GONE] * 50
        began = time.monotonic()
        with pytest.raises(SandboxError):
            await running
        return searched, time.monotonic() - began

    searched, took = asyncio.run(main())
    assert took < 1.0
    result = searched.search.result()
    assert result.best is not None
    assert result.candidates >= 2


def test_a_green_candidate_counts_although_the_sandbox_has_gone_since() -> None:
    runner = Runner(seconds=0.05)

    async def main() -> FixResult:
        seen = []

        def judging(source: str) -> Any:
            seen.append(source)
            if seen.count(returns("1")) == 3:  # target, suite, control: the green one is done
                runner.troubles = [GONE] * 10
            return judge(source)

        runner.judge = judging
        slow = Ideas([returns("5")], "slow", pause=0.12)
        return await Searched(runner, Ideas([returns("1")]), slow).run()

    assert asyncio.run(main()).verdict is Verdict.GREEN


def test_one_container_killed_from_outside_costs_no_candidate() -> None:
    runner = Runner(troubles=[GONE])
    result, _ = search(runner, Ideas([returns("1")]))
    assert result.verdict is Verdict.GREEN


def test_cancelling_stops_at_once_and_the_best_so_far_is_there() -> None:
    async def main() -> tuple[FixResult, float]:
        runner = Runner(seconds=0.01)
        searched = Searched(runner, Ideas([returns(str(n)) for n in range(100, 2000)]), seconds=60.0)
        running = asyncio.create_task(searched.run())
        while len(searched.search.evidence) < 3 and not running.done():
            await asyncio.sleep(0.001)
        began = time.monotonic()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        took = time.monotonic() - began
        assert asyncio.all_tasks() == {asyncio.current_task()}
        assert runner.running == 0
        return searched.search.result(stopped=True), took

    result, took = asyncio.run(main())
    assert took < 0.5
    assert result.stopped
    assert result.best is not None


def test_a_correct_candidate_that_is_slow_is_cut_short_and_found_all_the_same() -> None:
    def slow(request: RunRequest) -> bool:
        text = (request.overlay.get("m.py") or b"").decode()
        return "return 1\n" in text and 0 < request.processor_seconds < 0.3

    runner = Impatient(slow)
    result, searched = search(runner, Ideas([returns("7"), returns("1")]), workers=1)
    assert result.verdict is Verdict.GREEN
    limits = [r.processor_seconds for r in runner.requests if r.node_ids and not r.control]
    assert limits == pytest.approx([0.1, 0.1, 0.4])
    assert result.candidates == 2
    verified = [body.evidence.candidate for body in searched.of(CandidateVerified)]
    assert verified == [1, 2, 2]
    assert len(searched.search.tried()) == 2


class Impatient(Runner):
    """Times out where ``slow`` says so."""

    def __init__(self, slow: Callable[[RunRequest], bool]) -> None:
        super().__init__()
        self.slow = slow

    async def run(
        self,
        request: RunRequest,
        on_collected: OnCollected | None = None,
        on_result: OnResult | None = None,
    ) -> RunOutcome:
        if self.slow(request):
            self.requests.append(request)
            return RunOutcome(report({TARGET: Outcome.TIMEOUT}, RunEnd.FAILED_FAST))
        return await super().run(request, on_collected, on_result)
