"""From a spec to a client, and what auto prefers."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from core.errors import ModelError, UsageError
from core.models.book import EndpointRecord, ModelBook
from core.models.catalogue import default_entry
from core.models.embedded import EmbeddedModel
from core.models.keys import KeyStore
from core.models.ollama import OllamaModel
from core.models.openai_compatible import OpenAICompatibleModel
from core.models.scripted import ScriptedModel
from core.models.select import ModelSelector, Resolution
from core.models.store import ModelStore
from core.models.surroundings import Surroundings, suits_code
from core.types import ReadinessState
from tests.core.models.clients import ask, question
from tests.core.models.servers import Asked, Handler, answering, head, serve
from tests.core.models.test_keys import MemoryKeyring

JSON = "application/json"
NOWHERE = "http://127.0.0.1:9"


def selector(folder: Path, environ: Mapping[str, str]) -> ModelSelector:
    """Sees only ``folder`` and ``environ``, and an Ollama only where they name one."""
    environ = {"OLLAMA_HOST": NOWHERE, **environ}
    store = ModelStore(folder / "models", environ, home=folder / "home")
    keys, book = KeyStore(environ, MemoryKeyring()), ModelBook(folder / "models.toml")
    return ModelSelector(Surroundings(store, keys, environ, default_entry(), book))


def resolve(folder: Path, spec: str, environ: Mapping[str, str] | None = None) -> Resolution:
    return asyncio.run(selector(folder, environ or {}).resolve(spec))


def ollama_with(*names: str) -> Handler:
    rows = [{"name": name, "model": name, "size": 1_000_000} for name in names]
    return answering(head(content_type=JSON), json.dumps({"models": rows}).encode())


def endpoint_with(*names: str) -> Handler:
    rows = [{"id": name} for name in names]
    return answering(head(content_type=JSON), json.dumps({"data": rows}).encode())


def put_model(folder: Path, size: int) -> Path:
    path = folder / "models" / default_entry().file
    path.parent.mkdir(exist_ok=True)
    with path.open("wb") as stream:
        stream.truncate(size)  # sparse
    return path


@pytest.mark.parametrize(
    "spec", ["gpt", "ollama", "ollama:", "openai:", "scripted:", "none:x", "auto:1", ":"]
)
def test_a_spec_that_cannot_be_read_lists_those_that_can(tmp_path: Path, spec: str) -> None:
    with pytest.raises(UsageError) as caught:
        resolve(tmp_path, spec)
    assert "ollama:NAME" in caught.value.sentence
    assert caught.value.sentence.endswith(".")


def test_a_spec_is_taken_at_its_word(tmp_path: Path) -> None:
    transcript = tmp_path / "t:1.jsonl"
    transcript.write_text('{"answer": "hi"}\n')
    put_model(tmp_path, default_entry().size_bytes)
    kinds = {
        "none": type(None),
        "embedded": EmbeddedModel,
        "ollama:qwen2.5-coder:7b": OllamaModel,
        "openai:gpt-5": OpenAICompatibleModel,
        f"scripted:{transcript}": ScriptedModel,
    }
    for spec, kind in kinds.items():
        client = resolve(tmp_path, spec, {"OPENAI_API_KEY": "sk-1"}).client
        assert type(client) is kind
        if client is not None:
            assert client.info.spec == spec


def test_openai_without_a_key_says_so_but_another_endpoint_needs_none(tmp_path: Path) -> None:
    with pytest.raises(ModelError) as caught:
        resolve(tmp_path, "openai:gpt-5")
    assert caught.value.code == "model.no_key"
    assert resolve(tmp_path, "openai:x", {"OPENAI_BASE_URL": NOWHERE}).client is not None


def test_the_key_and_the_address_of_the_environment_reach_the_server(tmp_path: Path) -> None:
    seen: list[Asked] = []

    async def handle(asked: Asked, writer: asyncio.StreamWriter) -> None:
        seen.append(asked)
        body = b'{"choices":[{"message":{"content":"hello"},"finish_reason":"stop"}]}'
        writer.write(head(content_type=JSON) + body)

    async def body() -> None:
        async with serve(handle) as url:
            environ = {"OPENAI_API_BASE": url.removeprefix("http://"), "OPENAI_API_KEY": "sk-7"}
            client = (await selector(tmp_path, environ).resolve("openai:tiny")).client
            assert client is not None
            assert (await ask(client, question("Hi")))[0] == "hello"
            await client.close()
        assert seen[0].path == "/v1/chat/completions"
        assert seen[0].headers["authorization"] == "Bearer sk-7"

    asyncio.run(body())


@pytest.mark.parametrize(("minutes", "keep"), [(3, "3m"), (0, "-1m")])
def test_ollama_keeps_a_model_for_as_long_as_the_user_says(
    tmp_path: Path, minutes: int, keep: str
) -> None:
    ModelBook(tmp_path / "models.toml").idle(minutes)
    seen: list[object] = []

    async def handle(asked: Asked, writer: asyncio.StreamWriter) -> None:
        if asked.path == "/api/chat":
            seen.append(asked.json["keep_alive"])
        answer = {"model": "tiny", "message": {"role": "assistant", "content": "x"}, "done": True}
        writer.write(head(content_type="application/x-ndjson") + json.dumps(answer).encode() + b"\n")

    async def work() -> None:
        async with serve(handle) as host:
            client = (await selector(tmp_path, {"OLLAMA_HOST": host}).resolve("ollama:tiny")).client
            assert client is not None
            try:
                await ask(client, question("Hello"))
            finally:
                await client.close()

    asyncio.run(work())
    assert seen == [keep]


def test_auto_takes_the_running_ollama_with_the_model_made_for_code(tmp_path: Path) -> None:
    put_model(tmp_path, default_entry().size_bytes)

    async def body() -> None:
        async with serve(ollama_with("nomic-embed-text", "llama3.2", "qwen2.5-coder:7b")) as host:
            client = (await selector(tmp_path, {"OLLAMA_HOST": host}).resolve("auto")).client
            assert isinstance(client, OllamaModel)
            assert client.info.spec == "ollama:qwen2.5-coder:7b"
        async with serve(ollama_with("nomic-embed-text")) as host:
            resolution = await selector(tmp_path, {"OLLAMA_HOST": host}).resolve("auto")
            assert isinstance(resolution.client, EmbeddedModel)
            assert "made for code" in resolution.reasons[0]

    asyncio.run(body())


def test_auto_takes_the_endpoint_only_where_the_model_is_not_a_guess(tmp_path: Path) -> None:
    async def body() -> None:
        async with serve(endpoint_with("only")) as url:
            client = (await selector(tmp_path, {"OPENAI_BASE_URL": url}).resolve("auto")).client
            assert client is not None
            assert client.info.spec == "openai:only"
        async with serve(endpoint_with("cheap", "dear")) as url:
            resolution = await selector(tmp_path, {"OPENAI_BASE_URL": url}).resolve("auto")
            assert resolution.client is None
            assert any("OPENAI_MODEL" in reason for reason in resolution.reasons)
            environ = {"OPENAI_BASE_URL": url, "OPENAI_MODEL": "dear"}
            client = (await selector(tmp_path, environ).resolve("auto")).client
            assert client is not None
            assert client.info.spec == "openai:dear"

    asyncio.run(body())


def test_auto_gives_up_on_servers_that_hang_within_two_seconds(tmp_path: Path) -> None:
    async def hang(asked: Asked, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(60)

    async def body() -> None:
        async with serve(hang) as url:
            start = time.monotonic()
            environ = {"OLLAMA_HOST": url, "OPENAI_BASE_URL": url}
            resolution = await selector(tmp_path, environ).resolve("auto")
            assert time.monotonic() - start < 2.5
        assert resolution.client is None
        assert len(resolution.reasons) == 3
        assert all(reason.endswith(".") for reason in resolution.reasons)
        assert resolution.remedies[0].action == "download_model"

    asyncio.run(body())


def test_the_embedded_file_is_missing_damaged_or_the_users_own(tmp_path: Path) -> None:
    with pytest.raises(ModelError) as caught:
        resolve(tmp_path, "embedded")
    assert caught.value.code == "model.file_missing"
    put_model(tmp_path, 1000)
    with pytest.raises(ModelError) as caught:
        resolve(tmp_path, "embedded")
    assert caught.value.code == "model.file_damaged"
    with pytest.raises(ModelError) as caught:
        resolve(tmp_path, "embedded", {"GREENBAR_MODEL": str(tmp_path / "none.gguf")})
    assert caught.value.code == "model.file_missing"
    own = tmp_path / "my model é.gguf"
    own.write_bytes(b"GGUF" + bytes(100))
    client = resolve(tmp_path, "embedded", {"GREENBAR_MODEL": str(own)}).client
    assert client is not None
    assert client.info.name == "my model é"


def test_wrong_content_of_the_right_size_is_found_before_it_is_loaded(tmp_path: Path) -> None:
    put_model(tmp_path, default_entry().size_bytes)

    async def body() -> None:
        client = (await selector(tmp_path, {}).resolve("embedded")).client
        assert client is not None
        with pytest.raises(ModelError) as caught:
            await client.start()
        assert caught.value.code == "model.file_damaged"
        assert "SHA-256" in caught.value.details
        await client.close()

    asyncio.run(body())


def test_an_embedded_model_can_be_named_by_its_id_or_its_path(tmp_path: Path) -> None:
    with pytest.raises(ModelError) as caught:
        resolve(tmp_path, "embedded:qwen2.5-coder-7b")
    assert caught.value.remedies[0].shell == "greenbar models pull qwen2.5-coder-7b"
    own = tmp_path / "own.gguf"
    own.write_bytes(b"GGUF")
    client = resolve(tmp_path, f"embedded:{own}").client
    assert isinstance(client, EmbeddedModel)
    assert client.info.spec == f"embedded:{own}"
    with pytest.raises(ModelError, match="is not there"):
        resolve(tmp_path, f"embedded:{own}x")


def test_an_endpoint_of_the_users_own_is_asked_with_its_own_key(tmp_path: Path) -> None:
    asked: list[Asked] = []

    async def handle(request: Asked, writer: asyncio.StreamWriter) -> None:
        asked.append(request)
        await endpoint_with("only")(request, writer)

    async def body() -> None:
        async with serve(handle) as url:
            choosing = selector(tmp_path, {"GREENBAR_KEY_LAB": "lab-key-0123456789"})
            book = ModelBook(tmp_path / "models.toml")
            book.put_endpoint(EndpointRecord("lab", f"{url}/v1", key="lab"))
            book.put_endpoint(EndpointRecord("locked", f"{url}/v1", key="locked"))
            client = (await choosing.resolve("endpoint:lab")).client
            assert client is not None
            assert (client.info.spec, client.info.name) == ("endpoint:lab", "only")
            named = (await choosing.resolve("endpoint:lab/org/model")).client
            assert named is not None
            assert named.info.name == "org/model"
            with pytest.raises(ModelError, match="needs the key locked"):
                await choosing.resolve("endpoint:locked")
            with pytest.raises(UsageError, match="There is no endpoint other"):
                await choosing.resolve("endpoint:other")
        assert asked[0].headers["authorization"] == "Bearer lab-key-0123456789"

    asyncio.run(body())


def test_the_doctor_names_the_model_or_the_download(tmp_path: Path) -> None:
    model = asyncio.run(selector(tmp_path, {}).model_row())
    assert model.state is ReadinessState.MISSING
    assert model.remedy is not None
    assert model.remedy.action == "download_model"
    put_model(tmp_path, default_entry().size_bytes)
    model = asyncio.run(selector(tmp_path, {}).model_row())
    assert model.state is ReadinessState.OK
    assert model.sentence.endswith("Its file is checked before it is first used.")


def test_a_model_whose_library_cannot_be_loaded_is_not_called_ready(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_model(tmp_path, default_entry().size_bytes)
    (tmp_path / "xllamacpp.py").write_text("raise ImportError('libgomp.so.1: cannot open')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    model = asyncio.run(selector(tmp_path, {}).model_row())
    assert model.state is ReadinessState.ATTENTION
    assert "cannot be loaded" in model.sentence
    assert model.remedy is not None


def test_names_tell_what_a_model_is_for() -> None:
    assert [suits_code(name) for name in ("qwen2.5-coder:7b", "codestral", "starcoder2")] == [2, 2, 2]
    assert [suits_code(name) for name in ("llama3.2:3b", "gpt-oss:20b")] == [1, 1]
    assert [suits_code(name) for name in ("nomic-embed-text", "qwen2.5-vl:7b", "whatever")] == [0, 0, 0]


def test_importing_the_clients_loads_no_heavy_library(tmp_path: Path) -> None:
    program = (
        "import sys, core.models.select, core.models.download\n"
        "heavy = {'httpx', 'httpx_sse', 'ollama', 'keyring', 'xllamacpp', 'pydantic'}\n"
        "sys.exit(', '.join(heavy & set(sys.modules)) or 0)"
    )
    root = Path(__file__).parents[3]
    environ = {**os.environ, "PYTHONPATH": str(root)}
    done = subprocess.run([sys.executable, "-c", program], env=environ, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
