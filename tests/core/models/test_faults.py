"""What may go wrong between a client and its server, for each back end that speaks HTTP.

Every fault comes from a real local server that misbehaves on purpose; each must become one clear
sentence with a remedy, and the client must work again afterwards.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from core.errors import ModelError
from core.models.anthropic_model import AnthropicModel
from core.models.base import ModelClient
from core.models.endpoint import Endpoint
from core.models.ollama import OllamaModel
from core.models.openai_compatible import OpenAICompatibleModel
from core.models.retry import NEVER, Retries
from tests.core.models.clients import ask, question
from tests.core.models.servers import Asked, Handler, answering, event, head, piece, serve

PAGE = b"<!DOCTYPE html><html><body>Please log in to the company's proxy</body></html>"
JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Wire:
    """One back end: how to make its client, and how its server says things."""

    make: Callable[[str, float, Retries], ModelClient]
    content_type: str
    begin: bytes
    say: Callable[[str], bytes]
    end: bytes
    broken: bytes
    error: Callable[[str], bytes]
    """A body that goes with a status."""


def openai(address: str, seconds: float, retries: Retries) -> ModelClient:
    endpoint = Endpoint(f"{address}/v1", "key")
    return OpenAICompatibleModel(endpoint, "tiny", retries=retries, read_seconds=seconds)


def ollama(address: str, seconds: float, retries: Retries) -> ModelClient:
    return OllamaModel(address, "tiny", read_seconds=seconds)


def anthropic(address: str, seconds: float, retries: Retries) -> ModelClient:
    return AnthropicModel(Endpoint(address, "key"), "tiny", retries=retries, read_seconds=seconds)


def line(**fields: object) -> bytes:
    return json.dumps({"model": "tiny", **fields}, ensure_ascii=False).encode() + b"\n"


def named(kind: str, **fields: object) -> bytes:
    """An event of Anthropic's, which has its type twice."""
    data = json.dumps({"type": kind, **fields}, ensure_ascii=False)
    return f"event: {kind}\ndata: {data}\n\n".encode()


def said(text: str) -> bytes:
    delta = {"type": "text_delta", "text": text}
    return named("content_block_delta", index=0, delta=delta)


_MESSAGE = {
    "id": "m",
    "type": "message",
    "role": "assistant",
    "model": "tiny",
    "content": [],
    "stop_reason": None,
    "stop_sequence": None,
    "usage": {
        "input_tokens": 4,
        "cache_read_input_tokens": 30,
        "cache_creation_input_tokens": 6,
        "output_tokens": 1,
    },
}
WIRES = {
    "openai": Wire(
        openai,
        "text/event-stream",
        b"",
        lambda text: piece(text).replace(json.dumps(text)[1:-1].encode(), text.encode()),
        piece("", "stop") + event("[DONE]"),
        b'data: {"choices": [{"delta": {"content": \n\n',
        lambda words: json.dumps({"error": {"message": words}}).encode(),
    ),
    "ollama": Wire(
        ollama,
        "application/x-ndjson",
        b"",
        lambda text: line(message={"role": "assistant", "content": text}, done=False),
        line(
            message={"role": "assistant", "content": ""},
            done=True,
            done_reason="stop",
            prompt_eval_count=40,
            eval_count=2,
        ),
        b'{"message": {"role": "assistant", "content": \n',
        lambda words: json.dumps({"error": words}).encode(),
    ),
    "anthropic": Wire(
        anthropic,
        "text/event-stream; charset=utf-8",
        named("message_start", message=_MESSAGE)
        + named("content_block_start", index=0, content_block={"type": "text", "text": ""}),
        said,
        named("content_block_stop", index=0)
        + named(
            "message_delta",
            delta={"stop_reason": "end_turn", "stop_sequence": None},
            usage={"output_tokens": 2},
        )
        + named("message_stop"),
        b'event: content_block_delta\ndata: {"type": "content_block_delta", "delta": \n\n',
        lambda words: json.dumps(
            {"type": "error", "error": {"type": "whatever", "message": words}}
        ).encode(),
    ),
}


@pytest.fixture(params=list(WIRES))
def wire(request: pytest.FixtureRequest) -> Wire:
    return WIRES[request.param]


def good(wire: Wire, *words: str) -> bytes:
    told = b"".join(map(wire.say, words))
    return head(content_type=wire.content_type) + wire.begin + told + wire.end


def error_of(wire: Wire, bad: Handler, *, seconds: float = 20.0) -> ModelError:
    """The error of a first request; the next one to the same client must succeed."""
    spoilt = [True]

    async def handle(asked: Asked, writer: asyncio.StreamWriter) -> None:
        if spoilt:
            spoilt.clear()
            await bad(asked, writer)
        else:
            writer.write(good(wire, "fine"))

    async def body() -> ModelError:
        async with serve(handle) as address:
            client = wire.make(address, seconds, NEVER)
            try:
                with pytest.raises(ModelError) as caught:
                    await ask(client, question("Hello"))
                assert (await ask(client, question("Hello")))[0] == "fine"
                return caught.value
            finally:
                await client.close()

    error = asyncio.run(body())
    assert error.sentence.endswith(".")
    assert error.sentence.count(". ") == 0, "one sentence"
    assert error.remedies
    return error


def test_a_server_that_dies_in_mid_stream_has_broken_off(wire: Wire) -> None:
    begun = head(content_type=wire.content_type) + wire.begin + wire.say("half an")
    assert error_of(wire, answering(begun)).code == "model.cut_off"
    cut = wire.say("answer")[:-9]
    assert error_of(wire, answering(begun, cut)).code in ("model.cut_off", "model.bad_stream")
    short = head(content_type=wire.content_type, content_length=10_000) + wire.begin + wire.say("half")
    assert error_of(wire, answering(short)).code == "model.cut_off"


