"""A plan first, then the code."""

from __future__ import annotations

from core.search.focus import Focus
from core.search.plan import PlanProposer, without_body
from core.types import Role
from tests.core.search.test_model_proposers import ANSWER, FIXED, Answers, drafts

DESCRIBED = '''\
class Shape:
    @property
    def area(self):
        """Width by height."""
        # wrong
        return self.w + self.h


def one(): return 1
'''


def test_the_plan_is_asked_for_without_showing_the_wrong_body_and_the_code_after_it() -> None:
    ask = Answers("1. Multiply.", ANSWER)
    (draft,) = drafts(PlanProposer(rounds=1), ask)
    assert draft.edits == {"shapes.py": FIXED}
    plan, code = ask.requests
    assert "def area(w, h):\n    ...\n" in plan.messages[-1].content
    assert "return w + h" not in plan.messages[-1].content
    assert "assert 5 == 6" in plan.messages[-1].content
    assert code.messages[-2].content == "1. Multiply."
    assert ask.roles[:2] == [Role.JUDGE, Role.PROPOSE]


def test_every_other_round_sees_the_body() -> None:
    ask = Answers(*["1. Multiply.", ANSWER] * 4)
    drafts(PlanProposer(rounds=2), ask)
    plans = [r.messages[1].content for r in ask.requests[::2]]
    assert ["return w + h" in plan for plan in plans] == [False, True, True, True]
    assert ["`area`" in plan for plan in plans] == [True, False, True, False]


def test_a_plan_can_be_stepped_through_before_the_code() -> None:
    ask = Answers("1. Add.", "2 + 3 is 5, so step 1 must multiply.", ANSWER)
    (draft,) = drafts(PlanProposer(rounds=1, check=True), ask)
    assert draft.tokens.completion == 15
    assert [m.role for m in ask.requests[2].messages] == [
        *("system", "user", "assistant", "user", "assistant", "user"),
    ]
    assert ask.requests[1].messages[:2] == ask.requests[0].messages


def test_a_body_is_hidden_and_what_is_said_of_the_function_stays() -> None:
    sources = {"s.py": DESCRIBED}
    hidden = without_body(sources, Focus("s.py", "Shape.area"))
    assert hidden is not None
    assert '"""Width by height."""\n' in hidden["s.py"]
    assert "self.w" not in hidden["s.py"]
    assert "        ...\n\n\ndef one(): return 1\n" in hidden["s.py"]


def test_what_cannot_be_hidden_or_is_too_long_to_be_guessed_is_shown() -> None:
    sources = {"s.py": DESCRIBED, "t.py": "def long():\n" + "    step()\n" * 200}
    assert without_body(sources, Focus("s.py", "one")) is None
    assert without_body(sources, Focus("s.py", "")) is None
    assert without_body(sources, Focus("t.py", "long")) is None
