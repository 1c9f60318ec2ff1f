"""Proposers at work in a whole session: real tests in a sandbox, answers by a script."""

from __future__ import annotations

from core.events import ModelAsked
from core.models.scripted import ScriptedAnswer, ScriptedModel
from core.search.base import Proposer
from core.search.crossover import CrossoverProposer
from core.search.decompose import DecomposeProposer
from core.search.mutation import MutationProposer
from core.search.refine import RefineProposer
from core.search.runtime_debug import RuntimeDebugProposer
from core.types import Budget, FixResult, Verdict

BUDGET = Budget(seconds=60.0)
SHIPPING = {
    "shop.py": (
        "def shipping(weights):\n    total = 0\n    for weight in weights:\n        total = weight\n"
        "    return total * 2\n"
    ),
    "test_shop.py": (
        "from shop import shipping\n\n\ndef test_shipping():\n    assert shipping([1, 2]) == 6\n"
    ),
}
RIGHT = "```python\n" + SHIPPING["shop.py"].replace("total = weight", "total += weight") + "```\n"


def fixed(with_session, root, model: ScriptedModel | None, *proposers: Proposer):
    """The result with every prompt that was asked."""

    async def work(opened) -> tuple[FixResult, list[str]]:
        opened.services.having = proposers
        await opened.session.open(str(root))
        await opened.session.ready_model()
        await opened.session.run_tests()
        result = await opened.session.fix((), BUDGET)
        return result, [asked.prompt for asked in opened.bodies(ModelAsked)]

    return with_session(work, model=model)


def test_the_values_of_the_failing_run_reach_the_model(with_session, repository) -> None:
    model = ScriptedModel(
        (
            ScriptedAnswer(contains="Now answer with the whole", answer=RIGHT),
            ScriptedAnswer(answer="[5] wrong: it forgets the rest."),
        )
    )
    result, prompts = fixed(with_session, repository(SHIPPING), model, RuntimeDebugProposer())
    assert result.verdict is Verdict.GREEN
    assert result.best.proposer == "runtime_debug"
    assert "# called with weights = [1, 2]\n[1] total = 0\n    # total = 0\n" in prompts[0]
    assert "[5] total = weight\n    # total = 2\n" in prompts[0]
    assert "[7] return total * 2\n    # returned 4" in prompts[0]


def test_what_an_attempt_failed_on_comes_back_and_the_next_one_is_green(with_session, repository) -> None:
    wrong = RIGHT.replace("total += weight", "total -= weight")
    model = ScriptedModel((ScriptedAnswer(answer=wrong), ScriptedAnswer(answer=RIGHT)))
    result, prompts = fixed(with_session, repository(SHIPPING), model, RefineProposer())
    assert result.verdict is Verdict.GREEN
    assert result.best.parent == 1
    assert "-6 == 6" in prompts[1]
    assert prompts[1].startswith(prompts[0])


def test_two_bugs_are_mended_one_by_one_and_joined_without_a_model(with_session, repository) -> None:
    root = repository(
        {
            "calc.py": "def add(a, b):\n    return a - b\n\n\ndef half(a):\n    return a // 3\n",
            "test_calc.py": "from calc import add, half\n\n\ndef test_add():\n"
            "    assert add(2, 3) == 5\n\n\ndef test_half():\n"
            "    assert half(8) == 4\n    assert half(7) == 3\n",
        }
    )
    result, _ = fixed(with_session, root, None, MutationProposer(), CrossoverProposer())
    assert result.verdict is Verdict.GREEN
    assert len(result.evidence.comparison.fixed) == 2


def test_a_function_that_is_looked_for_in_vain_is_written(with_session, repository) -> None:
    root = repository(
        {
            "calc.py": "def add(a, b):\n    return a + b\n",
            "test_calc.py": "from calc import add, twice\n\n\n"
            "def test_twice():\n    assert twice(4) == 8\n",
        }
    )
    model = ScriptedModel((ScriptedAnswer(answer="```python\ndef twice(a):\n    return add(a, a)\n```"),))
    result, _ = fixed(with_session, root, model, DecomposeProposer())
    assert result.verdict is Verdict.GREEN
    assert result.best.patch.changes[0].after.endswith(b"def twice(a):\n    return add(a, a)\n")
