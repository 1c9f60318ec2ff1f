"""What a model is told of the repository around a function, on a real run with a scripted model."""

from __future__ import annotations

import asyncio
import threading

from core.events import CandidateProposed, FailuresTraced, ModelAsked
from core.models.scripted import ScriptedAnswer, ScriptedModel
from core.search.direct import DirectProposer
from core.session.seeking import Seeker
from core.types import Budget, Verdict

WRONG = """\
import pluggy

from shop.money import round_up


def total(items):
    net = sum(items)
    return round_up(net * 3) if pluggy else 0
"""
FILES = {
    "shop/__init__.py": "",
    "shop/prices.py": WRONG,
    "shop/money.py": 'def round_up(amount, digits=2):\n    """Round away from zero."""\n'
    "    return round(amount, digits)\n",
    "shop/cart.py": "from shop.prices import total\n\n\ndef checkout(cart):\n    return total(cart)\n",
    "test_prices.py": "from shop.prices import total\n\n\n"
    "def test_total():\n    items = [1, 2]\n    assert total(items) == 6\n",
}


def test_the_prompt_has_callees_callers_versions_and_values_and_changes_least_at_its_start(
    with_session, repository
):
    right = WRONG.replace("* 3", "* 2")
    model = ScriptedModel((ScriptedAnswer(answer=f"```python\n{right}```\n"),))

    async def work(opened):
        opened.services.proposers = lambda: (DirectProposer(),)
        await opened.session.open(str(repository(FILES)))
        await opened.session.run_tests()
        result = await opened.session.fix((), Budget(seconds=60.0))
        assert result.verdict is Verdict.GREEN
        [seen] = opened.bodies(FailuresTraced)
        assert dict(seen.results[0].frames[-1].values)["items"] == "[1, 2]"
        asked, proposed = opened.bodies(ModelAsked)[0], opened.bodies(CandidateProposed)[0]
        assert proposed.request == asked.request
        return asked.prompt

    prompt = with_session(work, model=model)
    parts = [
        "Installed: Python 3",
        ", pluggy ",
        "File shop/prices.py:",
        "# shop/money.py:1\ndef round_up(amount, digits=2)  # Round away from zero.",
        "# shop/cart.py:5, checkout\nreturn total(cart)",
        "def test_total():",
        "with items = [1, 2]",
        "Answer with the whole corrected",
    ]
    assert [prompt.find(part) for part in parts] == sorted(prompt.find(part) for part in parts)
    assert prompt.find(parts[0]) >= 0


def test_an_index_that_cannot_be_made_costs_nothing_but_its_facts(with_session, repository):
    model = ScriptedModel((ScriptedAnswer(answer=f"```python\n{WRONG.replace('* 3', '* 2')}```\n"),))

    async def work(opened):
        opened.services.proposers = lambda: (DirectProposer(),)
        opened.services.cache.mkdir(parents=True)
        (opened.services.cache / "indexes").write_text("in the way")
        await opened.session.open(str(repository(FILES)))
        await opened.session.run_tests()
        result = await opened.session.fix((), Budget(seconds=60.0))
        assert "round_up(amount" not in opened.bodies(ModelAsked)[0].prompt
        return result.verdict

    assert with_session(work, model=model) is Verdict.GREEN


def test_reading_that_takes_long_is_stopped_and_its_thread_ends(tmp_path):
    class Copy:
        """Twenty thousand files, as a copy would list them."""

        root = tmp_path / "tree"

        def files(self):
            return tuple(f"pkg{n % 100}/m{n}.py" for n in range(20_000))

    text = "def f(a):\n    return g(a)\n" * 40
    for name in Copy().files()[:3000]:
        path = Copy.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    async def main():
        seeker = Seeker(tmp_path / "indexes", "/r/large", Copy(), lambda path: False)
        seeker.begin({"pkg7/m7.py"})
        await asyncio.sleep(0.3)
        facts = await seeker.look([("pkg7/m7.py", "f")])
        await seeker.close()
        return facts

    before = threading.active_count()
    asyncio.run(main())
    assert threading.active_count() <= before + 1
