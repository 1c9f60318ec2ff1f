"""The child process that runs llama.cpp: start it, wait until it is ready, keep its log, end it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import secrets
import signal
import sys
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from core.errors import ModelError
from core.models import embedded_errors, http_errors
from core.models.endpoint import Endpoint
from core.models.machine import available_memory

_LOG_LINES: Final = 200
_LOG_LINES_SHOWN: Final = 30
_CLOSE_SECONDS: Final = 1.0
_READY_SECONDS: Final = 180.0
_DAMAGED_WORDS: Final = ("invalid magic", "corrupted or incomplete", "gguf_init")
_UNKNOWN_KIND: Final = re.compile(r"unknown model architecture: '([^']*)'")
_CREATE_NO_WINDOW: Final = 0x08000000


def default_argv() -> tuple[str, ...]:
    """This interpreter on the child's file. ``-P`` keeps the current folder, which may be a repository
    of the user's with a ``json.py`` of its own, and this folder off the import path."""
    return (sys.executable, "-P", str(Path(__file__).with_name("embedded_child.py")))


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """``context`` in tokens; ``alias`` is the model name that the server answers to.

    ``embeddings``: the server turns text into vectors and does nothing else, by the model's own way of
    pooling or, for a model that is made to write, by the mean over the tokens. ``needed`` is about the
    memory, in bytes, that all of it takes.
    """

    model: Path
    alias: str
    context: int
    threads: int
    embeddings: Literal["", "own", "mean"] = ""
    needed: int = 0


class ModelServer:
    """A live server. Made by :meth:`launch`; all methods are for the loop that made it."""

    def __init__(self, process: asyncio.subprocess.Process, settings: ServerSettings) -> None:
        self._process = process
        self._settings = settings
        self._log: deque[str] = deque(maxlen=_LOG_LINES)
        self._key = secrets.token_urlsafe(32)
        self._address = ""
        self._readers: tuple[asyncio.Task[None], ...] = ()

    @classmethod
    async def launch(cls, settings: ServerSettings, argv: Sequence[str]) -> ModelServer:
        """Start the child and wait until the file is loaded. Raises ModelError."""
        try:
            process = await asyncio.create_subprocess_exec(
                *argv,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                start_new_session=True,
                creationflags=_CREATE_NO_WINDOW if sys.platform == "win32" else 0,
            )
        except OSError as error:
            sentence = "The program that runs the model cannot be started."
            raise ModelError("model.cannot_start", sentence, (), str(error)) from error
        server = cls(process, settings)
        try:
            await server._become_ready()
        except BaseException:
            await server.stop()
            raise
        return server

    @property
    def endpoint(self) -> Endpoint:
        return Endpoint(f"{self._address}/v1", self._key)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        return self._process.returncode is None

    @property
    def log_tail(self) -> str:
        """The last lines of llama.cpp's log."""
        return "\n".join(list(self._log)[-_LOG_LINES_SHOWN:])

    async def dies_within(self, seconds: float) -> bool:
        """True where the process is gone, or goes within ``seconds``."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._process.wait()
        return not self.is_alive

    async def stop(self) -> None:
        """Kill the child and whatever it started. It holds nothing worth saving. Idempotent."""
        if self.is_alive:
            with contextlib.suppress(ProcessLookupError):
                if sys.platform == "win32":
                    self._process.kill()
                else:
                    os.killpg(self._process.pid, signal.SIGKILL)
        await self._process.wait()
        if self._process.stdin is not None:
            self._process.stdin.close()
        await asyncio.gather(*self._readers)
        if self._process.stdout is not None:
            # One that never got ready has nobody who reads to the end, and until then the pipe's
            # transport stays open.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_CLOSE_SECONDS):
                    await self._process.stdout.read()

    async def _become_ready(self) -> None:
        process, settings = self._process, self._settings
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        log_reader = asyncio.create_task(self._keep_log(process.stderr))
        self._readers = (log_reader,)
        words = {
            "model": str(settings.model),
            "alias": settings.alias,
            "context": settings.context,
            "threads": settings.threads,
            "embeddings": settings.embeddings,
            "key": self._key,
        }
        process.stdin.write(json.dumps(words).encode() + b"\n")
        try:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                await process.stdin.drain()
            # Not wait_for: in Python 3.11 it loses a cancellation that comes together with the line.
            async with asyncio.timeout(_READY_SECONDS):
                line = await process.stdout.readline()
        except TimeoutError as error:
            sentence = f"{settings.alias} was not loaded within {_READY_SECONDS:.0f} seconds."
            raise ModelError(
                "model.timeout", sentence, (http_errors.WITHOUT_MODEL,), self.log_tail
            ) from error
        answer = _parse(line)
        if address := answer.get("address"):
            self._address = address
            self._readers = (log_reader, asyncio.create_task(self._keep_log(process.stdout)))
            return
        await process.wait()
        await log_reader
        raise self._why_not(answer)

    async def _keep_log(self, stream: asyncio.StreamReader) -> None:
        while True:
            try:
                line = await stream.readline()
            except ValueError:  # longer than the reader's limit; the rest of it follows
                continue
            if not line:
                return
            self._log.append(line.decode(errors="replace").rstrip())

    def _why_not(self, answer: dict[str, str]) -> ModelError:
        model, log = self._settings.alias, self.log_tail
        details = "\n".join(filter(None, (answer.get("message", ""), log)))
        if answer.get("error") == "not_installed":
            return embedded_errors.not_installed(details)
        if answer.get("error") == "not_importable":
            return embedded_errors.not_importable(details)
        killed = sys.platform != "win32" and self._process.returncode == -signal.SIGKILL
        if killed or http_errors.is_memory_trouble(log):
            free = available_memory()
            return embedded_errors.out_of_memory(model, self._settings.needed, free, details)
        if unknown := _UNKNOWN_KIND.search(log):
            return embedded_errors.wrong_architecture(self._settings.model, unknown[1], details)
        if any(words in log for words in _DAMAGED_WORDS):
            return embedded_errors.damaged(self._settings.model, details)
        return embedded_errors.not_loaded(model, details)


def _parse(line: bytes) -> dict[str, str]:
    try:
        value = json.loads(line)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
