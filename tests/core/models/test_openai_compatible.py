"""The OpenAI-compatible client against servers that answer well, oddly and badly."""

from __future__ import annotations

import asyncio
import socket
import time

import pytest

from core.errors import ModelError
from core.models.endpoint import Endpoint, normalise_base_url
from core.models.openai_compatible import OpenAICompatibleModel, list_models
from core.models.retry import Retries
from core.types import TokenUsage
from tests.core.models.clients import ask, question
from tests.core.models.servers import Asked, Handler, answering, event, head, piece, serve

DONE = event("[DONE]")
QUICK = Retries(base=0.01)
JSON = "application/json"
PAGE = b"<!DOCTYPE html><html><body>Please log in to the company's proxy</body></html>"


def answer_of(handler: Handler, key: str = "") -> tuple[str, TokenUsage, str]:
    async def body() -> tuple[str, TokenUsage, str]:
        async with serve(handler) as address:
            client = OpenAICompatibleModel(Endpoint(f"{address}/v1", key), "tiny", retries=QUICK)
            try:
                return await ask(
                    client, question("Hello, how are you?", max_tokens=9, seed=3, stop=("X",))
                )
            finally:
                await client.close()

    return asyncio.run(body())


def error_of(handler: Handler) -> ModelError:
    with pytest.raises(ModelError) as caught:
        answer_of(handler)
    error = caught.value
    assert error.sentence.endswith(".")
    assert error.sentence.count(". ") == 0, "one sentence"
    assert error.remedies
    return error


