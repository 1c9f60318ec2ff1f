"""What every model client must do, run against each of them for real."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import pytest

from core.models.base import ModelClient
from core.models.embedded import EmbeddedModel
from core.models.openai_compatible import OpenAICompatibleModel
from core.models.scripted import ScriptedAnswer, ScriptedModel
from tests.core.models.clients import ask, question

_NAME = "Qwen2.5-Coder 1.5B"
_COUNTING = "One, two, three, four, five, six, seven, eight, nine, ten, eleven, twelve."


@asynccontextmanager
async def embedded(file: Path) -> AsyncIterator[ModelClient]:
    client = EmbeddedModel(file, _NAME, context=2048)
    try:
        yield client
    finally:
        await client.close()


@asynccontextmanager
async def endpoint_of_the_child(file: Path) -> AsyncIterator[ModelClient]:
    """llama.cpp's own OpenAI-compatible server, without what the embedded client adds."""
    host = EmbeddedModel(file, _NAME, context=2048)
    await host.start()
    assert host.server is not None
    client = OpenAICompatibleModel(host.server.endpoint, _NAME)
    try:
        yield client
    finally:
        await client.close()
        await host.close()


@asynccontextmanager
async def scripted(file: Path | None) -> AsyncIterator[ModelClient]:
    client = ScriptedModel([ScriptedAnswer(_COUNTING, contains="numbers")], delay=0.002)
    try:
        yield client
    finally:
        await client.close()


real = pytest.mark.model


@pytest.fixture(
    params=[
        pytest.param(embedded, marks=real, id="embedded"),
        pytest.param(endpoint_of_the_child, marks=real, id="llama.cpp"),
        pytest.param(scripted, id="scripted"),
    ]
)
def opened(request: pytest.FixtureRequest) -> Callable[[], object]:
    factory = request.param
    file = None if factory is scripted else request.getfixturevalue("model_file")
    return lambda: factory(file)


def test_every_client_keeps_the_protocol(opened) -> None:
    """One start of the model for all of it: loading is the slow part."""

    async def check() -> None:
        async with opened() as client:
            await client.start()
            await client.start()
            await _streams_in_pieces_and_ends_with_usage(client)
            await _stops_at_the_token_limit(client)
            await _stops_before_a_stop_sequence(client)
            await _answers_after_a_cancelled_task(client)
            await _answers_after_a_closed_iterator(client)
            await client.close()

    asyncio.run(check())


async def _streams_in_pieces_and_ends_with_usage(client: ModelClient) -> None:
    request = question("Write the numbers one to ten in words.", max_tokens=30)
    async with aclosing(client.chat(request)) as stream:
        deltas = [delta async for delta in stream]
    assert len([delta for delta in deltas if delta.text]) > 3
    assert [delta.usage for delta in deltas[:-1]] == [None] * (len(deltas) - 1)
    assert deltas[-1].usage.prompt > 5
    assert 0 < deltas[-1].usage.completion <= 30
    assert deltas[-1].usage.estimated is not client.info.capabilities.counts_tokens
    assert deltas[-1].finish in ("stop", "length")


async def _stops_at_the_token_limit(client: ModelClient) -> None:
    _, usage, finish = await ask(client, question("Write the numbers one to fifty.", max_tokens=4))
    assert finish == "length"
    assert usage.completion <= 4


async def _stops_before_a_stop_sequence(client: ModelClient) -> None:
    text, _, finish = await ask(
        client,
        question(
            "Write the numbers one to nine in words, separated by commas.", max_tokens=40, stop=(",",)
        ),
    )
    assert text
    assert "," not in text
    assert finish == "stop"


async def _answers_after_a_cancelled_task(client: ModelClient) -> None:
    started = asyncio.Event()

    async def read() -> None:
        async for delta in client.chat(
            question("Write the numbers one to 900 in words.", max_tokens=900)
        ):
            if delta.text:
                started.set()

    task = asyncio.create_task(read())
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    text, _, _ = await ask(client, question("Write the numbers one to three.", max_tokens=3))
    assert text


async def _answers_after_a_closed_iterator(client: ModelClient) -> None:
    deltas = client.chat(question("Write the numbers one to 900 in words.", max_tokens=900))
    async for delta in deltas:
        if delta.text:
            break
    await deltas.aclose()
    text, _, _ = await ask(client, question("Write the numbers one to three.", max_tokens=3))
    assert text
