"""Prompts that a server cuts without a word: a wire server that drops tokens, and a real Ollama."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import time

import pytest

from core.errors import TruncatedPrompt
from core.events import Body, PromptDropped
from core.models.base import ChatRequest, Message, ModelClient
from core.models.book import LimitRecord
from core.models.endpoint import Endpoint
from core.models.ollama import OllamaModel
from core.models.ollama_server import is_listening
from core.models.openai_compatible import OpenAICompatibleModel
from core.models.roles import ModelRoles
from core.models.truncation import limit_after, wanted_context
from core.search.door import ModelDoor
from core.search.meter import Meter
from core.types import Budget
from tests.core.models.servers import (
    OLLAMA_MODEL,
    Asked,
    Handler,
    OllamaServer,
    event,
    head,
    piece,
    serve,
)

CODE = "\n".join(f"def parse_{n}(line, limit): return line.split(chr({n}))[:limit]" for n in range(120))


def asking(text: str) -> ChatRequest:
    return ChatRequest((Message("user", text),), max_tokens=8)


Found = tuple[TruncatedPrompt | None, list[Body]]


async def through_the_door(client: ModelClient, *texts: str) -> Found:
    """Put questions until one is caught."""
    events: list[Body] = []
    door = ModelDoor(ModelRoles(client), Meter(Budget(300.0)), events.append)
    try:
        await client.start()
        for text in texts:
            await door("direct", asking(text))
    except TruncatedPrompt as error:
        return error, events
    finally:
        await client.close()
    return None, events


def dropping(most: int, *, has_tokenizer: bool) -> Handler:
    """A server that reads the last ``most`` tokens of a prompt; three characters are a token."""

    async def handle(asked: Asked, writer: asyncio.StreamWriter) -> None:
        if asked.path == "/v1/models":
            owner = "llamacpp" if has_tokenizer else "somebody"
            rows = {"data": [{"id": "m", "owned_by": owner}]}
            writer.write(head(content_type="application/json") + json.dumps(rows).encode())
        elif asked.path == "/tokenize":
            tokens = [0] * (len(str(asked.json["content"])) // 3)
            writer.write(head(content_type="application/json") + json.dumps({"tokens": tokens}).encode())
        else:
            said = "".join(str(message["content"]) for message in asked.json["messages"])
            counted = min(most, len(said) // 3 + 3)
            usage = {"choices": [], "usage": {"prompt_tokens": counted, "completion_tokens": 1}}
            writer.write(head() + piece("Hello", "stop") + event(usage) + event("[DONE]"))

    return handle


def ask_server(handler: Handler, *texts: str) -> Found:
    async def work() -> Found:
        async with serve(handler) as address:
            return await through_the_door(OpenAICompatibleModel(Endpoint(f"{address}/v1"), "m"), *texts)

    return asyncio.run(work())


def test_a_server_with_a_tokenizer_is_caught_to_the_token() -> None:
    error, events = ask_server(dropping(100, has_tokenizer=True), "one two three", "word " * 90)
    assert error is not None
    assert (error.sent, error.counted) == (150, 100)
    assert "dropped 50 tokens" in error.sentence
    assert error.remedies[0].action == "mend_truncation"
    assert error.remedies[0].shell == "greenbar models limit openai:m --prompt 100"
    assert [body for body in events if isinstance(body, PromptDropped)] == [
        PromptDropped("openai:m", 150, 100)
    ]


def test_a_server_without_one_is_caught_beyond_the_tolerance() -> None:
    error, _ = ask_server(dropping(100, has_tokenizer=False), CODE)
    assert error is not None
    assert error.counted == 100
    assert "at least" in error.sentence


def test_after_a_few_whole_prompts_the_tolerance_is_narrower() -> None:
    short, long = CODE[:1200], CODE[:6600]
    assert ask_server(dropping(1200, has_tokenizer=False), long)[0] is None
    error, _ = ask_server(dropping(1200, has_tokenizer=False), short, short, short, long)
    assert error is not None


def test_whole_prompts_of_every_kind_pass() -> None:
    texts = ("x", "word " * 400, CODE, "    " * 500, "0123456789 " * 300)
    for has_tokenizer in (True, False):
        assert ask_server(dropping(10**6, has_tokenizer=has_tokenizer), *texts)[0] is None


def test_what_mends_it_is_a_context_for_ollama_and_a_shorter_prompt_for_others() -> None:
    assert limit_after("ollama:m", 3000, 2000) == LimitRecord("ollama:m", context=4096)
    assert limit_after("endpoint:m", 3000, 2000) == LimitRecord("endpoint:m", prompt=2000)
    assert wanted_context(3072) == 4096
    assert wanted_context(3073) == 8192


@pytest.mark.model
@pytest.mark.slow
def test_a_real_ollama_with_a_small_context_is_caught(ollama_server: OllamaServer) -> None:
    """A server of its own over the same models: another context is another process of Ollama's."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{free.getsockname()[1]}"
    env = {**ollama_server.env, "OLLAMA_HOST": host}
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen([ollama_server.program, "serve"], env=env, **quiet) as process:  # type: ignore[call-overload]
        try:
            deadline = time.monotonic() + 30
            while not asyncio.run(is_listening(f"http://{host}")):
                assert time.monotonic() < deadline
                time.sleep(0.1)
            client = OllamaModel(f"http://{host}", OLLAMA_MODEL, context=256)
            error, events = asyncio.run(
                through_the_door(client, CODE[:150], CODE[150:300], CODE[300:450], CODE[:1500])
            )
        finally:
            process.terminate()
    assert error is not None
    assert error.counted <= 256 < error.sent
    assert error.remedies[0].label == "Raise the context to 2,048 tokens"
    assert PromptDropped(error.spec, error.sent, error.counted) in events
