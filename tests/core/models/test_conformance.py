"""What every model client must do, run against each of them for real.

What a client cannot do it has to refuse, by its own capabilities: nothing is skipped.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import ModelError
from core.models.anthropic_model import AnthropicModel
from core.models.base import (
    Capabilities,
    CompletionRequest,
    Delta,
    Grammar,
    JsonSchema,
    ModelClient,
    ModelInfo,
)
from core.models.embedded import EmbeddedModel
from core.models.endpoint import Endpoint
from core.models.ollama import OllamaModel
from core.models.openai_compatible import OpenAICompatibleModel
from core.models.scripted import ScriptedAnswer, ScriptedModel
from tests.core.models.clients import ask, collect, question
from tests.core.models.conftest import CONTEXT, THREADS
from tests.core.models.servers import OLLAMA_MODEL, OllamaServer

_NAME = "Qwen2.5-Coder 1.5B"
_COUNTING = "One, two, three, four, five, six, seven, eight, nine, ten, eleven, twelve."
_GAP = ("def add(a, b):\n    return ", "\n\nprint(add(1, 2))\n")


def keeps_the_protocol(make: Callable[[], ModelClient]) -> None:
    """One start of the model for all of it: loading is the slow part."""

    async def check() -> None:
        client = make()
        try:
            await client.start()
            await client.start()
            for part in PARTS:
                await part(client)
        finally:
            await client.close()
            await client.close()

    asyncio.run(check())


@pytest.mark.model
@pytest.mark.slow
def test_the_embedded_model_keeps_the_protocol(model_file: Path) -> None:
    keeps_the_protocol(lambda: EmbeddedModel(model_file, _NAME, context=CONTEXT, threads=THREADS))


@pytest.mark.model
@pytest.mark.slow
def test_llama_cpps_own_http_server_keeps_the_protocol(llama_server: Endpoint) -> None:
    """Without what the embedded client adds."""
    keeps_the_protocol(lambda: OpenAICompatibleModel(llama_server, "tiny"))


@pytest.mark.model
@pytest.mark.slow
def test_a_real_ollama_keeps_the_protocol(ollama_server: OllamaServer) -> None:
    host = ollama_server.host
    keeps_the_protocol(lambda: OllamaModel(host, OLLAMA_MODEL, context=CONTEXT, keep_alive="-1m"))


@pytest.mark.model
@pytest.mark.slow
def test_anthropics_wire_format_with_a_real_model_behind_it_keeps_the_protocol(
    llama_server: Endpoint,
) -> None:
    """llama.cpp's server speaks that format too, but for the schema."""
    can = Capabilities(thinking=True, prefix_cache=True, counts_tokens=True, counts_cached=True)
    info = ModelInfo("anthropic:tiny", "tiny", CONTEXT, can)
    endpoint = replace(llama_server, base_url=llama_server.root)
    keeps_the_protocol(lambda: AnthropicModel(endpoint, "tiny", info=info))


def test_a_transcript_keeps_the_protocol() -> None:
    answers = [
        ScriptedAnswer(_COUNTING, contains="numbers"),
        ScriptedAnswer(_COUNTING, contains="One, two,"),
        ScriptedAnswer("a + b", before=_GAP[0]),
    ]
    keeps_the_protocol(lambda: ScriptedModel(answers, delay=0.02))


async def _streams_in_pieces_and_ends_with_usage(client: ModelClient) -> None:
    request = question("Write the numbers one to ten in words.", max_tokens=30)
    deltas = await collect(client.chat(request))
    assert len([delta for delta in deltas if delta.text]) > 3
    assert [delta.usage for delta in deltas[:-1]] == [None] * (len(deltas) - 1)
    last = deltas[-1]
    assert last.usage.prompt > 5
    assert 0 < last.usage.completion <= 30
    assert last.usage.estimated is not client.info.capabilities.counts_tokens
    assert last.finish in ("stop", "length")
    assert last.timing.first_seconds > 0
    assert last.timing.tokens_per_second > 0


async def _stops_at_the_token_limit(client: ModelClient) -> None:
    _, usage, finish = await ask(client, question("Write the numbers one to fifty.", max_tokens=4))
    assert finish == "length"
    assert usage.completion <= 4


async def _stops_before_a_stop_sequence(client: ModelClient) -> None:
    request = question(
        "Write the numbers one to nine in words, separated by commas.", max_tokens=40, stop=(",",)
    )
    text, _, finish = await ask(client, request)
    assert text
    assert "," not in text
    assert finish == "stop"


async def _the_same_seed_gives_the_same_answer(client: ModelClient) -> None:
    if client.info.capabilities.seed:
        request = question("Write three numbers.", max_tokens=8, temperature=1.0, seed=7)
        assert (await ask(client, request))[0] == (await ask(client, request))[0]


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


async def _reads_a_shared_prefix_once(client: ModelClient) -> None:
    """By the server's own counts: of the second prompt, only what is new is evaluated."""
    prefix = "These are numbers of a long list. " * 12
    _, first, _ = await ask(client, question(prefix + "First question?", max_tokens=2))
    _, second, _ = await ask(client, question(prefix + "Another one?", max_tokens=2))
    assert 0 <= second.cached <= second.prompt
    if client.info.capabilities.counts_cached:
        assert second.prompt - second.cached < 20
        assert first.prompt > 80


