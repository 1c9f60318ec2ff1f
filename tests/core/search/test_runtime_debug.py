"""Debugging by values: the execution as text, and the questions about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from core.search.execution import tell_execution
from core.search.runtime_debug import RuntimeDebugProposer
from core.testing.base import Step, Watch
from core.types import NodeId, Outcome, RelPath, Role, TestResult
from tests.core.search.test_model_proposers import ANSWER, FAILURE, FIXED, TASK, Answers, drafts

SOURCE = """\
def total(items):
    result = 0
    factor = 1
    for item in items:
        item = item * factor
        result = item
    return result
"""


def loop(times: int) -> tuple[Step, ...]:
    rounds = [
        step
        for n in range(times)
        for step in (
            Step(1, 4, "line", (("item", str(n)),)),
            Step(1, 5, "line"),
            Step(1, 6, "line", (("result", str(n)),)),
        )
    ]
    return (
        Step(1, 1, "call", (("items", "[...]"),)),
        Step(1, 2, "line", (("result", "0"),)),
        Step(1, 3, "line", (("factor", "1"),)),
        *rounds,
        Step(1, 4, "line"),
        Step(1, 7, "line"),
        Step(1, 7, "return", (("", "0"),)),
    )


def test_lines_that_run_one_after_the_other_are_one_block_with_the_values_after_it() -> None:
    assert tell_execution(SOURCE, loop(1)) == (
        "# called with items = [...]\n"
        "[1] result = 0\n    factor = 1\n    # result = 0, factor = 1\n"
        "[2] for item in items:\n    # item = 0\n"
        "[3] item = item * factor\n    result = item\n    # result = 0\n"
        "[4] for item in items:\n"
        "[5] return result\n    # returned 0"
    )


def test_of_a_long_execution_the_first_and_the_last_blocks_are_shown() -> None:
    told = tell_execution(SOURCE, loop(50))
    assert "[5]" in told
    assert "\n...\n" in told
    assert "[6]" not in told
    assert told.endswith("# returned 0")
    assert told.count("\n[") == 10


def test_calls_of_itself_are_left_to_the_lines_that_make_them() -> None:
    steps = (
        Step(1, 1, "call", (("items", "[1]"),)),
        Step(2, 1, "call", (("items", "[]"),)),
        Step(2, 7, "line"),
        Step(2, 7, "return", (("", "0"),)),
        Step(1, 7, "line"),
        Step(1, 7, "raise", (("", "KeyError('a')"),)),
    )
    assert tell_execution(SOURCE, steps) == (
        "# called with items = [1]\n[1] return result\n    # raised KeyError('a')"
    )


def test_of_nothing_nothing_is_told() -> None:
    assert tell_execution(SOURCE, ()) == ""
    assert tell_execution("def total(:\n", loop(1)) == ""


class Recorder:
    """Tells the same steps of every test, and keeps what it was asked."""

    def __init__(self, *steps: Step) -> None:
        self.steps = steps
        self.asked: list[tuple[NodeId, Watch]] = []

    async def __call__(
        self, edits: Mapping[RelPath, str], node_id: NodeId, watch: Watch
    ) -> tuple[Step, ...]:
        self.asked.append((node_id, watch))
        return self.steps if watch.first == 1 else ()


STEPS = (
    Step(1, 1, "call", (("w", "2"), ("h", "3"))),
    Step(1, 2, "line"),
    Step(1, 2, "return", (("", "5"),)),
)


def test_the_model_judges_the_values_first_and_mends_the_function_then() -> None:
    recorder = Recorder(*STEPS)
    ask = Answers("[1] wrong: it adds.", ANSWER)
    (draft,) = drafts(RuntimeDebugProposer(), ask, task=replace(TASK, record=recorder))
    assert draft.edits == {"shapes.py": FIXED}
    assert recorder.asked[0] == (FAILURE.node_id, Watch("shapes.py", 1, 2))
    first, second = ask.requests
    assert "# called with w = 2, h = 3\n[1] return w + h\n    # returned 5" in first.messages[-1].content
    assert ask.roles[:2] == [Role.JUDGE, Role.PROPOSE]
    assert second.messages[-2].content == "[1] wrong: it adds."


def test_a_function_is_recorded_once_and_one_that_was_not_called_is_not_asked_about() -> None:
    recorder = Recorder(*STEPS)
    ask = Answers("wrong", ANSWER, "wrong", ANSWER)
    drafts(RuntimeDebugProposer(rounds=2), ask, task=replace(TASK, record=recorder))
    assert [watch.first for _, watch in recorder.asked] == [1, 5]
    assert [r.temperature for r in ask.requests] == [0.0, 0.0, 0.8, 0.8]


def test_without_values_there_is_nothing_to_ask() -> None:
    ask = Answers("wrong", ANSWER)
    assert drafts(RuntimeDebugProposer(), ask) == []
    failure = TestResult("test_shapes.py", Outcome.COLLECT_ERROR)
    task = replace(TASK, record=Recorder(*STEPS), failures=(failure,))
    assert drafts(RuntimeDebugProposer(), ask, task=task) == []
    assert ask.requests == []
