"""The figures that compare two ways of attempting the same tasks."""

from __future__ import annotations

from dataclasses import replace

from core.bench.clarify import AMBIGUOUS, PLAIN
from core.bench.sides import clarified, overfitted
from core.bench.values import Ending, Setting, TaskResult

ALONE = Setting(model="none")
ANSWERED = replace(ALONE, answers=True)


def result(
    task: str,
    setting: Setting,
    correct: bool | None = True,
    kind: str = AMBIGUOUS,
    questions: int = 0,
    ending: Ending = Ending.SOLVED,
) -> TaskResult:
    return TaskResult(task, setting, 1, ending, kind, correct=correct, questions=questions)


def test_success_is_what_is_meant_and_not_only_green():
    results = [
        result("a", ALONE, correct=False),
        result("b", ALONE),
        result("c", ALONE, correct=None, ending=Ending.UNSOLVED),
        result("a", ANSWERED, questions=1),
        result("b", ANSWERED, questions=2),
        result("c", ANSWERED, correct=None, ending=Ending.UNSOLVED),
        result("p", ALONE, kind=PLAIN),
        result("p", ANSWERED, kind=PLAIN),
    ]

    (found,) = clarified(results)

    assert (found.without_ambiguous.green, found.without_ambiguous.success) == (2, 1)
    assert found.with_ambiguous.success == 2
    assert found.with_ambiguous.questions_each == 1.0
    assert found.gain == 2.0
    assert found.with_plain.questions_each == 0.0


def test_an_invalid_attempt_counts_nowhere():
    results = [result("a", ALONE, ending=Ending.INVALID), result("a", ANSWERED, ending=Ending.INVALID)]

    (found,) = clarified(results)

    assert found.without_ambiguous.attempts == 0
    assert found.gain is None


def test_green_answers_that_fail_hidden_tests_are_counted_for_both_sides():
    tests_alone = replace(ALONE, second_judge=False)
    results = [
        result("a", tests_alone, correct=False),
        result("b", tests_alone),
        result("a", ALONE),
        result("b", ALONE),
        result("c", ALONE, correct=None, ending=Ending.UNSOLVED),
    ]

    (found,) = overfitted(results)

    assert (found.green_off, found.wrong_off, found.share_off) == (2, 1, 0.5)
    assert (found.green_on, found.wrong_on, found.share_on) == (2, 0, 0.0)