def test_it_sends_the_key_and_every_option_and_reads_text_and_usage() -> None:
    seen: list[Asked] = []

    async def handle(asked: Asked, writer: asyncio.StreamWriter) -> None:
        seen.append(asked)
        usage = {"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 2}}
        for part in (head(), piece("Hé"), b": ping\n\n", piece("llo", "stop"), event(usage), DONE):
            writer.write(part)

    assert answer_of(handle, key="secret") == ("Héllo", TokenUsage(7, 2), "stop")
    (asked,) = seen
    assert (asked.method, asked.path) == ("POST", "/v1/chat/completions")
    assert asked.headers["authorization"] == "Bearer secret"
    assert asked.json == {
        "model": "tiny",
        "messages": [{"role": "user", "content": "Hello, how are you?"}],
        "stream": True,
        "stream_options": {"include_usage": True},
        "max_tokens": 9,
        "temperature": 0.0,
        "seed": 3,
        "stop": ["X"],
    }


def test_a_character_cut_in_half_between_two_chunks_arrives_whole() -> None:
    whole = head() + piece("naïve") + piece("", "stop") + DONE
    raw = whole.replace(rb"\u00ef", "ï".encode())
    cut = raw.index("ï".encode()) + 1

    async def handle(asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(raw[:cut])
        await writer.drain()
        await asyncio.sleep(0.05)
        writer.write(raw[cut:])

    assert answer_of(handle)[0] == "naïve"


def test_usage_is_estimated_and_says_so_where_the_server_does_not_count() -> None:
    text, usage, finish = answer_of(answering(head(), piece("four" * 5), piece("", "length"), DONE))
    assert (text, finish) == ("four" * 5, "length")
    assert usage == TokenUsage(5, 5, estimated=True)


def test_a_server_that_does_not_stream_is_understood() -> None:
    body = (
        b'{"choices":[{"message":{"content":"whole"},"finish_reason":"stop"}],'
        b'"usage":{"prompt_tokens":3,"completion_tokens":1}}'
    )
    assert answer_of(answering(head(content_type=JSON), body)) == ("whole", TokenUsage(3, 1), "stop")


def test_parameters_that_a_server_refuses_are_left_out_from_then_on() -> None:
    bodies: list[dict[str, object]] = []

    async def handle(asked: Asked, writer: asyncio.StreamWriter) -> None:
        bodies.append(asked.json)
        if "stream_options" in asked.json:
            writer.write(head(400, JSON) + b'{"error": {"message": "unknown field: stream_options "}}')
        elif "max_tokens" in asked.json:
            message = "'max_tokens' is not supported; use 'max_completion_tokens' instead."
            writer.write(head(400, JSON) + f'{{"error": {{"message": "{message}"}}}}'.encode())
        else:
            writer.write(head() + piece("ok", "stop") + DONE)

    assert answer_of(handle)[0] == "ok"
    assert len(bodies) == 3
    assert bodies[-1]["max_completion_tokens"] == 9


@pytest.mark.parametrize(
    ("status", "body", "code", "words"),
    [
        (401, b'{"error":{"message":"bad key"}}', "model.unauthorized", "refused the key"),
        (402, b"{}", "model.payment", "payment"),
        (404, b'{"error":"no such model"}', "model.not_found", "no model named tiny"),
        (413, b"", "model.prompt_too_long", "too long"),
        (429, b'{"error":{"message":"quota"}}', "model.rate_limited", "slow down"),
        (500, b"boom", "model.server_error", "status 500"),
        (529, b"{}", "model.overloaded", "status 529"),
        (400, b'{"error":{"message":"exceeds the context size"}}', "model.prompt_too_long", "too long"),
        (500, b'{"error":"CUDA out of memory"}', "model.out_of_memory", "memory"),
        (418, b"[1", "model.refused", "status 418"),
        (502, PAGE, "model.not_an_api", "web page"),
    ],
)
def test_each_status_has_its_own_words(status: int, body: bytes, code: str, words: str) -> None:
    error = error_of(answering(head(status, JSON), body))
    assert error.code == code
    assert words in error.sentence


def test_a_web_page_with_status_200_is_called_a_web_page() -> None:
    error = error_of(answering(head(content_type="text/html"), PAGE))
    assert error.code == "model.not_an_api"
    assert "company's proxy" in error.details


@pytest.mark.parametrize(
    "bad", [b"data: {broken\n\n", b"data: [1]\n\n", event({"choices": [7]}), event({"choices": 5})]
)
def test_a_malformed_stream_is_an_answer_that_cannot_be_read(bad: bytes) -> None:
    assert error_of(answering(head(), piece("so far"), bad)).code == "model.bad_stream"


def test_an_error_in_mid_stream_is_raised() -> None:
    error = error_of(
        answering(head(), piece("a"), event({"error": {"code": 500, "message": "slot lost"}}))
    )
    assert error.code == "model.server_error"
    assert "slot lost" in error.details


@pytest.mark.parametrize("ending", [b"", b'data: {"choi'])
def test_a_server_that_dies_in_mid_stream_has_broken_off(ending: bytes) -> None:
    assert error_of(answering(head(), piece("half an"), ending)).code == "model.cut_off"
    short = head(content_length=10_000)
    assert error_of(answering(short, piece("half an"), ending)).code == "model.cut_off"


def test_nobody_at_the_address_is_said_at_once() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"

        async def body() -> None:
            client = OpenAICompatibleModel(Endpoint(url), "tiny")
            with pytest.raises(ModelError) as caught:
                await ask(client, question("Hello"))
            await client.close()
            assert caught.value.code == "model.unreachable"
            assert url in caught.value.sentence

        asyncio.run(body())


@pytest.mark.parametrize("url", ["http://127.0.0.1:port/v1", "ftp://127.0.0.1/v1"])
def test_an_address_that_is_none_is_a_model_error(url: str) -> None:
    async def body() -> None:
        client = OpenAICompatibleModel(Endpoint(url), "tiny")
        with pytest.raises(ModelError):
            await ask(client, question("Hello"))
        with pytest.raises(ModelError):
            await list_models(Endpoint(url))
        await client.close()

    asyncio.run(body())


def test_a_password_in_the_address_is_not_shown() -> None:
    async def body() -> None:
        with pytest.raises(ModelError) as caught:
            await list_models(Endpoint("http://me:hunter2@127.0.0.1:9/v1"))
        assert "hunter2" not in caught.value.sentence + caught.value.details

    asyncio.run(body())
    assert "sk-123" not in repr(Endpoint("http://x/v1", "sk-123"))


def test_closing_the_iterator_hangs_up() -> None:
    async def body() -> None:
        gone = asyncio.Event()

        async def handle(asked: Asked, writer: asyncio.StreamWriter) -> None:
            writer.write(head())
            try:
                while True:
                    writer.write(piece("x "))
                    await writer.drain()
                    await asyncio.sleep(0.01)
            finally:
                gone.set()

        async with serve(handle) as address:
            client = OpenAICompatibleModel(Endpoint(f"{address}/v1"), "tiny")
            deltas = client.chat(question("Go on for ever"))
            await anext(deltas)
            start = time.monotonic()
            await deltas.aclose()
            await asyncio.wait_for(gone.wait(), 2)
            assert time.monotonic() - start < 1
            await client.close()

    asyncio.run(body())


def test_models_are_listed_and_a_wrong_list_is_an_error() -> None:
    async def body() -> None:
        async with serve(answering(head(content_type=JSON), b'{"data":[{"id":"a"},{"id":"b"}]}')) as url:
            assert await list_models(Endpoint(f"{url}/v1")) == ("a", "b")
        for bad, code in ((PAGE, "model.not_an_api"), (b'{"x":1}', "model.bad_stream")):
            async with serve(answering(head(content_type=JSON), bad)) as url:
                with pytest.raises(ModelError) as caught:
                    await list_models(Endpoint(f"{url}/v1"))
                assert caught.value.code == code

    asyncio.run(body())


def test_a_server_that_never_answers_is_given_up_in_time() -> None:
    async def body() -> None:
        async def handle(asked: Asked, writer: asyncio.StreamWriter) -> None:
            await asyncio.sleep(60)

        async with serve(handle) as url:
            with pytest.raises(ModelError) as caught:
                await list_models(Endpoint(f"{url}/v1"), seconds=0.2)
            assert caught.value.code == "model.timeout"

    asyncio.run(body())


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("http://localhost:1234/v1/", "http://localhost:1234/v1"),
        ("localhost:1234", "http://localhost:1234/v1"),
        (" 127.0.0.1:8080/openai ", "http://127.0.0.1:8080/openai"),
        ("api.example.com", "https://api.example.com/v1"),
        ("https://openrouter.ai/api/v1", "https://openrouter.ai/api/v1"),
    ],
)
def test_a_base_url_is_completed(text: str, url: str) -> None:
    assert normalise_base_url(text) == url
