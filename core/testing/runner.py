"""Runs tests through in-sandbox workers: a small pool, one run at a time for each worker."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import logging
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from core.errors import SandboxError, TestRunError
from core.sandbox.base import Environment, Limits, Sandbox, WorkerProcess
from core.testing.assemble import ReportBuilder
from core.testing.base import OnCollected, OnResult, RunOutcome, RunRequest
from core.testing.languages import PYTEST, Language, first_line
from core.testing.signed import SignedLines
from core.types import NodeId, Remedy, RunEnd, TestResult

log = logging.getLogger("greenbar.testing")

READY_SECONDS = 120.0
"""A worker copies the repository and imports pytest before it is ready."""
CANCEL_SECONDS = 0.7
NO_SPACE_STATUS = 28
"""How a worker ends into whose folder the repository does not fit."""
OWN_GROUND_STATUS = 29
"""How a worker ends that would have to run the repository's own pytest or pluggy."""
SILENCE_SECONDS = 15.0
"""Beyond the run's own limit, before we stop believing the worker."""


@dataclass(frozen=True, slots=True)
class _Ended:
    """How a run on one worker ended: whether the worker can serve again, and whether it went away
    without a word about the run."""

    outcome: RunOutcome
    healthy: bool = False
    silent: bool = False


@dataclass(frozen=True, slots=True)
class Preload:
    """What workers import ahead of their runs: with ``on``, what the first run without an overlay had
    loaded from outside the repository, except the packages ``left_out``."""

    on: bool = True
    left_out: tuple[str, ...] = ()