def test_a_character_cut_in_half_between_two_chunks_arrives_whole(wire: Wire) -> None:
    whole = good(wire, "naïve", " 日本")
    cuts = [whole.index("ï".encode()) + 1, whole.index("日".encode()) + 2]

    async def handle(asked: Asked, writer: asyncio.StreamWriter) -> None:
        for start, end in zip([0, *cuts], [*cuts, len(whole)], strict=True):
            writer.write(whole[start:end])
            await writer.drain()
            await asyncio.sleep(0.05)

    async def body() -> None:
        async with serve(handle) as address:
            client = wire.make(address, 20.0, NEVER)
            text, usage, _ = await ask(client, question("Hello"))
            await client.close()
            assert text == "naïve 日本"
            assert usage.completion > 0

    asyncio.run(body())


def test_a_malformed_stream_is_an_answer_that_cannot_be_read(wire: Wire) -> None:
    begun = head(content_type=wire.content_type) + wire.begin + wire.say("so far")
    assert error_of(wire, answering(begun, wire.broken)).code == "model.bad_stream"


@pytest.mark.parametrize(
    ("status", "words", "code"),
    [
        (401, "invalid x-api-key", "model.unauthorized"),
        (402, "your credit balance is too low", "model.payment"),
        (404, "model: tiny", "model.not_found"),
        (413, "request exceeds the maximum size", "model.prompt_too_long"),
        (429, "slow down", "model.rate_limited"),
        (500, "internal error", "model.server_error"),
        (529, "overloaded", "model.overloaded"),
        (400, "the prompt exceeds the context length", "model.prompt_too_long"),
        (500, "model requires more system memory (9.1 GiB) than is available", "model.out_of_memory"),
    ],
)
def test_each_status_has_words_of_its_own(wire: Wire, status: int, words: str, code: str) -> None:
    error = error_of(wire, answering(head(status, JSON), wire.error(words)))
    assert error.code == code
    assert words in error.details


def test_a_proxys_page_is_called_a_page(wire: Wire) -> None:
    for status in (200, 407, 502):
        error = error_of(wire, answering(head(status, "text/html"), PAGE))
        assert error.code == "model.not_an_api", status


def test_a_server_that_falls_silent_is_given_up(wire: Wire) -> None:
    async def never(asked: Asked, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(60)

    async def silent_after_a_while(asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(head(content_type=wire.content_type) + wire.begin + wire.say("so far"))
        await writer.drain()
        await asyncio.sleep(60)

    for handler in (never, silent_after_a_while):
        error = error_of(wire, handler, seconds=0.5)
        assert error.code == "model.timeout"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate with its key, for 127.0.0.1."""
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
    command += " -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1"
    files = ("-keyout", str(path), "-out", str(path.with_suffix(".crt")))
    subprocess.run([*command.split(), *files], check=True, capture_output=True)
    path.write_text(path.read_text() + path.with_suffix(".crt").read_text())
    return path


def test_a_certificate_of_nobody_we_know_is_refused_until_its_authority_is_named(
    wire: Wire, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)

    async def body() -> None:
        async with serve(answering(good(wire, "fine")), tls) as address:
            client = wire.make(address, 20.0, NEVER)
            with pytest.raises(ModelError) as caught:
                await ask(client, question("Hello"))
            await client.close()
            assert caught.value.code == "model.certificate"
            assert "SSL_CERT_FILE" in caught.value.remedies[0].shell

            monkeypatch.setenv("SSL_CERT_FILE", str(certificate.with_suffix(".crt")))
            client = wire.make(address, 20.0, NEVER)
            assert (await ask(client, question("Hello")))[0] == "fine"
            await client.close()

    asyncio.run(body())


def test_the_proxy_of_the_environment_is_used_but_never_for_this_machine(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("NO_PROXY", "no_proxy", "ALL_PROXY", "all_proxy", "http_proxy", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    paths: list[str] = []

    async def handle(asked: Asked, writer: asyncio.StreamWriter) -> None:
        paths.append(asked.path)
        writer.write(good(wire, "fine"))

    async def body() -> None:
        async with serve(handle) as proxy, serve(handle) as near:
            monkeypatch.setenv("HTTP_PROXY", proxy)
            for address in ("http://models.example", near):
                client = wire.make(address, 20.0, NEVER)
                assert (await ask(client, question("Hello")))[0] == "fine"
                await client.close()

    asyncio.run(body())
    assert paths[0].startswith("http://models.example")
    assert paths[1].startswith("/")


@pytest.mark.parametrize("name", ["openai", "anthropic"])
def test_a_busy_server_is_asked_again_after_the_pause_that_it_names(name: str) -> None:
    wire = WIRES[name]
    times: list[float] = []

    async def handle(asked: Asked, writer: asyncio.StreamWriter) -> None:
        times.append(asyncio.get_running_loop().time())
        if len(times) < 3:
            busy = head(429 if len(times) == 1 else 529, JSON, retry_after="0.3")
            writer.write(busy + wire.error("busy"))
        else:
            writer.write(good(wire, "fine"))

    async def body() -> None:
        async with serve(handle) as address:
            client = wire.make(address, 20.0, Retries(count=2, base=0.01))
            assert (await ask(client, question("Hello")))[0] == "fine"
            await client.close()

    asyncio.run(body())
    assert len(times) == 3
    assert times[1] - times[0] >= 0.3
    assert times[2] - times[1] >= 0.3
