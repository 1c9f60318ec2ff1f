"""The Ollama client against a local server that speaks Ollama's newline-separated JSON."""

from __future__ import annotations

import asyncio
import hashlib
import json
import socket
import time

import pytest

from core.errors import ModelError
from core.models.ollama import OllamaModel
from core.models.ollama_server import is_listening, list_models, normalise_host, pull, version
from core.types import TokenUsage
from tests.core.models.clients import ask, collect, question
from tests.core.models.gguf_files import gguf
from tests.core.models.servers import (
    OLLAMA_MODEL,
    Asked,
    Handler,
    OllamaServer,
    answering,
    head,
    serve,
)

NDJSON = "application/x-ndjson"
JSON = "application/json"


def line(**fields: object) -> bytes:
    return json.dumps({"model": "tiny", "created_at": "2026-01-01T00:00:00Z", **fields}).encode() + b"\n"


def piece(text: str) -> bytes:
    return line(message={"role": "assistant", "content": text}, done=False)


def last(reason: str = "stop", **counts: int) -> bytes:
    return line(message={"role": "assistant", "content": ""}, done=True, done_reason=reason, **counts)


def answer_of(handler: Handler) -> tuple[str, TokenUsage, str]:
    async def body() -> tuple[str, TokenUsage, str]:
        async with serve(handler) as address:
            client = OllamaModel(address, "tiny", context=4096)
            try:
                return await ask(client, question("Hello", max_tokens=9, seed=3, stop=("X",)))
            finally:
                await client.close()

    return asyncio.run(body())


def error_of(handler: Handler) -> ModelError:
    with pytest.raises(ModelError) as caught:
        answer_of(handler)
    assert caught.value.sentence.endswith(".")
    assert caught.value.remedies
    return caught.value


def test_it_sets_the_context_with_each_request_and_reads_text_and_counts() -> None:
    seen: list[Asked] = []

    async def handle(asked: Asked, writer: asyncio.StreamWriter) -> None:
        seen.append(asked)
        counted = last(prompt_eval_count=11, eval_count=2)
        writer.write(head(content_type=NDJSON) + piece("Hé") + piece("llo") + counted)

    assert answer_of(handle) == ("Héllo", TokenUsage(11, 2), "stop")
    (asked,) = seen
    assert (asked.method, asked.path) == ("POST", "/api/chat")
    options = {"num_ctx": 4096, "num_predict": 9, "temperature": 0.0, "seed": 3, "stop": ["X"]}
    assert asked.json["options"] == options
    assert asked.json["messages"] == [{"role": "user", "content": "Hello"}]


def test_the_token_limit_is_told_and_missing_counts_are_estimates() -> None:
    handler = answering(head(content_type=NDJSON), piece("abcdefgh"), last("length"))
    assert answer_of(handler) == ("abcdefgh", TokenUsage(2, 2, estimated=True), "length")


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (404, b'{"error":"model \\"tiny\\" not found, try pulling it first"}', "model.not_found"),
        (500, b'{"error":"model requires more system memory (9 GiB)"}', "model.out_of_memory"),
        (500, b'{"error":"llama runner process has terminated"}', "model.server_error"),
        (502, b"<html>Bad gateway</html>", "model.not_an_api"),
        (200, b"<html>Log in</html>\n", "model.not_an_api"),
        (200, b'{"message": 5}\n', "model.bad_stream"),
        (200, b"{half", "model.bad_stream"),
        (200, piece("half an answer"), "model.cut_off"),
        (200, b'{"error":"unexpected EOF"}\n', "model.server_error"),
    ],
)
def test_each_failure_has_its_own_words(status: int, body: bytes, code: str) -> None:
    error = error_of(answering(head(status, NDJSON), body))
    assert error.code == code
    if code == "model.not_found":
        assert error.remedies[0].shell == "ollama pull tiny"