class WorkerPool:
    """A :class:`core.testing.base.TestRunner` over at most ``size`` workers, started when needed."""

    def __init__(
        self,
        sandbox: Sandbox,
        copy: Path,
        environment: Environment,
        limits: Limits,
        size: int,
        language: Language = PYTEST,
        preload: Preload = Preload(),
    ) -> None:
        self._first_line = json.dumps(first_line(language)).encode() + b"\n"
        self._preload = preload
        self._modules: tuple[str, ...] | None = None
        self._sandbox = sandbox
        self._copy = copy
        self._environment = environment
        self._limits = limits
        self._idle: list[WorkerProcess] = []
        self._places = asyncio.Semaphore(size)
        self._closed = False

    async def run(
        self,
        request: RunRequest,
        on_collected: OnCollected | None = None,
        on_result: OnResult | None = None,
    ) -> RunOutcome:
        async with self._places:
            while True:
                used = bool(self._idle)
                worker = await self._take()
                ended = await self._serve(worker, request, on_collected, on_result)
                if not (used and ended.silent):
                    return ended.outcome
                # It had died while it was idle, which says nothing of this run.

    async def close(self) -> None:
        self._closed = True
        workers, self._idle = self._idle, []
        await asyncio.gather(*(worker.kill() for worker in workers))

    # --- one worker ----------------------------------------------------------------------------

    async def _take(self) -> WorkerProcess:
        if self._closed:
            raise TestRunError("tests.closed", "The sandbox has been closed.")
        if self._idle:
            return self._idle.pop()
        worker = await self._sandbox.launch(self._copy, self._environment, self._limits)
        try:
            async with asyncio.timeout(READY_SECONDS):
                with contextlib.suppress(BrokenPipeError, ConnectionError):
                    await worker.send(self._first_line)
                line = await worker.receive()
        except TimeoutError:
            await worker.kill()
            raise SandboxError(
                "sandbox.slow",
                f"The sandbox did not get ready within {READY_SECONDS:.0f} seconds.",
                (Remedy("Check the sandbox", action="run_doctor", shell="greenbar doctor"),),
            ) from None
        except BaseException:
            await asyncio.shield(worker.kill())
            raise
        if line is None:
            status = await worker.wait()
            await worker.kill()
            if status.status == NO_SPACE_STATUS:
                raise SandboxError(
                    "sandbox.too_small",
                    "The repository does not fit into the sandbox's working folder of "
                    f"{self._limits.work_bytes / 1024**3:.3g} GB.",
                    (Remedy("Leave large files out with .gitignore"),),
                    status.stderr,
                )
            if status.status == OWN_GROUND_STATUS:
                raise TestRunError(
                    "tests.own_ground",
                    "This repository is pytest itself or what pytest stands on, so our pytest cannot "
                    "judge it; name a test command of its own in greenbar.toml.",
                    (Remedy("Run again", action="run_tests"),),
                    '[tests]\ncommand = "python -m pytest --junitxml {results}"\nformat = "junit"',
                )
            raise SandboxError(
                "sandbox.worker_died",
                "The test worker could not start in the sandbox.",
                (Remedy("Check the sandbox", action="run_doctor", shell="greenbar doctor"),),
                details=status.stderr,
            )
        await self._import_ahead(worker)
        return worker

    async def _import_ahead(self, worker: WorkerProcess) -> None:
        """Ask for the modules that are known to be needed. Not answered: the worker does it while it
        is idle, and where that ends it, the next run has another one."""
        if self._modules:
            request = {"op": "preload", "modules": self._modules, "left_out": self._preload.left_out}
            with contextlib.suppress(BrokenPipeError, ConnectionError):
                await worker.send(json.dumps(request).encode() + b"\n")

    async def _learn(self, worker: WorkerProcess, done: Mapping[str, Any]) -> None:
        """Take what the end of a run says of the workers to come."""
        for note in done.get("notes", ()):
            log.info("%s", note)
        modules = done.get("modules")
        if modules is None or self._modules is not None or not self._preload.on:
            return
        self._modules = tuple(modules)
        for known in (worker, *self._idle):
            await self._import_ahead(known)

    async def _serve(
        self,
        worker: WorkerProcess,
        request: RunRequest,
        on_collected: OnCollected | None,
        on_result: OnResult | None,
    ) -> _Ended:
        """Carry out one run on one worker, which serves again or is killed."""
        healthy = False
        key = secrets.token_bytes(32)
        lines = SignedLines(key)
        try:
            ended = await self._converse(worker, request, key, lines, on_collected, on_result)
            healthy = ended.healthy
        except asyncio.CancelledError:
            healthy = await self._cancel(worker, lines)
            raise
        finally:
            if healthy and not self._closed:
                self._idle.append(worker)
            else:
                await asyncio.shield(worker.kill())
        return ended

    async def _converse(
        self,
        worker: WorkerProcess,
        request: RunRequest,
        key: bytes,
        lines: SignedLines,
        on_collected: OnCollected | None,
        on_result: OnResult | None,
    ) -> _Ended:
        started = time.monotonic()
        builder = ReportBuilder()
        silent = True
        try:
            # Not wait_for: in Python 3.11 it loses a cancellation that comes with a line.
            async with asyncio.timeout(request.limits.run_seconds + SILENCE_SECONDS):
                with contextlib.suppress(BrokenPipeError, ConnectionError):
                    await worker.send(_encode(request, key))
                while (line := await worker.receive()) is not None:
                    message = lines.read(line)
                    if message is None:
                        continue
                    silent = False
                    if message["type"] == "done":
                        end = RunEnd(message["end"])
                        signs = (*message["interference"], *lines.signs)
                        outcome = builder.finish(end, message["detail"], message["seconds"], signs)
                        await self._learn(worker, message)
                        return _Ended(outcome, True)
                    _tell(builder.take(message), on_collected, on_result)
        except TimeoutError:
            return _Ended(builder.finish(RunEnd.TIME_LIMIT, "", time.monotonic() - started))
        except (KeyError, ValueError, TypeError):
            # Only code under test that has got hold of the worker's output writes such lines.
            log.exception("a worker does not speak our protocol")
            detail = "The test process disturbed the sandbox."
            return _Ended(builder.finish(RunEnd.CRASHED, detail, time.monotonic() - started))
        return _Ended(await self._died(worker, builder, started), silent=silent)

    async def _died(self, worker: WorkerProcess, builder: ReportBuilder, started: float) -> RunOutcome:
        status = await worker.wait()
        seconds = time.monotonic() - started
        if status.out_of_memory:
            gigabytes = self._limits.memory_bytes / 1024**3
            detail = f"killed: out of memory (the limit is {gigabytes:.3g} GB)"
            return builder.finish(RunEnd.OUT_OF_MEMORY, detail, seconds)
        detail = f"The sandbox ended in the middle of the run (status {status.status})."
        outcome = builder.finish(RunEnd.CRASHED, f"{detail} {status.stderr}".strip(), seconds)
        return replace(outcome, lost=True)

    async def _cancel(self, worker: WorkerProcess, lines: SignedLines) -> bool:
        """Ask the worker to stop its run; false where it did not say so in time."""
        try:
            async with asyncio.timeout(CANCEL_SECONDS):
                await worker.send(b'{"op": "cancel"}\n')
                while (line := await worker.receive()) is not None:
                    message = lines.read(line)
                    if message is not None and message["type"] == "done":
                        return True
        except (TimeoutError, BrokenPipeError, ConnectionError):
            return False
        return False


def _encode(request: RunRequest, key: bytes) -> bytes:
    overlay = {
        path: None if data is None else base64.b64encode(data).decode()
        for path, data in request.overlay.items()
    }
    message = {
        "op": "run",
        "overlay": overlay,
        "node_ids": list(request.node_ids),
        "fail_fast": request.fail_fast,
        "test_seconds": request.limits.test_seconds,
        "run_seconds": request.limits.run_seconds,
        "single": dict(request.test_seconds),
        "raised_to": request.raised_to,
        "processor_seconds": request.processor_seconds,
        "trace": request.trace,
        "watch": None
        if request.watch is None
        else [request.watch.path, request.watch.first, request.watch.last],
        "output_bytes": request.limits.output_bytes,
        "control": request.control,
        "key": key.hex(),
    }
    return json.dumps(message).encode() + b"\n"


def _tell(
    news: TestResult | tuple[NodeId, ...] | None,
    on_collected: OnCollected | None,
    on_result: OnResult | None,
) -> None:
    if isinstance(news, TestResult):
        if on_result:
            on_result(news)
    elif news is not None and on_collected:
        on_collected(news)
