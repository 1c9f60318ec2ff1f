"""Every strategy that comes with Greenbar, with every proposer it names, over a runner in memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace

import pytest

from app.paths import find_paths
from app.services import AppServices
from core.events import Body, Noticed, TroubleRaised
from core.models.base import Capabilities, ChatRequest, CompletionRequest, Delta, ModelInfo
from core.models.roles import ModelRoles
from core.search.bandit import Gains, load_priors
from core.search.base import FixTask
from core.search.choose import choose_proposers
from core.search.controller import Search
from core.search.door import ModelDoor
from core.search.meter import Meter
from core.search.rank import normalised_key
from core.search.strategy import Strategy
from core.search.strategy_file import shipped_strategies
from core.search.verifier import Verifier
from core.testing.base import RunLimits
from core.types import Budget, NodeId, Outcome, Suspect, TestResult, TokenUsage, Verdict
from tests.core.search.memory import GREEN, RED, TARGET, Runner, patch, report

# The operators of mutation do not come to it: only a model can write the word.
SOURCE = "def f():\n    text = 'no'\n    return text\n"
TEST = "from m import f\n\n\ndef test_f():\n    assert f() == 'yes'\n"
FAILURE = TestResult(TARGET, RED, 0.01, "AssertionError: assert 'no' == 'yes'")
BASELINE = replace(report({TARGET: RED}), results=(FAILURE,))
TASK = FixTask(
    (TARGET,),
    BASELINE,
    (Suspect("m.py", 2, 1.0, "f"), Suspect("m.py", 3, 0.9, "f")),
    {"m.py": SOURCE},
    {"test_m.py": TEST},
    (FAILURE,),
)
ANSWER = "It has to be the other word.\n\n```python\ndef f():\n    text = 'yes'\n    return text\n```\n"


def judge(source: str) -> Mapping[NodeId, Outcome]:
    return {TARGET: GREEN if "text = 'yes'\n    return text" in source else RED}


class Knows:
    """A model that answers any question with the fix."""

    info = ModelInfo("test", "a test's model", capabilities=Capabilities(infill=True))

    async def start(self) -> None:
        return

    async def chat(self, request: ChatRequest) -> AsyncIterator[Delta]:
        yield Delta(ANSWER)
        read = sum(len(message.content) for message in request.messages)
        yield Delta(usage=TokenUsage(read // 3, 20), finish="stop")

    async def complete(self, request: CompletionRequest) -> AsyncIterator[Delta]:
        yield Delta("    text = 'yes'")
        yield Delta(usage=TokenUsage(len(request.prompt) // 3, 5), finish="stop")

    async def close(self) -> None:
        return


@pytest.mark.parametrize("strategy", shipped_strategies(), ids=lambda strategy: strategy.name)
def test_a_strategy_finds_what_the_model_knows(strategy: Strategy) -> None:
    events: list[Body] = []

    async def main() -> Verdict:
        meter = Meter(Budget(20.0))
        proposers = choose_proposers(AppServices(find_paths()).proposers(), (), strategy)
        gains = Gains(load_priors(), [p.name for p in proposers if p.needs_model])
        door = ModelDoor(ModelRoles(Knows()), meter, events.append, None, strategy, gains)
        verifier = Verifier(
            Runner(judge),
            BASELINE,
            (TARGET,),
            RunLimits(),
            lambda path: False,
        )
        search = Search(
            task=TASK,
            proposers=proposers,
            verifier=verifier,
            meter=meter,
            ask=door,
            build_patch=lambda draft: patch(draft.edits["m.py"], before=SOURCE),
            key_of=lambda draft: normalised_key(draft.edits, TASK.sources),
            emit=events.append,
            workers=2,
            strategy=strategy,
            gains=gains,
        )
        result = await search.run()
        assert asyncio.all_tasks() == {asyncio.current_task()}
        return result.verdict

    verdict = asyncio.run(main())
    assert [body for body in events if isinstance(body, (Noticed, TroubleRaised))] == []
    assert verdict is Verdict.GREEN
