"""``greenbar models probe`` and ``limit`` as a user runs them, against a local server."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.edits.functions import function_source
from core.models.probe_store import ProbeStore
from tests.app.conftest import Ran
from tests.core.models.servers import Asked, event, head, piece, serve


@pytest.fixture
def server() -> Iterator[str]:
    """Speaks OpenAI's protocol and gives back every function as it was: an edit, but no right one."""

    async def handle(asked: Asked, writer: asyncio.StreamWriter) -> None:
        if asked.path.endswith("/models"):
            rows = {"data": [{"id": "pupil", "owned_by": "somebody", "context_length": 4096}]}
            writer.write(head(content_type="application/json") + json.dumps(rows).encode())
            return
        prompt = str(asked.json["messages"][-1]["content"])  # type: ignore[index]
        answer = "I do not know."
        if "whole changed function" in prompt:
            source = prompt.split("```python\n")[1].split("```")[0]
            answer = f"```python\n{function_source(source, prompt.split('In `')[1].split('`')[0])}```"
        usage = {"prompt_tokens": len(prompt) // 3, "completion_tokens": len(answer) // 3}
        writer.write(head() + piece(answer, "stop") + event({"choices": [], "usage": usage}))
        writer.write(event("[DONE]"))

    started, address = threading.Event(), [""]
    loop = asyncio.new_event_loop()
    ended = asyncio.Event()

    async def main() -> None:
        async with serve(handle) as address[0]:
            started.set()
            await ended.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(main()))
    thread.start()
    started.wait(10)
    yield f"{address[0]}/v1"
    loop.call_soon_threadsafe(ended.set)
    thread.join(10)
    loop.close()


def test_a_probe_is_shown_and_kept_for_the_server_and_the_model(
    greenbar: Callable[..., Ran], server: str, environment: dict[str, str]
) -> None:
    ran = greenbar("models", "probe", "--model", "openai:pupil", "--json", OPENAI_BASE_URL=server)
    assert ran.status == 0, ran.err
    assert ran.json["grade"] == "usable"
    assert ran.json["edit_format"] == "whole function"
    whole, search, infill = ran.json["formats"]
    assert (whole["asked"], whole["applied"], whole["right"]) == (3, 3, 0)
    assert (search["asked"], search["applied"], infill["asked"]) == (3, 0, 0)
    assert ran.json["context_claimed"] == 4096
    assert ran.json["context_held"] == 0
    (kept,) = Path(environment["GREENBAR_HOME"]).rglob("probes.json")
    result = ProbeStore(kept).get(f"{server} pupil")
    assert result is not None
    assert result.spec == "openai:pupil"
    shown = greenbar("models", "probe", "--model", "openai:pupil", OPENAI_BASE_URL=server)
    assert "3 of 3 answers were edits, 0 the right ones" in shown.out


def test_what_cannot_be_measured_is_said_in_one_sentence(greenbar: Callable[..., Ran]) -> None:
    ran = greenbar("models", "probe", "--model", "none")
    assert ran.status == 2
    assert "There is no model that could be measured." in ran.err


def test_a_limit_is_set_told_and_forgotten(
    greenbar: Callable[..., Ran], environment: dict[str, str]
) -> None:
    assert "context of 16,384 tokens" in greenbar("models", "limit", "ollama:x", "--context", "16384").err
    (book,) = Path(environment["GREENBAR_HOME"]).rglob("models.toml")
    assert "context = 16384" in book.read_text("utf-8")
    assert "are forgotten" in greenbar("models", "limit", "ollama:x").err
    assert "16384" not in book.read_text("utf-8")
    assert greenbar("models", "limit", "ollama:x", "--prompt", "0").status == 2


def test_how_long_a_model_stays_in_memory_is_kept(
    greenbar: Callable[..., Ran], environment: dict[str, str]
) -> None:
    assert "leaves the memory after 3 minutes" in greenbar("models", "idle", "3").err
    (book,) = Path(environment["GREENBAR_HOME"]).rglob("models.toml")
    assert "idle_minutes = 3" in book.read_text("utf-8")
    assert greenbar("models", "idle", "a while").status == 2
    assert "stays in memory" in greenbar("models", "idle", "0").err
