"""The plain baseline: whole file in, whole file out."""

from __future__ import annotations

from dataclasses import replace

from core.search.whole_file import WholeFileProposer
from tests.core.search.test_model_proposers import FIXED, SOURCE, TASK, Answers, drafts

WHOLE = f"Here it is:\n\n```python\n{FIXED}```\nThat should do."


def test_the_whole_file_goes_out_with_what_fails_and_comes_back() -> None:
    ask = Answers(WHOLE)
    (draft,) = drafts(WholeFileProposer(), ask)
    assert draft.edits == {"shapes.py": FIXED}
    text = ask.requests[0].messages[-1].content
    assert SOURCE in text
    assert "assert 5 == 6" in text
    assert "test_area(" not in text, "the plain baseline sees no more than a person would paste"


def test_every_sample_has_its_own_seed() -> None:
    ask = Answers(*[WHOLE] * 3)
    drafts(WholeFileProposer(samples=3), ask)
    assert [(r.temperature, r.seed) for r in ask.requests] == [(0.8, 1), (0.8, 2), (0.8, 3)]


def test_what_leaves_code_out_or_is_none_gives_no_draft() -> None:
    elided = "```python\ndef area(w, h):\n    return w * h\n\n# ... rest of the code unchanged\n```"
    ask = Answers(elided, "I am sorry.", "", "```python\n\n```", WHOLE)
    assert len(drafts(WholeFileProposer(), ask)) == 1


def test_a_file_that_does_not_fit_is_not_asked_for() -> None:
    ask = Answers(WHOLE)
    long = replace(TASK, sources={"shapes.py": SOURCE + "# more\n" * 5000})
    assert drafts(WholeFileProposer(), ask, task=long) == []
    assert ask.requests == []
    assert drafts(WholeFileProposer(), None) == []
