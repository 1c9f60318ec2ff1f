"""A failing test that contradicts what the code obeys, as a question: which of the two is meant. Pure."""

from __future__ import annotations

from typing import Final

from core.clarify.answers import Answer
from core.localise.wrong_tests import Contradiction
from core.types import Example, NodeId, Option, Question, QuestionSource

CODE_IS_WRONG: Final = 2
"""The choice by which the test is right."""


def doubt_of(test: NodeId, one: Contradiction, among: int) -> Question:
    """``among`` is the number of tests that fail. The test is held to be wrong unless the user says
    otherwise: the code, and whoever it obeys, speak against it."""
    module, _, call = one.call.partition("(")
    module, _, name = module.rpartition(".")
    call = f"{name}({call}"
    breaks = f", and breaks {one.by}" if one.passes else ""
    return Question(
        QuestionSource.TEST_IN_DOUBT,
        f"Should {call} give {one.other!r}, as {one.by} has it, or {one.expected!r}, as {test} expects?",
        "No code can do both. Until you say which is meant, the test is left aside and no fix is "
        "searched for it.",
        (
            Option(
                f"{one.other!r}: the test is wrong",
                f"{test} stays red until you change it.",
                repr(one.other),
                tests=(test,),
            ),
            Option(
                f"{one.expected!r}: the code is wrong",
                f"The next fix has {test} pass{breaks}.",
                repr(one.expected),
                tests=(test,),
            ),
        ),
        Example(call, module=module),
        ("the tests that pass", f"the docstring of {name}"),
        impact=1 / among,
    )


def meant_tests(answers: tuple[Answer, ...]) -> frozenset[NodeId]:
    """The tests that looked wrong and are right, as the user says."""
    return frozenset(
        test
        for answer in answers
        if answer.question.source is QuestionSource.TEST_IN_DOUBT and answer.choice == CODE_IS_WRONG
        for test in answer.question.options[CODE_IS_WRONG - 1].tests
    )
