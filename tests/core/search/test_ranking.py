"""What was verified, best first."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from core.search.base import Tried
from core.search.ranking import Ranking
from core.search.select.asked import Asked, Held
from core.search.select.inputs import Function
from core.types import Candidate, Comparison, Evidence, Example, Patch, Rung, Verdict
from tests.core.search.memory import TARGET, patch, returns


def passing(number: int, text: str) -> tuple[Candidate, Tried]:
    made = Candidate(number, "ideas", "an idea", patch(text))
    evidence = Evidence(number, Rung.SUITE, Comparison(Verdict.GREEN, (TARGET,)), 0.1, 2)
    return made, Tried(number, made.patch, {"m.py": text}, evidence)


def test_a_candidate_that_passes_is_kept_although_the_search_is_stopped_while_it_is_looked_at() -> None:
    async def main() -> Ranking:
        ranking = Ranking((TARGET,), ())
        taking = asyncio.create_task(ranking.take(*passing(1, returns("1"))))
        await asyncio.sleep(0)
        taking.cancel()
        await asyncio.gather(taking, return_exceptions=True)
        return ranking

    ranking = asyncio.run(main())
    assert ranking.best is not None
    assert ranking.best.candidate == 1
    assert ranking.choice is not None


def test_what_looks_made_for_the_tests_is_the_best_only_until_another_passes() -> None:
    test = "from m import f\n\n\ndef test_f():\n    assert f() == 4711\n"

    async def main() -> tuple[list[bool], Ranking]:
        ranking = Ranking((TARGET,), (test,))
        best = [await ranking.take(*passing(1, returns("4711")))]
        best.append(await ranking.take(*passing(2, returns("sum(range(97)) + 55"))))
        return best, ranking

    best, ranking = asyncio.run(main())
    assert best == [True, True]
    assert ranking.looks_made_for_tests(1)
    assert not ranking.looks_made_for_tests(2)
    assert [tried.candidate for tried in ranking.tried()] == [2, 1]


def test_an_earlier_look_at_a_candidate_is_replaced() -> None:
    async def main() -> Ranking:
        ranking = Ranking((TARGET,), ())
        made, tried = passing(1, returns("1"))
        worse = Evidence(1, Rung.TARGET, Comparison(Verdict.UNCHANGED), 0.1, 1)
        await ranking.take(made, Tried(1, made.patch, tried.edits, worse))
        await ranking.take(made, tried)
        return ranking

    ranking = asyncio.run(main())
    assert [tried.evidence.rung for tried in ranking.tried() if tried.evidence] == [Rung.SUITE]


def test_who_was_not_asked_does_not_overtake_those_that_give_what_is_held() -> None:
    function = Function("m.py", "f", 1, 2)

    async def agree(patches: Mapping[int, Patch], wrong: Mapping[int, Patch]) -> Asked:
        answers = {1: ("(1, (3,))",), 2: ("(2, (3,))",)}
        return Asked(function, inputs=((3,),), answers=answers)

    async def main() -> Ranking:
        ranking = Ranking((TARGET,), ())
        for number, value in ((1, "1"), (2, "1 + 1 + 0 * 7"), (3, "3")):
            await ranking.take(*passing(number, returns(value)))
        await ranking.compare(agree, 5.0)
        ranking.hold([Held(Example("f(3)", "m.py"), "2")])
        return ranking

    ranking = asyncio.run(main())
    assert ranking.passing[0] == 2, "the third is smaller, and nobody knows what it gives"
    assert ranking.refuted == {1}