def test_where_ollama_is_absent_the_remedy_starts_it() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        host = f"http://127.0.0.1:{free.getsockname()[1]}"

        async def body() -> None:
            assert not await is_listening(host)
            client = OllamaModel(host, "tiny")
            for action in (ask(client, question("Hello")), client.start(), list_models(host)):
                with pytest.raises(ModelError) as caught:
                    await action
                assert caught.value.code == "model.unreachable"
                assert caught.value.remedies[0].shell == "ollama serve"
            await client.close()

        asyncio.run(body())


def test_models_are_listed_with_their_sizes() -> None:
    rows = {"models": [{"name": "tiny", "model": "tiny:latest", "size": 5, "digest": "d"}]}

    async def body() -> None:
        async with serve(answering(head(content_type=JSON), json.dumps(rows).encode())) as host:
            assert await is_listening(host)
            (record,) = await list_models(host)
            assert (record.name, record.size_bytes) == ("tiny:latest", 5)

    asyncio.run(body())


def test_cancelling_hangs_up() -> None:
    async def body() -> None:
        gone, begun = asyncio.Event(), asyncio.Event()

        async def handle(asked: Asked, writer: asyncio.StreamWriter) -> None:
            writer.write(head(content_type=NDJSON))
            try:
                while True:
                    writer.write(piece("x "))
                    await writer.drain()
                    begun.set()
                    await asyncio.sleep(0.01)
            finally:
                gone.set()

        async with serve(handle) as host:
            client = OllamaModel(host, "tiny")
            task = asyncio.create_task(ask(client, question("Go on for ever")))
            await begun.wait()
            start = time.monotonic()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await asyncio.wait_for(gone.wait(), 2)
            assert time.monotonic() - start < 1
            await client.close()

    asyncio.run(body())


@pytest.mark.parametrize(
    ("text", "url"),
    [
        (None, "http://127.0.0.1:11434"),
        ("", "http://127.0.0.1:11434"),
        ("0.0.0.0", "http://127.0.0.1:11434"),
        ("0.0.0.0:8080", "http://127.0.0.1:8080"),
        ("http://0.0.0.0:8080", "http://127.0.0.1:8080"),
        (":56789", "http://127.0.0.1:56789"),
        ("box", "http://box:11434"),
        ("box:1234/", "http://box:1234"),
        (" 'box:1234' ", "http://box:1234"),
        ("https://box", "https://box:443"),
        ("http://box", "http://box:80"),
        ("https://box/ollama/", "https://box:443/ollama"),
        ("[::1]:7", "http://[::1]:7"),
        ("::1", "http://[::1]:11434"),
        ("[::]", "http://[::1]:11434"),
        ("box:port", "http://box:11434"),
    ],
)
def test_every_spelling_of_the_host_is_understood(text: str | None, url: str) -> None:
    assert normalise_host(text) == url


def test_a_prompt_that_cannot_fit_is_never_sent() -> None:
    asked: list[Asked] = []

    async def handle(request: Asked, writer: asyncio.StreamWriter) -> None:
        asked.append(request)
        writer.write(head(content_type=NDJSON) + piece("x") + last(prompt_eval_count=900, eval_count=1))

    words = " ".join(f"word{number}" for number in range(2000))

    async def body() -> None:
        async with serve(handle) as address:
            client = OllamaModel(address, "tiny", context=1024)
            with pytest.raises(ModelError) as caught:
                await ask(client, question(words))
            await client.close()
            assert caught.value.code == "model.prompt_too_long"

    asyncio.run(body())
    assert not asked


def test_a_model_that_needs_a_newer_ollama_says_so() -> None:
    body = b'{"error":"this model requires a newer version of Ollama"}'
    error = error_of(answering(head(412, JSON), body))
    assert error.code == "model.server_old"
    assert error.sentence == "Ollama is too old for tiny."