async def _tells_the_chances_of_its_tokens(client: ModelClient) -> None:
    request = question("Write the numbers one to ten in words.", max_tokens=6, alternatives=2)
    if not client.info.capabilities.log_probabilities:
        return await _refuses(client.chat(request))
    deltas = await collect(client.chat(request))
    tokens = [token for delta in deltas for token in delta.tokens]
    assert "".join(token.text for token in tokens) == "".join(delta.text for delta in deltas)
    assert len(tokens) == deltas[-1].usage.completion
    assert all(token.chance <= 0 and len(token.others) == 2 for token in tokens)
    # Greedy: each token is the best of its place.
    assert all(token.others[0][0] == token.text for token in tokens)
    return None


async def _keeps_to_a_json_schema(client: ModelClient) -> None:
    properties = {"sum": {"type": "integer"}, "sure": {"type": "boolean"}}
    schema = {"type": "object", "properties": properties, "required": ["sum", "sure"]}
    request = question("What do the numbers 2 and 3 make?", max_tokens=60, shape=JsonSchema(schema))
    if not client.info.capabilities.json_schema:
        return await _refuses(client.chat(request))
    text, _, _ = await ask(client, request)
    value = json.loads(text)
    assert isinstance(value["sum"], int)
    assert isinstance(value["sure"], bool)
    return None


async def _keeps_to_a_grammar(client: ModelClient) -> None:
    request = question("Say numbers.", max_tokens=9, shape=Grammar('root ::= "maybe" | "never"'))
    if not client.info.capabilities.grammar:
        return await _refuses(client.chat(request))
    assert (await ask(client, request))[0] in ("maybe", "never")
    return None


async def _completes_raw_text(client: ModelClient) -> None:
    request = CompletionRequest("One, two, three, four,", max_tokens=6)
    if not client.info.capabilities.completion:
        return await _refuses(client.complete(request))
    deltas = await collect(client.complete(request))
    assert deltas[-1].usage.completion <= 6
    assert deltas[-1].finish == "length"
    assert "five" in "".join(delta.text for delta in deltas) or client.info.name == "scripted"
    return None


async def _fills_a_gap(client: ModelClient) -> None:
    before, after = _GAP
    request = CompletionRequest(before, after, max_tokens=8, stop=("\n",))
    if not client.info.capabilities.infill:
        return await _refuses(client.complete(request))
    deltas = await collect(client.complete(request))
    assert "".join(delta.text for delta in deltas).strip() == "a + b"
    return None


async def _turns_text_into_vectors(client: ModelClient) -> None:
    texts = ("a red apple", "a red apple", "parse the configuration file")
    if not client.info.capabilities.embeddings:
        with pytest.raises(ModelError) as caught:
            await client.embed(texts)
        assert caught.value.code == "model.not_capable"
        return
    one, same, other = await client.embed(texts)
    assert len(one) == len(same) == len(other) > 100
    assert _cosine(one, same) > 0.99 > _cosine(one, other)
    assert await client.embed(()) == ()


async def _gives_several_answers(client: ModelClient) -> None:
    request = question("Write numbers.", max_tokens=4, samples=2, temperature=1.0)
    if not client.info.capabilities.samples:
        return await _refuses(client.chat(request))
    deltas = await collect(client.chat(request))
    assert {delta.sample for delta in deltas if delta.text} == {0, 1}
    assert [delta.sample for delta in deltas if delta.finish and not delta.usage] == [0, 1]
    return None


async def _keeps_thoughts_apart(client: ModelClient) -> None:
    """This model has none; asking it not to think must harm nothing."""
    request = question("Write the numbers one to three.", max_tokens=5, think=False)
    deltas = await collect(client.chat(request))
    assert any(delta.text for delta in deltas)
    assert not any(delta.thinking for delta in deltas)


PARTS: tuple[Callable[[ModelClient], Awaitable[None]], ...] = (
    _streams_in_pieces_and_ends_with_usage,
    _stops_at_the_token_limit,
    _stops_before_a_stop_sequence,
    _the_same_seed_gives_the_same_answer,
    _answers_after_a_cancelled_task,
    _answers_after_a_closed_iterator,
    _reads_a_shared_prefix_once,
    _tells_the_chances_of_its_tokens,
    _keeps_to_a_json_schema,
    _keeps_to_a_grammar,
    _completes_raw_text,
    _fills_a_gap,
    _turns_text_into_vectors,
    _gives_several_answers,
    _keeps_thoughts_apart,
)


async def _refuses(stream: AsyncIterator[Delta]) -> None:
    with pytest.raises(ModelError) as caught:
        await collect(stream)
    assert caught.value.code == "model.not_capable"
    assert caught.value.sentence.endswith(".")


def _cosine(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    dot = sum(a * b for a, b in zip(one, other, strict=True))
    return dot / (sum(a * a for a in one) * sum(b * b for b in other)) ** 0.5
