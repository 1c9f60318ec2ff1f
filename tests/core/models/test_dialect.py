"""What is known of a server, by its address or by what it says of itself."""

from __future__ import annotations

import asyncio
import json

import pytest

from core.errors import ModelError
from core.models import dialect
from core.models.base import CompletionRequest, Grammar, JsonSchema
from core.models.endpoint import Endpoint
from core.models.openai_compatible import OpenAICompatibleModel
from core.models.openai_wire import chat_body, completion_body
from tests.core.models.clients import ask, question
from tests.core.models.servers import answering, event, head, piece, serve

SCHEMA = JsonSchema({"type": "object"})


@pytest.mark.parametrize(
    ("row", "name", "context"),
    [
        ({"id": "m", "owned_by": "llamacpp", "meta": {"n_ctx": 4096}}, "llama.cpp", 4096),
        ({"id": "m", "owned_by": "vllm", "max_model_len": 32768}, "vLLM", 32768),
        ({"id": "m", "owned_by": "organization_owner"}, "LM Studio", 0),
        ({"id": "m", "owned_by": "someone"}, "", 0),
    ],
)
def test_a_server_is_known_by_its_list_of_models(row: dict, name: str, context: int) -> None:
    async def body() -> None:
        listing = json.dumps({"data": [{"id": "other"}, row]}).encode()
        async with serve(answering(head(content_type="application/json"), listing)) as address:
            client = OpenAICompatibleModel(Endpoint(f"{address}/v1"), "m")
            await client.start()
            await client.close()
            known = dialect.by_row(row)
            assert known.name == name
            assert client.info.context == context
            assert client.info.capabilities.json_schema == known.capabilities.json_schema

    asyncio.run(body())


def test_a_server_without_a_list_is_used_as_it_is() -> None:
    async def body() -> None:
        async with serve(answering(head(404, "application/json"), b"{}")) as address:
            client = OpenAICompatibleModel(Endpoint(f"{address}/v1"), "m")
            await client.start()
            assert not client.info.capabilities.json_schema
            await client.close()

    asyncio.run(body())


def test_what_a_server_cannot_do_is_never_sent() -> None:
    asked = []

    async def handle(request, writer) -> None:
        asked.append(request)

    async def body() -> None:
        async with serve(handle) as address:
            client = OpenAICompatibleModel(Endpoint(f"{address}/v1"), "m")
            for options in ({"shape": SCHEMA}, {"alternatives": 2}, {"samples": 2}):
                with pytest.raises(ModelError) as caught:
                    await ask(client, question("Hello", **options))
                assert caught.value.code == "model.not_capable"
            await client.close()

    asyncio.run(body())
    assert not asked


def test_each_dialect_has_its_own_words() -> None:
    grammar = question("Hello", shape=Grammar('root ::= "a"'), think=False)
    ours = chat_body(grammar, "m", dialect.LLAMA_CPP)
    assert ours["grammar"] == 'root ::= "a"'
    assert ours["chat_template_kwargs"] == {"enable_thinking": False}
    assert chat_body(grammar, "m", dialect.VLLM)["structured_outputs"] == {"grammar": 'root ::= "a"'}
    assert chat_body(grammar, "m", dialect.OPENAI)["reasoning_effort"] == "low"
    assert chat_body(grammar, "m", dialect.OPENROUTER)["reasoning"] == {"enabled": False}
    gap = CompletionRequest("before", "after")
    assert completion_body(gap, "m", dialect.DEEPSEEK, None)["suffix"] == "after"
    format_ = chat_body(question("Hello", shape=SCHEMA), "m", dialect.OPENAI)["response_format"]
    assert format_["json_schema"]["schema"] == {"type": "object"}


@pytest.mark.parametrize("field", ["reasoning_content", "reasoning", "content"])
def test_thoughts_arrive_apart_in_every_spelling(field: str) -> None:
    thought = "<think>hmm</think>" if field == "content" else "hmm"
    first = event({"choices": [{"index": 0, "delta": {field: thought}}]})

    async def body() -> None:
        parts = (head(), first, piece("yes", "stop"), event("[DONE]"))
        async with serve(answering(*parts)) as address:
            client = OpenAICompatibleModel(Endpoint(f"{address}/v1"), "m")
            deltas = [delta async for delta in client.chat(question("Hello"))]
            await client.close()
            assert "".join(delta.thinking for delta in deltas) == "hmm"
            assert "".join(delta.text for delta in deltas) == "yes"

    asyncio.run(body())
