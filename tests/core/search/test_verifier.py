"""The verifier ladder, over a runner in memory."""

from __future__ import annotations

import asyncio

import pytest

from core.errors import SandboxError
from core.search.verifier import Verifier, parse_complaint
from core.testing.base import RunLimits, RunOutcome
from core.types import Candidate, Evidence, Outcome, Patch, RunEnd, Rung, TestReport, Verdict
from tests.core.search.memory import (
    BASELINE,
    GREEN,
    OTHER,
    RED,
    SOURCE,
    TARGET,
    Runner,
    patch,
    report,
    returns,
)

GONE = SandboxError("sandbox.engine_lost", "Docker stopped answering.")
LOST = RunOutcome(TestReport((), (), 0.1, RunEnd.CRASHED, "The sandbox ended."), lost=True)


def verify(
    runner: Runner,
    change: Patch,
    baseline: TestReport = BASELINE,
    targets: tuple[str, ...] = (TARGET,),
) -> Evidence:
    verifier = Verifier(runner, baseline, targets, RunLimits(), lambda path: path.startswith("test"))
    return asyncio.run(verifier.verify(Candidate(1, "ideas", "try", change)))


def test_a_candidate_is_green_only_after_the_whole_suite() -> None:
    runner = Runner()
    evidence = verify(runner, patch(returns("1")))
    assert evidence.comparison.verdict is Verdict.GREEN
    assert evidence.rung is Rung.SUITE
    assert [(r.node_ids, r.control) for r in runner.requests] == [
        ((TARGET,), False),
        ((), False),
        ((TARGET,), True),
    ]


def test_a_candidate_that_fixes_the_target_and_breaks_another_test_is_worse() -> None:
    evidence = verify(Runner(), patch(returns("2")))
    assert evidence.comparison.verdict is Verdict.WORSE
    assert evidence.comparison.broken == (OTHER,)


def test_the_ladder_ends_at_the_first_failing_rung() -> None:
    runner = Runner()
    evidence = verify(runner, patch(returns("3")))
    assert evidence.rung is Rung.TARGET
    assert evidence.comparison.verdict is Verdict.UNCHANGED
    assert len(runner.requests) == 1


def test_a_locked_file_is_never_run() -> None:
    runner = Runner()
    evidence = verify(runner, patch("def test_f(): pass\n", "test_m.py"))
    assert evidence.comparison.verdict is Verdict.SUSPICIOUS
    assert "test_m.py" in evidence.comparison.reasons[0]
    assert runner.requests == []


def test_the_good_part_is_judged_without_the_edit_of_a_test_beside_it() -> None:
    runner = Runner()
    good, weak = patch(returns("1")), patch("def test_f(: pass\n", "test_m.py")
    evidence = verify(runner, Patch((*good.changes, *weak.changes)))
    assert evidence.comparison.verdict is Verdict.GREEN
    assert all(tuple(request.overlay) == ("m.py",) for request in runner.requests)


def test_what_does_not_parse_is_never_run() -> None:
    runner = Runner()
    evidence = verify(runner, patch("def f(:\n"))
    assert evidence.rung is Rung.PARSES
    assert "m.py:1 does not parse" in evidence.comparison.reasons[0]
    assert runner.requests == []


@pytest.mark.parametrize("text", ["x = '\0'\n", "x = " + "(" * 5000 + ")" * 5000 + "\n"])
def test_what_the_parser_itself_chokes_on_is_a_complaint_and_no_error(text: str) -> None:
    assert "does not parse" in parse_complaint(patch(text))


def test_odd_literals_raise_no_warning() -> None:
    assert parse_complaint(patch("x = '\\d'\n")) == ""


def test_syntax_that_only_the_sandbox_knows_is_left_to_the_tests() -> None:
    newer = "match = 1\nlazy import m\n" + SOURCE
    assert parse_complaint(patch(newer.replace("return 0", "return 1"), before=newer)) == ""
    evidence = verify(Runner(), patch(newer.replace("return 0", "return 1"), before=newer))
    assert evidence.comparison.verdict is Verdict.GREEN


@pytest.mark.parametrize("trouble", [GONE, LOST])
def test_a_sandbox_that_goes_away_once_says_nothing_of_the_candidate(trouble) -> None:
    evidence = verify(Runner(troubles=[trouble]), patch(returns("1")))
    assert evidence.comparison.verdict is Verdict.GREEN


def test_a_sandbox_that_stays_away_is_an_error_and_not_a_verdict() -> None:
    with pytest.raises(SandboxError):
        verify(Runner(troubles=[GONE, GONE]), patch(returns("1")))


def test_a_candidate_that_ends_the_sandbox_every_time_is_suspicious() -> None:
    evidence = verify(Runner(troubles=[LOST, LOST]), patch(returns("1")))
    assert evidence.comparison.verdict is Verdict.SUSPICIOUS


def test_of_several_targets_it_is_counted_how_many_a_candidate_fixes() -> None:
    second = "test_m.py::test_g"
    third = "test_m.py::test_h"
    runner = Runner(lambda source: {TARGET: GREEN, second: RED, third: GREEN})
    baseline = report({TARGET: RED, second: RED, third: RED})
    evidence = verify(runner, patch(returns("1")), baseline, (TARGET, second, third))
    assert evidence.comparison.verdict is Verdict.IMPROVED
    assert set(evidence.comparison.fixed) == {TARGET, third}


def test_a_candidate_that_mends_only_the_second_of_two_bugs_is_told_from_none() -> None:
    second = "test_m.py::test_g"
    baseline = report({TARGET: RED, second: RED, OTHER: GREEN})
    runner = Runner(lambda source: {TARGET: RED, second: GREEN, OTHER: GREEN})
    evidence = verify(runner, patch(returns("1")), baseline, (TARGET, second))
    assert evidence.comparison.fixed == (second,)
    assert evidence.comparison.still_failing == (TARGET,)
    assert len(runner.requests) == 1, "what one run shows is not run again"


def test_the_failure_shown_is_what_the_candidate_broke_and_not_what_was_red_before() -> None:
    known = "test_a.py::test_known_red"
    runner = Runner(lambda source: {known: RED, TARGET: GREEN, OTHER: RED})
    evidence = verify(
        runner, patch(returns("2")), report({known: RED, TARGET: RED, OTHER: GREEN}), (TARGET,)
    )
    assert evidence.failure is not None
    assert evidence.failure.node_id == OTHER


def test_the_suite_is_not_run_twice_where_every_test_is_a_target() -> None:
    runner = Runner(lambda source: {TARGET: GREEN})
    evidence = verify(runner, patch(returns("1")), report({TARGET: Outcome.FAILED}))
    assert evidence.comparison.verdict is Verdict.GREEN
    assert [r.control for r in runner.requests] == [False, True]
