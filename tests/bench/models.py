"""What our client costs over the bare server, how quickly Stop frees it, what the prompt cache saves."""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import aclosing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import platformdirs

from core.models.base import ChatRequest, Message
from core.models.catalogue import default_entry
from core.models.embedded import EmbeddedModel
from core.models.endpoint import Endpoint
from core.models.machine import inference_threads
from core.models.openai_compatible import OpenAICompatibleModel
from core.models.server_process import default_argv
from core.types import TokenUsage
from tests.bench.stats import median_ratio, spread

RUNS = 5
CONTEXT = 4096
TOKENS = 100
QUESTION = "Write the numbers from one to ninety in words, separated by commas."
SOURCE = "def add(a, b):\n    return a + b  # sums two numbers\n"

_RAW_START = """
import json, os, sys, time, urllib.request
began = time.monotonic()
import xllamacpp
params = xllamacpp.CommonParams()
params.model.path, threads = sys.argv[1], int(sys.argv[2])
params.n_ctx, params.n_parallel, params.port, params.hostnames = int(sys.argv[3]), 1, 0, ["127.0.0.1"]
params.cpuparams.n_threads = params.cpuparams_batch.n_threads = threads
params.warmup = False
server = xllamacpp.Server(params)
body = {"messages": [{"role": "user", "content": "Say yes."}], "max_tokens": 1, "temperature": 0}
request = urllib.request.Request(
    server.listening_address + "/v1/chat/completions",
    json.dumps(body).encode(),
    {"Content-Type": "application/json"},
)
urllib.request.urlopen(request).read()
sys.stdout.write(repr(time.monotonic() - began))
sys.stdout.flush()
os._exit(0)
"""


def measure_models() -> dict[str, object]:
    """Seconds and ratios; needs the embedded model's file. Runs of two kinds alternate."""
    file = Path(os.environ.get("GREENBAR_MODEL") or _downloaded())
    with _server(file) as endpoint:
        return {
            "overhead": asyncio.run(_overhead(endpoint)),
            "stop_to_free_slot": asyncio.run(_stops(endpoint)),
            "shared_prefix": asyncio.run(_shared_prefix(endpoint)),
            "cold_to_first_token": _cold(file),
        }


async def _overhead(endpoint: Endpoint) -> dict[str, object]:
    """Tokens a second between the first and the last, of the bare stream and of our client."""
    client = OpenAICompatibleModel(endpoint, "bench")
    raw, ours, processor = [], [], []
    for _ in range(RUNS + 1):
        raw.append(await asyncio.to_thread(_raw_speed, endpoint))
        began = time.process_time()
        ours.append(await _our_speed(client))
        processor.append((time.process_time() - began) / TOKENS)
    await client.close()
    return {
        "raw_tokens_per_second": spread(raw[1:], 2),
        "our_tokens_per_second": spread(ours[1:], 2),
        "ratio": median_ratio(ours[1:], raw[1:]),
        "our_processor_seconds_per_token": spread(processor[1:], 6),
    }


def _raw_speed(endpoint: Endpoint) -> float:
    parts = urlsplit(endpoint.base_url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port)
    body = {
        "messages": [{"role": "user", "content": QUESTION}],
        "max_tokens": TOKENS,
        "temperature": 0,
        "stream": True,
    }
    headers = {"Authorization": f"Bearer {endpoint.key}", "Content-Type": "application/json"}
    connection.request("POST", "/v1/chat/completions", json.dumps(body), headers)
    times = [time.monotonic() for line in connection.getresponse() if b'"content":"' in line]
    connection.close()
    return (len(times) - 1) / (times[-1] - times[0])


async def _our_speed(client: OpenAICompatibleModel) -> float:
    request = ChatRequest((Message("user", QUESTION),), TOKENS)
    async with aclosing(client.chat(request)) as deltas:
        times = [time.monotonic() async for delta in deltas if delta.text]
    return (len(times) - 1) / (times[-1] - times[0])


