"""Similar code of the same repository as a sketch."""

from __future__ import annotations

from dataclasses import replace

from core.context.neighbours import FocusFacts, Neighbour
from core.search.siblings import SiblingsProposer, sketch
from tests.core.search.test_model_proposers import ANSWER, FIXED, TASK, Answers, drafts

VOLUME = 'def volume(w, h, d):\n    """How much fits in."""\n    # all three\n    return w * h * d\n'
LONG = "def long():\n" + "    step()\n" * 200


def similar(*codes: str) -> dict[tuple[str, str], FocusFacts]:
    found = tuple(Neighbour("solid.py", 1, "f", code) for code in codes)
    return {("shapes.py", "area"): FocusFacts(similar=found)}


def test_the_question_shows_the_similar_function_without_what_is_said_in_it() -> None:
    ask = Answers(ANSWER)
    (draft,) = drafts(SiblingsProposer(), ask, task=replace(TASK, facts=similar(VOLUME)))
    assert draft.edits == {"shapes.py": FIXED}
    text = ask.requests[0].messages[-1].content
    assert "```python\ndef volume(w, h, d):\n    return w * h * d\n```" in text
    assert text.index("return w + h") < text.index("return w * h * d")


def test_each_sketch_is_tried_greedily_before_any_is_sampled_and_long_ones_are_not() -> None:
    ask = Answers(*[ANSWER] * 4)
    task = replace(TASK, facts=similar(LONG, VOLUME, VOLUME.replace("volume", "weight")))
    drafts(SiblingsProposer(samples=1), ask, task=task)
    assert [r.temperature for r in ask.requests] == [0.0, 0.0, 0.8, 0.8]
    assert "weight" in ask.requests[1].messages[-1].content
    assert not any("step()" in r.messages[-1].content for r in ask.requests)


def test_without_anything_similar_nothing_is_asked() -> None:
    ask = Answers(ANSWER)
    assert drafts(SiblingsProposer(), ask) == []
    assert ask.requests == []


def test_a_function_that_is_only_described_keeps_its_description() -> None:
    assert sketch('def f():\n    """Later."""\n') == 'def f():\n    """Later."""'
    assert sketch("def f(:\n") == "def f(:\n"
