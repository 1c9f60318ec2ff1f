"""Fixtures for the models: the embedded file and real servers of it, one of each for all tests."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from core.models.endpoint import Endpoint
from core.models.machine import physical_cores
from core.models.server_process import default_argv
from tests.conftest import NO_PROGRAM
from tests.core.models.servers import OLLAMA_MODEL, OllamaServer

CONTEXT = 2048
THREADS = physical_cores() if os.getloadavg()[0] < (os.cpu_count() or 1) else 1
"""One server works at a time and nothing of ours beside it, unlike in the product; where others keep the
cores busy, its threads would wait for each other."""
_TEMPLATE = """
{{- if .Suffix }}<|fim_prefix|>{{ .Prompt }}<|fim_suffix|>{{ .Suffix }}<|fim_middle|>
{{- else }}{{- range .Messages }}<|im_start|>{{ .Role }}
{{ .Content }}<|im_end|>
{{ end }}<|im_start|>assistant
{{ end }}"""
"""As in Ollama's own library for this model; a bare file gets none from ``ollama create``."""


@pytest.fixture(scope="session")
def llama_server(model_file: Path) -> Iterator[Endpoint]:
    """llama.cpp's own HTTP server with a key, as anybody could run it."""
    key = secrets.token_urlsafe(16)
    settings = {
        "model": str(model_file),
        "alias": "tiny",
        "context": CONTEXT,
        "threads": THREADS,
        "key": key,
    }
    with subprocess.Popen(
        default_argv(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(settings).encode() + b"\n")
        process.stdin.flush()
        yield Endpoint(f"{json.loads(process.stdout.readline())['address']}/v1", key)
        process.kill()


@pytest.fixture(scope="session")
def ollama_server(model_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OllamaServer]:
    """A real Ollama with the embedded file as its model, loaded; or a skip where it is not built."""
    built = subprocess.run(
        ["bash", "packaging/ollama.sh", "--no-build"],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=True,
    )
    program = built.stdout.strip()
    if not program and shutil.which("go", path=f"{os.environ['PATH']}:/usr/local/go/bin") is None:
        pytest.skip(f"Go, which builds Ollama, {NO_PROGRAM}")
    if not program:
        pytest.skip(f"there is no Ollama; packaging/ollama.sh builds it. {built.stderr.strip()}")
    folder = tmp_path_factory.mktemp("ollama")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{free.getsockname()[1]}"
    env = {
        **os.environ,
        "OLLAMA_HOST": host,
        "OLLAMA_MODELS": str(folder / "models"),
        "OLLAMA_KEEP_ALIVE": "-1",
        "HOME": str(folder),
    }
    with (
        (folder / "log").open("wb") as log,
        subprocess.Popen([program, "serve"], env=env, stdout=log, stderr=log) as process,
    ):
        try:
            server = OllamaServer(f"http://{host}", program, env, folder)
            _wait_for(server.host)
            (folder / "Modelfile").write_text(
                f'FROM {model_file}\nPARAMETER num_thread {THREADS}\nTEMPLATE """{_TEMPLATE}"""\n'
            )
            server.run("create", OLLAMA_MODEL, "-f", str(folder / "Modelfile"))
            options = {"num_ctx": CONTEXT}
            body = {"model": OLLAMA_MODEL, "options": options, "keep_alive": -1}
            httpx.post(f"{server.host}/api/generate", json=body, timeout=120).raise_for_status()
            yield server
        finally:
            process.terminate()
            process.wait(20)
            shutil.rmtree(folder / "models", ignore_errors=True)


def _wait_for(host: str) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            httpx.get(f"{host}/api/version", trust_env=False)
            return
        except httpx.TransportError:
            assert time.monotonic() < deadline, "Ollama did not start"
            time.sleep(0.05)