async def _stops(endpoint: Endpoint) -> dict[str, object]:
    """From closing the stream to a slot that does nothing: while it writes, and while it reads."""
    writing, reading = [], []
    client = OpenAICompatibleModel(endpoint, "bench", extra={"return_progress": True})
    headers = {"Authorization": f"Bearer {endpoint.key}"}
    async with httpx.AsyncClient(headers=headers, trust_env=False) as web:
        for run in range(RUNS):
            request = ChatRequest((Message("user", QUESTION),), 500)
            async with aclosing(client.chat(request)) as deltas:
                async for delta in deltas:
                    if delta.text:
                        break
                began = time.monotonic()
            writing.append(await _freed(web, endpoint) - began)

            long = ChatRequest((Message("user", f"{run} {SOURCE * 60}"),), 5)
            task = asyncio.create_task(_read(client, long))
            # Not a multiple of a batch's time: Stop comes at any moment.
            await asyncio.sleep(1.0 + 0.17 * run)
            task.cancel()
            began = time.monotonic()
            await asyncio.wait([task])
            reading.append(await _freed(web, endpoint) - began)
    await client.close()
    return {"while_writing_seconds": spread(writing), "while_reading_seconds": spread(reading)}


async def _read(client: OpenAICompatibleModel, request: ChatRequest) -> None:
    async with aclosing(client.chat(request)) as deltas:
        async for _ in deltas:
            pass


async def _freed(web: httpx.AsyncClient, endpoint: Endpoint) -> float:
    while (await web.get(f"{endpoint.root}/slots")).json()[0]["is_processing"]:
        await asyncio.sleep(0.005)
    return time.monotonic()


async def _shared_prefix(endpoint: Endpoint) -> dict[str, object]:
    """Two prompts that begin alike, by the server's own counts."""
    client = OpenAICompatibleModel(endpoint, "bench")
    counts: list[tuple[TokenUsage, float]] = []
    for ending in ("What does it do?", "Which line adds?"):
        request = ChatRequest((Message("user", f"{SOURCE * 30}\n{ending}"),), 2)
        async with aclosing(client.chat(request)) as deltas:
            counts += [(d.usage, d.timing.first_seconds) async for d in deltas if d.usage and d.timing]
    await client.close()
    (first, slow), (second, quick) = counts
    return {
        "prompt_tokens": second.prompt,
        "evaluated_first": first.prompt - first.cached,
        "evaluated_second": second.prompt - second.cached,
        "first_token_seconds": [round(slow, 3), round(quick, 3)],
    }


def _cold(file: Path) -> dict[str, object]:
    """From nothing to the first token: our child process, and the library in a process of its own."""
    raw, ours = [], []
    threads = str(inference_threads())
    for _ in range(RUNS):
        began = time.monotonic()
        subprocess.run(
            [sys.executable, "-c", _RAW_START, str(file), threads, str(CONTEXT)],
            check=True,
            capture_output=True,
        )
        raw.append(time.monotonic() - began)
        ours.append(asyncio.run(_our_cold(file)))
    return {
        "raw_seconds": spread(raw),
        "our_seconds": spread(ours),
        "ratio": median_ratio(ours, raw),
    }


async def _our_cold(file: Path) -> float:
    began = time.monotonic()
    client = EmbeddedModel(file, "bench", context=CONTEXT)
    request = ChatRequest((Message("user", "Say yes."),), 1)
    try:
        async with aclosing(client.chat(request)) as deltas:
            async for delta in deltas:
                if delta.text:
                    return time.monotonic() - began
    finally:
        await client.close()
    raise RuntimeError("there was no answer")


@contextmanager
def _server(file: Path) -> Iterator[Endpoint]:
    """The embedded model's own process, without the client that usually keeps it."""
    settings = {
        "model": str(file),
        "alias": "bench",
        "context": CONTEXT,
        "threads": inference_threads(),
        "key": "bench",
    }
    with subprocess.Popen(
        default_argv(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(settings).encode() + b"\n")
        process.stdin.flush()
        yield Endpoint(f"{json.loads(process.stdout.readline())['address']}/v1", "bench")
        process.kill()


def _downloaded() -> Path:
    return Path(platformdirs.user_data_dir("greenbar")) / "models" / default_entry().file