def test_thoughts_are_asked_for_only_where_there_are_some_and_arrive_apart() -> None:
    seen: list[Asked] = []
    shown = {"capabilities": ["completion", "thinking"], "model_info": {}, "details": {}}
    thought = line(message={"role": "assistant", "content": "", "thinking": "hmm"}, done=False)

    async def handle(asked: Asked, writer: asyncio.StreamWriter) -> None:
        seen.append(asked)
        answers = {"/api/show": json.dumps(shown).encode(), "/api/version": b'{"version":"0.5.1"}'}
        if asked.path in answers:
            writer.write(head(content_type=JSON) + answers[asked.path])
        elif asked.path == "/api/generate":
            writer.write(head(content_type=JSON) + line(response="", done=True))
        else:
            counted = last(prompt_eval_count=5, eval_count=2)
            writer.write(head(content_type=NDJSON) + thought + piece("yes") + counted)

    async def body() -> None:
        async with serve(handle) as address:
            client = OllamaModel(address, "tiny")
            await ask(client, question("Hello", think=True))
            await client.start()
            assert client.info.capabilities.thinking
            assert not client.info.capabilities.log_probabilities
            deltas = await collect(client.chat(question("Hello", think=True)))
            await client.close()
            assert "".join(delta.thinking for delta in deltas) == "hmm"
            assert "".join(delta.text for delta in deltas) == "yes"

    asyncio.run(body())
    chats = [asked for asked in seen if asked.path == "/api/chat"]
    assert [asked.json.get("think") for asked in chats] == [None, True]


@pytest.mark.model
def test_a_real_ollama_names_a_model_that_it_lacks(ollama_server: OllamaServer) -> None:
    async def body() -> None:
        assert await version(ollama_server.host) >= (0, 6)
        assert OLLAMA_MODEL + ":latest" in {row.name for row in await list_models(ollama_server.host)}
        client = OllamaModel(ollama_server.host, "no-such-model")
        for action in (client.start(), ask(client, question("Hello"))):
            with pytest.raises(ModelError) as caught:
                await action
            assert caught.value.code == "model.not_found"
            assert caught.value.remedies[0].shell == "ollama pull no-such-model"
        await client.close()

    asyncio.run(body())


@pytest.mark.model
def test_a_real_ollama_fetches_a_model_and_tells_how_far_it_is(ollama_server: OllamaServer) -> None:
    """From a registry of ours with one small model in it."""
    blobs = {f"sha256:{hashlib.sha256(data).hexdigest()}": data for data in (gguf(), b"{}")}
    (model, config), data = blobs, {**blobs}
    kind = "application/vnd.ollama.image.model"
    manifest = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
        "config": {"mediaType": kind, "digest": config, "size": len(data[config])},
        "layers": [{"mediaType": kind, "digest": model, "size": len(data[model])}],
    }

    async def registry(asked: Asked, writer: asyncio.StreamWriter) -> None:
        if "/absent/" in asked.path:
            writer.write(head(404, JSON) + b"{}")
            return
        found = json.dumps(manifest).encode() if "/manifests/" in asked.path else None
        content = found or data[asked.path.rpartition("/")[2]]
        if "/v2/" in asked.path and "/blobs/" in asked.path and asked.method == "GET":
            # As with Ollama's own registry, the contents are on a host of another name.
            port = asked.headers["host"].rpartition(":")[2]
            place = f"http://localhost:{port}{asked.path.removeprefix('/v2')}"
            writer.write(head(307, JSON, location=place, content_length=0))
            return
        status = 200
        if wanted := asked.headers.get("range"):
            start, end = wanted.removeprefix("bytes=").split("-")
            content, status = content[int(start) : int(end) + 1], 206
        writer.write(head(status, JSON, content_length=len(content)))
        writer.write(b"" if asked.method == "HEAD" else content)

    async def body() -> None:
        async with serve(registry) as address:
            name = f"{address.removeprefix('http://')}/library/small:latest"
            steps = [step async for step in pull(ollama_server.host, name, insecure=True)]
            assert steps[-1].done_bytes == steps[-1].total_bytes == sum(map(len, data.values()))
            assert name in {row.name for row in await list_models(ollama_server.host)}
            absent = name.replace("small", "absent")
            with pytest.raises(ModelError) as caught:
                _ = [step async for step in pull(ollama_server.host, absent, insecure=True)]
            assert caught.value.code == "model.not_found"

    asyncio.run(body())
