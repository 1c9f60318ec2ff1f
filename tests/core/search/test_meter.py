"""The budget and the door to the model."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from core.errors import ModelError
from core.events import Body, ModelAnswered, ModelAsked, ModelStreamed
from core.models.base import Capabilities, ChatRequest, CompletionRequest, Delta, Message, ModelInfo
from core.models.guard import StopReason, StopSign
from core.models.roles import ModelRoles
from core.search.bandit import Gains, load_priors
from core.search.base import BudgetExhausted
from core.search.door import ModelDoor
from core.search.meter import Meter
from core.search.strategy import Part, Strategy
from core.types import Budget, Role, TokenUsage

REQUEST = ChatRequest((Message("user", "x" * 350),), max_tokens=500)
"""About a hundred tokens."""


class Client:
    """Answers in two pieces; ``seconds`` before the first."""

    info = ModelInfo("test", "a test's model")

    def __init__(
        self, usage: TokenUsage | None = None, seconds: float = 0.0, error: ModelError | None = None
    ) -> None:
        self._usage = usage
        self._seconds = seconds
        self._error = error
        self.requests: list[ChatRequest] = []
        self.at_once = self.most_at_once = 0
        self.closed = False

    async def start(self) -> None:
        return

    async def chat(self, request: ChatRequest) -> AsyncIterator[Delta]:
        self.requests.append(request)
        self.at_once += 1
        self.most_at_once = max(self.at_once, self.most_at_once)
        try:
            await asyncio.sleep(self._seconds)
            if self._error is not None:
                raise self._error
            yield Delta("return ")
            await asyncio.sleep(0)
            yield Delta("a")
            yield Delta(usage=self._usage, finish="stop")
        finally:
            self.at_once -= 1
            self.closed = True

    def complete(self, request: CompletionRequest) -> AsyncIterator[Delta]:
        return self.chat(ChatRequest((), request.max_tokens))

    async def close(self) -> None:
        return


def door(client: Client, budget: Budget, gather: float = 0.0) -> tuple[ModelDoor, Meter, list[Body]]:
    events: list[Body] = []
    meter = Meter(budget)
    ask = ModelDoor(ModelRoles(client), meter, events.append, gather_seconds=gather)
    return ask, meter, events


def test_an_answer_is_streamed_and_what_the_server_counted_is_metered() -> None:
    ask, meter, events = door(Client(TokenUsage(90, 7)), Budget(10.0))
    answer, usage = asyncio.run(ask("direct", REQUEST))
    assert answer == "return a"
    assert usage == meter.tokens == TokenUsage(90, 7)
    assert [type(e) for e in events] == [ModelAsked, ModelStreamed, ModelStreamed, ModelAnswered]
    assert events[-1].usage == TokenUsage(90, 7)
    assert not events[-1].cancelled


def test_tokens_are_estimated_where_the_server_does_not_count() -> None:
    ask, meter, _ = door(Client(), Budget(10.0))
    asyncio.run(ask("direct", REQUEST))
    assert meter.tokens.estimated
    assert meter.tokens.prompt >= 100


def test_the_end_of_the_seconds_ends_an_answer_and_counts_what_was_sent() -> None:
    client = Client(seconds=30.0)
    ask, meter, events = door(client, Budget(1.1))
    began = time.monotonic()
    with pytest.raises(BudgetExhausted):
        asyncio.run(ask("direct", REQUEST))
    assert time.monotonic() - began < 2.0
    assert client.closed
    assert events[-1].cancelled
    assert meter.tokens.estimated


def test_no_call_is_begun_without_time_for_it() -> None:
    client = Client()
    ask, _, events = door(client, Budget(0.5))
    with pytest.raises(BudgetExhausted):
        asyncio.run(ask("direct", REQUEST))
    assert client.requests == events == []


def test_no_call_is_begun_without_tokens_for_it() -> None:
    client = Client(TokenUsage(100, 50))
    ask, meter, _ = door(client, Budget(10.0, tokens=260))

    async def twice() -> None:
        await ask("direct", REQUEST)
        await ask("direct", REQUEST)

    with pytest.raises(BudgetExhausted):
        asyncio.run(twice())
    assert len(client.requests) == 1
    assert meter.tokens == TokenUsage(100, 50)


def test_an_answer_may_not_be_longer_than_the_tokens_that_are_left() -> None:
    client = Client()
    ask, _, _ = door(client, Budget(10.0, tokens=300))
    asyncio.run(ask("direct", REQUEST))
    [request] = client.requests
    assert 150 <= request.max_tokens <= 200
    assert request.messages == REQUEST.messages


def test_a_model_that_is_not_there_has_cost_nothing() -> None:
    error = ModelError("model.absent", "There is no model.")
    ask, meter, events = door(Client(error=error), Budget(10.0))
    with pytest.raises(ModelError):
        asyncio.run(ask("direct", REQUEST))
    assert meter.tokens == TokenUsage()
    assert events[-1] == ModelAnswered(1, TokenUsage(), events[-1].seconds, 0.0, cancelled=True)


def test_calls_take_turns() -> None:
    client = Client(seconds=0.01)
    ask, _, events = door(client, Budget(10.0))

    async def together() -> None:
        await asyncio.gather(*(ask(name, REQUEST) for name in ("direct", "explain", "direct")))

    asyncio.run(together())
    assert client.most_at_once == 1
    assert [e.request for e in events if isinstance(e, ModelAsked)] == [1, 2, 3]


def test_nobody_asks_before_the_model_has_started_and_then_the_short_question_goes_first() -> None:
    async def work() -> list[str]:
        client, events = Client(), list[Body]()
        started: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        ask = ModelDoor(ModelRoles(client), Meter(Budget(10.0)), events.append, started)
        long = asyncio.create_task(ask("direct", REQUEST))
        short = asyncio.create_task(ask("infill", CompletionRequest("def f(", "):", 20)))
        await asyncio.sleep(0.02)
        assert events == []
        started.set_result(None)
        await asyncio.gather(long, short)
        assert (await ask.capabilities()).chat
        return [e.proposer for e in events if isinstance(e, ModelAsked)]

    assert asyncio.run(work()) == ["infill", "direct"]


def test_both_sides_of_a_gap_are_shown() -> None:
    ask, _, events = door(Client(), Budget(10.0))
    asyncio.run(ask("infill", CompletionRequest("def f(", "):\n", 20)))
    assert events[0].prompt == "[before the gap]\ndef f(\n\n[after the gap]\n):\n"


def test_cancelling_a_call_closes_the_stream_and_lets_the_next_in() -> None:
    client = Client(seconds=5.0)
    ask, _, events = door(client, Budget(10.0))

    async def work() -> None:
        first = asyncio.create_task(ask("direct", REQUEST))
        await asyncio.sleep(0.02)
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        assert client.closed
        client._seconds = 0.0
        await ask("explain", REQUEST)

    asyncio.run(work())
    assert [e.cancelled for e in events if isinstance(e, ModelAnswered)] == [True, False]


def priced(spec: str, usage: TokenUsage) -> float | None:
    """A dollar for each thousand tokens, whichever."""
    return None if spec == "unknown" else (usage.prompt + usage.completion) / 1000


def test_money_is_checked_before_each_call() -> None:
    meter = Meter(Budget(10.0, dollars=0.5), priced)
    assert meter.answer_tokens("m", 100, 200) == 200
    assert meter.answer_tokens("m", 100, 800) == 400
    meter.add(Role.PROPOSE, "m", TokenUsage(300, 100))
    assert meter.dollars == pytest.approx(0.4)
    assert meter.answer_tokens("m", 90, 200) == 0


def test_a_model_whose_price_is_not_known_is_not_asked_under_a_limit_in_dollars() -> None:
    with pytest.raises(ModelError) as caught:
        Meter(Budget(10.0, dollars=0.5), priced).answer_tokens("unknown", 100, 200)
    assert caught.value.code == "model.price_unknown"
    free = Meter(Budget(10.0), priced)
    assert free.answer_tokens("unknown", 100, 200) == 200
    free.add(Role.PROPOSE, "unknown", TokenUsage(1, 1))
    assert free.dollars is None


def test_each_role_is_counted_by_itself() -> None:
    proposing, judging = Client(TokenUsage(90, 7)), Client(TokenUsage(50, 5))
    judging.info = ModelInfo("judge", "another")
    meter = Meter(Budget(10.0), priced)
    ask = ModelDoor(ModelRoles(proposing, judging), meter, lambda body: None)

    async def both() -> None:
        await ask("direct", REQUEST)
        await ask("explain", REQUEST, role=Role.JUDGE)
        await ask("direct", REQUEST)

    asyncio.run(both())
    assert [(row.role, row.model, row.calls, row.tokens) for row in meter.roles] == [
        (Role.PROPOSE, "test", 2, TokenUsage(180, 14)),
        (Role.JUDGE, "judge", 1, TokenUsage(50, 5)),
    ]
    assert meter.roles[1].dollars == pytest.approx(0.055)
    assert meter.tokens == TokenUsage(230, 19)


def test_an_answer_that_goes_in_circles_is_cut_off_and_what_that_saved_is_told() -> None:
    class Babbler(Client):
        async def chat(self, request: ChatRequest) -> AsyncIterator[Delta]:
            try:
                while True:
                    yield Delta("    x = x + 1\n")
            finally:
                self.closed = True

    client = Babbler()
    ask, meter, events = door(client, Budget(10.0))
    answer, usage = asyncio.run(ask("direct", REQUEST))
    assert client.closed
    assert len(answer) < 400
    answered = events[-1]
    assert answered.stopped == "repeats itself"
    assert not answered.cancelled
    assert answered.saved == REQUEST.max_tokens - usage.completion
    assert (meter.roles[0].stopped, meter.roles[0].saved) == (1, answered.saved)


def test_a_strategy_adds_its_hints_to_sampled_questions_in_turn_and_chooses_the_role() -> None:
    part = Part(hints=("Look left.", "Look right."), role=Role.JUDGE)
    proposing, judging = Client(TokenUsage(9, 7)), Client(TokenUsage(5, 5))
    strategy = Strategy("mine", parts={"direct": part})
    meter = Meter(Budget(10.0))
    ask = ModelDoor(ModelRoles(proposing, judging), meter, lambda body: None, strategy=strategy)

    async def main() -> None:
        for temperature in (0.0, 0.8, 0.8, 0.8):
            await ask("direct", ChatRequest((Message("user", "Fix it."),), 64, temperature))
        await ask("explain", ChatRequest((Message("user", "Fix it."),), 64, 0.8))

    asyncio.run(main())
    hints = [request.messages[-1].content.removeprefix("Fix it.") for request in judging.requests]
    assert hints == ["", "\n\nLook left.", "\n\nLook right.", "\n\nLook left."]
    assert [request.messages[-1].content for request in proposing.requests] == ["Fix it."]


def test_what_a_proposer_asks_is_entered_in_the_book_of_gains() -> None:
    gains = Gains(load_priors(), ["direct", "explain"])
    ask = ModelDoor(
        ModelRoles(Client(TokenUsage(90, 7))), Meter(Budget(10.0)), lambda body: None, gains=gains
    )
    asyncio.run(ask("direct", REQUEST))
    assert [row.tokens for row in gains.usage()] == [TokenUsage(90, 7), TokenUsage()]


def test_of_the_first_questions_the_shortest_is_asked_first_though_it_came_a_little_later() -> None:
    ask, _, events = door(Client(), Budget(10.0), gather=0.25)

    async def work() -> list[str]:
        long = asyncio.create_task(ask("direct", REQUEST))
        await asyncio.sleep(0.05)
        short = asyncio.create_task(ask("infill", CompletionRequest("def f(", "):", 20)))
        await asyncio.gather(long, short)
        return [e.proposer for e in events if isinstance(e, ModelAsked)]

    assert asyncio.run(work()) == ["infill", "direct"]


def test_the_same_hole_is_asked_about_once_whoever_works_on_it() -> None:
    client = Client(TokenUsage(50, 5))
    ask, meter, events = door(client, Budget(10.0))
    hole = CompletionRequest("def f(", "):", 20)
    sample = replace(hole, temperature=0.8, seed=1)

    async def work() -> list[tuple[str, TokenUsage]]:
        both = await asyncio.gather(ask("infill", hole), ask("infill", hole))
        return [*both, await ask("infill", sample), await ask("infill", sample)]

    answers = asyncio.run(work())
    assert {answer for answer, _ in answers} == {"return a"}
    assert [usage.prompt for _, usage in answers] == [50, 0, 50, 0]
    assert len([e for e in events if isinstance(e, ModelAsked)]) == 2
    assert meter.tokens == TokenUsage(100, 10)


class AtOnce:
    """A guard that wants no more than the first piece."""

    def feed(self, piece: str) -> StopSign | None:
        return StopSign(StopReason.COMPLETE, "That is enough.")


def test_of_an_answer_that_was_ended_early_it_is_estimated_what_the_server_knew_already() -> None:
    client = Client(TokenUsage(90, 7))
    client.info = ModelInfo("test", "test", capabilities=Capabilities(prefix_cache=True))
    ask, _, _ = door(client, Budget(10.0))
    shared = "x" * 350

    async def twice() -> list[TokenUsage]:
        requests = [CompletionRequest(shared + end, "", 20) for end in ("a" * 70, "b" * 70)]
        return [(await ask("infill", request, AtOnce()))[1] for request in requests]

    first, second = asyncio.run(twice())
    assert (first.cached, first.estimated) == (0, True)
    assert 100 <= second.cached <= 110
    assert second.prompt - second.cached >= 20
