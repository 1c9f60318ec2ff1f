"""Working on promising candidates, stages, and looking on after the first that passes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from core.errors import TestRunError
from core.events import Body, CandidateVerified
from core.search.base import AskModel, Draft, FixTask, Tried, TriedSoFar
from core.search.branches import Rebase
from core.search.controller import Search
from core.search.meter import Meter
from core.search.rank import normalised_key
from core.search.ranking import Agree
from core.search.select.asked import Asked, Held
from core.search.select.inputs import Function
from core.search.strategy import Part, StopRule, Strategy
from core.search.verifier import Verifier
from core.testing.base import RunLimits
from core.types import Budget, Example, FixResult, NodeId, Outcome, Patch, Verdict
from tests.core.search.memory import GREEN, OTHER, RED, Runner, patch, report

SOURCE = "def f():\n    a = 0\n    b = 0\n    return a, b\n"
ONE, TWO = "test_m.py::test_one", "test_m.py::test_two"
BASELINE = report({ONE: RED, TWO: RED, OTHER: GREEN})
TASK = FixTask((ONE, TWO), BASELINE, (), {"m.py": SOURCE}, {}, BASELINE.results[:2])


def judge(source: str) -> Mapping[NodeId, Outcome]:
    return {
        ONE: GREEN if "a = 1\n" in source else RED,
        TWO: GREEN if "b = 2\n" in source else RED,
        OTHER: RED if "return 0" in source else GREEN,
    }


@dataclass
class Replaces:
    """A proposer of replacements in whatever code it is given."""

    pairs: Sequence[tuple[str, str]]
    name: str = "replaces"
    needs_model: bool = False
    pause: float = 0.0

    async def propose(
        self, task: FixTask, tried: TriedSoFar, ask: AskModel | None
    ) -> AsyncIterator[Draft]:
        for old, new in self.pairs:
            await asyncio.sleep(self.pause)
            text = task.sources["m.py"]
            if old in text:
                yield Draft(f"{old} to {new}", {"m.py": text.replace(old, new)})


async def rebase(tried: Tried) -> FixTask | None:
    assert tried.evidence is not None
    remaining = tried.evidence.remaining
    return replace(
        TASK,
        targets=tuple(result.node_id for result in remaining),
        sources={"m.py": tried.edits["m.py"]},
        failures=remaining,
    )


def search(
    *proposers: Replaces,
    strategy: Strategy,
    rebase: Rebase | None = rebase,
    seconds: float = 5.0,
    agree: Agree | None = None,
    emit: Callable[[Body], None] = lambda body: None,
) -> tuple[FixResult, Search]:
    async def main() -> tuple[FixResult, Search]:
        made = Search(
            task=TASK,
            proposers=proposers,
            verifier=Verifier(Runner(judge), BASELINE, (ONE, TWO), RunLimits(), lambda path: False),
            meter=Meter(Budget(seconds)),
            ask=None,
            build_patch=lambda draft: patch(draft.edits["m.py"], before=SOURCE),
            key_of=lambda draft: normalised_key(draft.edits, TASK.sources),
            emit=emit,
            workers=1,
            strategy=strategy,
            rebase=rebase,
            agree=agree,
        )
        result = await made.run()
        assert asyncio.all_tasks() == {asyncio.current_task()}, "a search leaves no task behind"
        return result, made

    return asyncio.run(main())


EXPANDING = Strategy("two", parts={"replaces": Part(expand=True)})
BUGS = (("a = 0", "a = 1"), ("b = 0", "b = 2"))


def test_two_bugs_are_fixed_one_after_the_other() -> None:
    result, made = search(Replaces(BUGS), strategy=EXPANDING)
    assert result.verdict is Verdict.GREEN
    assert result.best is not None
    parent = made.candidates[result.best.parent or 0]
    assert parent.parent is None
    evidence = made.evidence[parent.id].evidence
    assert evidence is not None
    assert evidence.comparison.verdict is Verdict.IMPROVED
    assert len(evidence.remaining) == 1


def test_without_leave_to_expand_only_the_source_is_worked_on() -> None:
    result, made = search(Replaces(BUGS), strategy=Strategy("flat"))
    assert result.verdict is Verdict.IMPROVED
    assert all(candidate.parent is None for candidate in made.candidates.values())
    result, _ = search(Replaces(BUGS), strategy=replace(EXPANDING, depth=0))
    assert result.verdict is Verdict.IMPROVED


def test_a_candidate_that_cannot_be_traced_costs_nothing_but_itself() -> None:
    async def fails(tried: Tried) -> FixTask | None:
        raise TestRunError("tests.gone", "There are no tests.")

    result, _ = search(Replaces(BUGS), strategy=EXPANDING, rebase=fails)
    assert result.verdict is Verdict.IMPROVED
    assert result.candidates == 2


def test_a_candidate_that_does_harm_leaves_its_place_to_another() -> None:
    asked: list[int] = []

    async def first_is_harmful(tried: Tried) -> FixTask | None:
        asked.append(tried.candidate)
        return None if len(asked) == 1 else await rebase(tried)

    narrow = replace(EXPANDING, branching=1)
    result, _ = search(Replaces(BUGS, pause=0.02), strategy=narrow, rebase=first_is_harmful)
    assert len(asked) == 2
    assert result.verdict is Verdict.GREEN


def test_a_later_stage_begins_when_the_one_before_is_out_of_ideas() -> None:
    first = Replaces([("a = 0", f"a = {n}") for n in range(5, 9)], "first", pause=0.01)
    second = Replaces([("b = 0", f"b = {n}") for n in range(5, 9)], "second")
    stages = Strategy(
        "staged", parts={"first": Part(stage=1, drafts=3), "second": Part(stage=2)}, others=False
    )
    _, made = search(second, first, strategy=stages)
    assert [c.proposer for c in made.candidates.values()] == ["first"] * 3 + ["second"] * 4


def test_it_ends_where_there_is_no_progress() -> None:
    endless = Replaces([("a = 0", f"a = {n}") for n in range(10, 100_000)], pause=0.002)
    rule = StopRule(patience=0.2)
    result, _ = search(endless, strategy=Strategy("patient", stop=rule), seconds=20.0)
    assert result.seconds < 5.0
    assert result.verdict is Verdict.UNCHANGED


def test_it_looks_on_for_as_many_that_pass_as_the_strategy_wants() -> None:
    both = [
        (SOURCE, SOURCE.replace("a = 0", "a = 1").replace("b = 0", f"b = 2\n    c = {n}"))
        for n in range(9)
    ]
    for greens in (1, 3):
        rule = StopRule(greens=greens, share=1e9, seconds=60.0)
        result, made = search(Replaces(both), strategy=Strategy("more", stop=rule))
        passed = [
            t for t in made.tried() if t.evidence and t.evidence.comparison.verdict is Verdict.GREEN
        ]
        assert result.verdict is Verdict.GREEN
        assert len(passed) == greens


PASSING = [
    (SOURCE, SOURCE.replace("a = 0", "a = 1").replace("b = 0", f"b = 2{more}"))
    for more in ("", "\n    c = a", "\n    d = (a, b, a)")
]
THREE = Strategy("three", stop=StopRule(greens=3, share=1e9, seconds=60.0))


def test_those_that_pass_are_compared_once_it_has_ended_and_agreement_decides() -> None:
    asked: list[tuple[int, ...]] = []

    async def agree(patches: Mapping[int, Patch], wrong: Mapping[int, Patch]) -> Asked:
        asked.append(tuple(patches))
        answers = {1: ("a", "b"), 2: ("c", "d"), 3: ("c", "d")}
        return Asked(answers={number: answers[number] for number in patches})

    result, made = search(Replaces(PASSING), strategy=THREE, agree=agree)
    assert asked[-1] == (1, 2, 3), "the smallest first"
    assert result.best is not None
    assert (result.best.id, made.tried()[0].candidate) == (2, 2)
    assert result.choice is not None
    assert result.choice.rule == "It behaves like 2 of the 3 that pass, also on other inputs."


def test_a_property_that_the_others_keep_decides_and_is_told() -> None:
    function = Function("m.py", "f", 1, 4)
    inputs = (([3, 1, 2],), ([5, 4],), ([2, 2, 1],))
    right = ("([1, 2, 3], ([3, 1, 2],))", "([4, 5], ([5, 4],))", "([1, 2, 2], ([2, 2, 1],))")
    lossy = (*right[:2], "([1, 2], ([2, 2, 1],))")

    async def agree(patches: Mapping[int, Patch], wrong: Mapping[int, Patch]) -> Asked:
        answers = {number: lossy if number == 1 else right for number in patches}
        refused = (("([3], ([3, 1, 2],))", "([5], ([5, 4],))", "([2], ([2, 2, 1],))"),)
        return Asked(function, inputs=inputs, answers=answers, tested=frozenset({0, 1}), refused=refused)

    result, _ = search(Replaces(PASSING), strategy=THREE, agree=agree)
    assert result.best is not None
    assert result.best.id == 2
    assert result.choice is not None
    assert result.choice.rule == "1 of the 3 that pass breaks more of the proposed checks."
    assert result.choice.proposed[0] == (
        "The result has the items of the argument, each as often. 1 of the others that pass breaks it: "
        "f([2, 2, 1]) gives [1, 2]."
    )


def test_a_comparison_that_fails_costs_no_fix() -> None:
    async def agree(patches: Mapping[int, Patch], wrong: Mapping[int, Patch]) -> Asked:
        raise ZeroDivisionError("oh")

    result, _ = search(Replaces(PASSING), strategy=THREE, agree=agree)
    assert result.verdict is Verdict.GREEN
    assert result.best is not None
    assert result.best.id == 1


def test_what_each_proposer_has_gained_is_told() -> None:
    result, _ = search(Replaces(BUGS), strategy=EXPANDING)
    (usage,) = result.proposers
    assert usage.name == "replaces"
    assert usage.candidates == result.candidates
    assert usage.gain >= 1.5


def test_what_the_user_answered_puts_another_first_although_the_search_goes_on() -> None:
    bodies: list[Body] = []
    function = Function("m.py", "f", 1, 4)

    async def agree(patches: Mapping[int, Patch], wrong: Mapping[int, Patch]) -> Asked:
        answers = {1: ("(1, (3,))",), 2: ("(2, (3,))",), 3: ("(2, (3,))",)}
        known = {number: answers[number] for number in patches}
        return Asked(function, inputs=((3,),), answers=known)

    _, made = search(Replaces(PASSING), strategy=THREE, agree=agree, emit=bodies.append)
    assert made.ranking.best is not None
    best = made.ranking.best.candidate
    other = 2 if best == 1 else 1
    expected = "1" if other == 1 else "2"
    made.hold([Held(Example("f(3)", "m.py"), expected)])
    assert made.ranking.best.candidate == other
    assert isinstance(bodies[-1], CandidateVerified)
    assert (bodies[-1].evidence.candidate, bodies[-1].best) == (other, True)
    assert made.result().choice == made.ranking.choice
    assert made.ranking.choice is not None
    assert made.ranking.choice.rule.startswith("It gives what you answered")
    made.hold([])
    assert made.ranking.best.candidate == best, "an answer can be taken back"
