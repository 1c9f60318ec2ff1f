"""A test that contradicts what the code obeys is asked about, and the answer says which is meant."""

from __future__ import annotations

from core.clarify.answers import read_answer
from core.clarify.doubt import CODE_IS_WRONG, doubt_of, meant_tests
from core.localise.wrong_tests import Contradiction, contradictions
from core.types import DECIDE, Example, Outcome, TestReport, TestResult

CODE = 'def add(a, b):\n    """Add.\n\n    >>> add(2, 3)\n    5\n    """\n    return a + b\n'
TEST = "from calc import add\n\n\ndef test_add():\n    assert add(2, 3) == 6\n"
RED = TestResult("test_calc.py::test_add", Outcome.FAILED, message="assert 5 == 6")


def test_the_contradiction_becomes_a_question_that_trusts_the_code_first() -> None:
    report = TestReport((RED,), (RED.node_id,), 0.1)
    sources = {"calc.py": CODE, "test_calc.py": TEST}
    found = contradictions(report, sources, lambda path: path.startswith("test_"))
    assert found == {
        RED.node_id: Contradiction("calc.add(2, 3)", 6, 5, "the docstring of add", passes=False)
    }
    question = doubt_of(RED.node_id, found[RED.node_id], among=4)
    assert question.text == (
        "Should add(2, 3) give 5, as the docstring of add has it, "
        "or 6, as test_calc.py::test_add expects?"
    )
    assert question.example == Example("add(2, 3)", module="calc")
    assert [option.expected for option in question.options] == ["5", "6"]
    assert (question.impact, question.uncertainty) == (0.25, 1.0)


def test_only_a_test_that_the_user_calls_right_is_meant() -> None:
    one = Contradiction("calc.add(2, 3)", 6, 5, "test_calc.py::test_other", passes=True)
    question = doubt_of(RED.node_id, one, among=1)
    assert "breaks test_calc.py::test_other" in question.options[1].consequence
    assert meant_tests((read_answer(question, 1),)) == frozenset()
    assert meant_tests((read_answer(question, DECIDE),)) == frozenset()
    assert meant_tests((read_answer(question, CODE_IS_WRONG),)) == {RED.node_id}
