"""Writing what is missing, by sub-goals."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.search.decompose import DecomposeProposer, Unwritten, unwritten
from core.search.stubs import is_stub
from core.types import Outcome, Suspect, TestResult
from tests.core.search.test_model_proposers import TASK, Answers, drafts

STUB = 'def area(w, h):\n    """Width by height."""\n    raise NotImplementedError("to be written")\n'
WRITTEN = "def area(w, h):\n    return w * h\n"
DIVIDED = (
    'def area(w, h):\n    return times(w, h)\n\n\ndef times(a, b):\n    """Their product."""\n    pass\n'
)
TIMES = "def times(a, b):\n    return a * b\n"


def block(code: str) -> str:
    return f"```python\n{code}```"


def stub_task(source: str = STUB):
    return replace(TASK, sources={"shapes.py": source}, suspects=(Suspect("shapes.py", 3, 1.0, "area"),))


def test_a_function_without_a_body_is_written() -> None:
    ask = Answers(block(WRITTEN))
    (draft,) = drafts(DecomposeProposer(), ask, task=stub_task())
    assert draft.edits == {"shapes.py": WRITTEN}
    assert "not written yet" in ask.requests[0].messages[-1].content
    assert "Width by height" in ask.requests[0].messages[-1].content


def test_helpers_that_an_answer_leaves_unwritten_are_asked_for_one_by_one() -> None:
    ask = Answers("no", block(DIVIDED), block(TIMES))
    (draft,) = drafts(DecomposeProposer(rounds=2), ask, task=stub_task())
    text = draft.edits["shapes.py"]
    assert "return times(w, h)" in text
    assert "def times(a, b):\n    return a * b\n" in text
    assert "pass" not in text
    assert "one to three helper functions" in ask.requests[1].messages[-1].content
    assert "Somebody has written this" in ask.requests[2].messages[-1].content


def test_a_helper_that_nobody_writes_does_not_lose_the_rest() -> None:
    ask = Answers("no", block(DIVIDED), "I cannot.")
    (draft,) = drafts(DecomposeProposer(rounds=2), ask, task=stub_task())
    assert "pass" in draft.edits["shapes.py"]


@pytest.mark.parametrize(
    "message",
    [
        "ImportError: cannot import name 'volume' from 'shapes' (/work/shapes.py)",
        "AttributeError: module 'shapes' has no attribute 'volume'",
    ],
)
def test_a_function_that_the_tests_look_for_in_vain_is_added(message: str) -> None:
    failure = TestResult("test_shapes.py", Outcome.COLLECT_ERROR, message=message)
    task = replace(TASK, failures=(failure,))
    assert list(unwritten(task)) == [Unwritten("shapes.py", "volume", is_missing=True)]
    ask = Answers(block("def volume(a):\n    return a**3\n"))
    (draft,) = drafts(DecomposeProposer(rounds=1), ask, task=task)
    assert draft.edits == {
        "shapes.py": f"{TASK.sources['shapes.py']}\n\ndef volume(a):\n    return a**3\n"
    }


def test_a_method_that_the_tests_look_for_in_vain_is_added_to_its_class() -> None:
    source = "class Box:\n    def __init__(self, a):\n        self.a = a\n\n\nSIDES = 6\n"
    message = "AttributeError: 'Box' object has no attribute 'volume'"
    failure = TestResult("test_shapes.py::test_box", Outcome.FAILED, message=message)
    task = replace(TASK, failures=(failure,), sources={"shapes.py": source}, suspects=())
    assert list(unwritten(task)) == [Unwritten("shapes.py", "Box.volume", is_missing=True)]
    ask = Answers(block("class Box:\n    def volume(self):\n        return self.a**3\n"))
    (draft,) = drafts(DecomposeProposer(rounds=1), ask, task=task)
    method = "\n    def volume(self):\n        return self.a**3\n"
    assert draft.edits == {"shapes.py": source.replace("self.a = a\n", f"self.a = a\n{method}")}


def test_where_every_function_is_written_nothing_is_asked() -> None:
    ask = Answers(block(WRITTEN))
    assert drafts(DecomposeProposer(), ask) == []
    assert ask.requests == []


def test_nonsense_another_language_and_stubs_give_no_draft() -> None:
    answers = ("", "function area(w, h) { return w * h; }", block(STUB), block("x = 1\n"), "Bitte sehr.")
    assert drafts(DecomposeProposer(rounds=5), Answers(*answers), task=stub_task()) == []


@pytest.mark.parametrize(
    ("body", "stub"),
    [
        ("pass", True),
        ("...", True),
        ("raise NotImplementedError", True),
        ("return NotImplemented", True),
        ('"""Later."""', True),
        ("raise ValueError", False),
        ("return None", False),
        ("x = 1", False),
    ],
)
def test_a_stub_is_known_by_its_doing_nothing(body: str, stub: bool) -> None:
    assert is_stub(f"def f():\n    {body}\n") is stub
