"""A worker in a container: its attached stream, its end, and its removal."""

from __future__ import annotations

import asyncio
import signal
import struct
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

from core.errors import SandboxError
from core.sandbox.base import WorkerExit
from core.sandbox.engine import Engine
from core.sandbox.lines import LineChannel, LineTooLong, Tail

if TYPE_CHECKING:
    from docker import APIClient

_EXIT_SECONDS = 10
_REASON_SECONDS = 0.5
_SIGKILLED = 128 + signal.SIGKILL
_POLL_SECONDS = 0.02
_ATTACH_SECONDS = 60
_STDERR = 2
_HEADER = struct.Struct(">BxxxL")
"""Stream and length of each frame (Docker Engine API, Attach to a container, Stream format)."""


class ContainerWorker:
    """:class:`core.sandbox.base.WorkerProcess` over an engine's attach stream."""

    def __init__(
        self,
        engine: Engine,
        container: str,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        keep: bool = False,
    ) -> None:
        """``keep`` leaves the stopped container there after an end of its own, but not a killed one."""
        self.container = container
        self._engine = engine
        self._keep = keep
        self._reader = reader
        self._writer = writer
        self._lines = LineChannel()
        self._stderr = Tail()
        self._killed = asyncio.Event()
        self._exit = WorkerExit(-1)
        self._life = asyncio.create_task(self._live(), name=f"sandbox worker {container[:12]}")

    @property
    def ended(self) -> bool:
        """True once the worker is gone and what it held is freed."""
        return self._life.done()

    async def send(self, line: bytes) -> None:
        if self._life.done() or self._writer.is_closing() or self._killed.is_set():
            raise BrokenPipeError("the worker is gone")
        self._writer.write(line)
        try:
            await self._writer.drain()
        except ConnectionError as error:
            raise BrokenPipeError("the worker is gone") from error

    async def receive(self) -> bytes | None:
        return await self._lines.receive()

    async def kill(self) -> None:
        self._killed.set()
        self._lines.end()
        await asyncio.shield(self._life)

    async def wait(self) -> WorkerExit:
        await asyncio.shield(self._life)
        return self._exit

    async def _live(self) -> None:
        pump = asyncio.create_task(self._pump())
        killed = asyncio.create_task(self._killed.wait())
        try:
            await asyncio.wait((pump, killed), return_when=asyncio.FIRST_COMPLETED)
        finally:
            with suppress(SandboxError):  # the engine may be gone, and the container with it
                self._exit = await self._engine.call(self._end)
            killed.cancel()
            pump.cancel()
            await asyncio.gather(pump, killed, return_exceptions=True)
            self._lines.end()
            self._writer.close()
            with suppress(OSError):
                await self._writer.wait_closed()

    def _end(self, client: APIClient) -> WorkerExit:
        """Remove the container, which kills what still runs in it, and say how it ended."""
        import docker.errors

        status, out_of_memory = _SIGKILLED, False
        with suppress(docker.errors.NotFound):
            if not self._killed.is_set():
                # The stream can end a moment before the engine has noted the exit. Asked again
                # and again, because Podman 4.3 never answers a wait for a container that is gone.
                deadline = time.monotonic() + _EXIT_SECONDS
                state = client.inspect_container(self.container)["State"]
                while state["Running"] and time.monotonic() < deadline:
                    time.sleep(_POLL_SECONDS)
                    state = client.inspect_container(self.container)["State"]
                if not state["Running"]:
                    status = int(state["ExitCode"])
                # A SIGKILL that is not ours: the engine may learn of the kernel's reason only now.
                deadline = time.monotonic() + _REASON_SECONDS
                while status == _SIGKILLED and not state["OOMKilled"] and time.monotonic() < deadline:
                    time.sleep(_POLL_SECONDS)
                    state = client.inspect_container(self.container)["State"]
                out_of_memory = bool(state["OOMKilled"])
            if self._killed.is_set() or not self._keep:
                client.remove_container(self.container, force=True, v=True)
        return WorkerExit(status, out_of_memory, self._stderr.text)

    async def _pump(self) -> None:
        try:
            while True:
                stream, length = _HEADER.unpack(await self._reader.readexactly(_HEADER.size))
                data = await self._reader.readexactly(length)
                if stream == _STDERR:
                    self._stderr.feed(data)
                else:
                    await self._lines.feed(data)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        except LineTooLong:
            self._stderr.feed(b"\na line of output was too long\n")
            self._killed.set()
        self._lines.end()


async def start_worker(
    engine: Engine, settings: Mapping[str, object], keep: bool = False
) -> ContainerWorker:
    """Create a container with ``settings`` (of the SDK's ``create_container``), attach, start.

    Attached before the start, so that not a byte is missed. Raises SandboxError, and leaves no
    container behind then.
    """
    creation = asyncio.ensure_future(
        engine.call(lambda client: str(client.create_container(**settings)["Id"]))
    )
    try:
        container = await asyncio.shield(creation)
    except asyncio.CancelledError:
        # The thread goes on; what it makes has to go as well.
        with suppress(SandboxError):
            made = await creation
            await engine.call(lambda client: client.remove_container(made, force=True))
        raise
    try:
        reader, writer = await _attached(engine, container)
        try:
            await engine.call(lambda client: client.start(container))
        except BaseException:
            writer.close()
            raise
    except BaseException:
        removal = engine.call(lambda client: client.remove_container(container, force=True))
        with suppress(SandboxError):
            await asyncio.shield(removal)
        raise
    return ContainerWorker(engine, container, reader, writer, keep)


async def _attached(engine: Engine, container: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """The container's standard streams (Docker Engine API, Attach to a container, Hijacking).

    Cancelling leaves no open connection behind.
    """
    reader, writer = await engine.dial()
    try:
        writer.write(
            f"POST /containers/{container}/attach?stdin=1&stdout=1&stderr=1&stream=1 HTTP/1.1\r\n"
            "Host: engine\r\nConnection: Upgrade\r\nUpgrade: tcp\r\nContent-Length: 0\r\n\r\n".encode()
        )
        async with asyncio.timeout(_ATTACH_SECONDS):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError) as error:
        writer.close()
        raise SandboxError(
            "sandbox.engine_lost", f"{engine.name} stopped answering.", details=repr(error)
        ) from error
    except BaseException:
        writer.close()
        raise
    if head.split(" ", 2)[1] not in ("101", "200"):
        writer.close()
        raise SandboxError("sandbox.engine", f"{engine.name} refused a request.", details=head)
    return reader, writer
