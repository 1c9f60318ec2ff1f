"""The Anthropic client beyond protocol and faults: the prompt cache, thoughts, what a model refuses."""

from __future__ import annotations

import asyncio

import pytest

from core.errors import ModelError
from core.models.anthropic_model import AnthropicModel
from core.models.base import ChatRequest, JsonSchema, Message
from core.models.endpoint import Endpoint
from core.models.retry import NEVER
from core.types import TokenUsage
from tests.core.models.clients import collect
from tests.core.models.servers import Asked, head, serve
from tests.core.models.test_faults import WIRES, good, named

WIRE = WIRES["anthropic"]
MARK = {"type": "ephemeral"}
REQUEST = ChatRequest(
    (Message("system", "Be brief."), Message("user", "Why?"), Message("assistant", "So.")),
    max_tokens=50,
    stop=("END",),
    think=False,
    shape=JsonSchema({"type": "object"}),
)


def test_the_stable_parts_are_marked_for_the_cache_and_its_use_is_counted() -> None:
    seen: list[Asked] = []

    async def handle(asked: Asked, writer: asyncio.StreamWriter) -> None:
        seen.append(asked)
        writer.write(good(WIRE, "fine"))

    async def body() -> None:
        async with serve(handle) as address:
            client = AnthropicModel(Endpoint(address, "secret"), "tiny")
            deltas = await collect(client.chat(REQUEST))
            await client.close()
            # 4 fresh, 30 read from the cache and 6 written to it make the prompt.
            assert deltas[-1].usage == TokenUsage(40, 2, cached=30)
            assert deltas[-1].finish == "stop"

    asyncio.run(body())
    (asked,) = seen
    assert (asked.path, asked.headers["authorization"]) == ("/v1/messages", "Bearer secret")
    sent = asked.json
    assert sent["system"] == [{"type": "text", "text": "Be brief.", "cache_control": MARK}]
    first, last = (message["content"][0] for message in sent["messages"])
    assert "cache_control" not in first
    assert last["cache_control"] == MARK
    assert sent["stop_sequences"] == ["END"]
    assert sent["thinking"] == {"type": "disabled"}
    assert sent["temperature"] == 0
    assert sent["output_config"]["format"] == {"type": "json_schema", "schema": {"type": "object"}}


def test_a_model_that_takes_no_temperature_is_asked_without_one_from_then_on() -> None:
    seen: list[Asked] = []

    async def handle(asked: Asked, writer: asyncio.StreamWriter) -> None:
        seen.append(asked)
        if "temperature" in asked.json:
            words = "`temperature` is not supported by this model"
            writer.write(head(400, "application/json") + WIRE.error(words))
        else:
            writer.write(good(WIRE, "fine"))

    async def body() -> None:
        async with serve(handle) as address:
            client = AnthropicModel(Endpoint(address, "key"), "tiny", retries=NEVER)
            for _ in range(2):
                await collect(client.chat(REQUEST))
            await client.close()

    asyncio.run(body())
    assert ["temperature" in asked.json for asked in seen] == [True, False, False]


def test_thoughts_arrive_apart() -> None:
    thought = {"type": "thinking_delta", "thinking": "hmm"}
    thinking = named("content_block_delta", index=0, delta=thought)

    async def handle(asked: Asked, writer: asyncio.StreamWriter) -> None:
        start = head(content_type=WIRE.content_type) + WIRE.begin
        writer.write(start + thinking + WIRE.say("yes") + WIRE.end)

    async def body() -> None:
        async with serve(handle) as address:
            client = AnthropicModel(Endpoint(address, "key"), "tiny")
            deltas = await collect(client.chat(REQUEST))
            await client.close()
            assert "".join(delta.thinking for delta in deltas) == "hmm"
            assert "".join(delta.text for delta in deltas) == "yes"

    asyncio.run(body())


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("overloaded_error", "model.overloaded"),
        ("rate_limit_error", "model.rate_limited"),
        ("api_error", "model.server_error"),
    ],
)
def test_an_error_in_mid_stream_has_the_words_of_its_kind(kind: str, code: str) -> None:
    async def handle(asked: Asked, writer: asyncio.StreamWriter) -> None:
        error = named("error", error={"type": kind, "message": "not now"})
        writer.write(head(content_type=WIRE.content_type) + WIRE.begin + WIRE.say("so far") + error)

    async def body() -> None:
        async with serve(handle) as address:
            client = AnthropicModel(Endpoint(address, "key"), "tiny", retries=NEVER)
            with pytest.raises(ModelError) as caught:
                await collect(client.chat(REQUEST))
            await client.close()
            assert caught.value.code == code
            assert "not now" in caught.value.details

    asyncio.run(body())
