"""A local socket whose every connection is an ``ssh`` to another machine's engine.

``docker system dial-stdio`` on the other side joins its standard streams to the engine there. Docker's
own command does the same. The SDK could as well, but through paramiko, which reads less of the user's
ssh configuration, and not for the attached stream of a worker.
"""

from __future__ import annotations

import asyncio
import os
import shlex
import shutil
import signal
import socket
import tempfile
from contextlib import suppress
from pathlib import Path
from urllib.parse import unquote, urlsplit

from core.sandbox.lines import Tail
from core.types import SandboxKind

CONNECT_SECONDS = 10


class SshBridge:
    """Made, then started; ``close`` it in the end. For the loop's thread only."""

    def __init__(self, kind: SandboxKind, url: str) -> None:
        """``url`` is ``ssh://[USER@]HOST[:PORT][/SOCKET]``."""
        self._command = _command(kind, url)
        self._folder: str | None = None
        self._listener: socket.socket | None = None
        self._accepting: asyncio.Task[None] | None = None
        self._watches: set[asyncio.Task[None]] = set()
        self._processes: set[asyncio.subprocess.Process] = set()
        self._said = Tail()

    @property
    def said(self) -> str:
        """The last words of ssh on its standard error."""
        return self._said.text.strip()

    async def start(self) -> Path:
        """Listen, and return the socket's path. Nothing is dialled yet. Idempotent."""
        if self._folder is None:
            self._folder = await asyncio.to_thread(tempfile.mkdtemp, prefix="greenbar-ssh-")
            self._listener = socket.socket(socket.AF_UNIX)
            self._listener.setblocking(False)
            self._listener.bind(f"{self._folder}/engine")
            self._listener.listen()
            self._accepting = asyncio.create_task(self._accept(self._listener), name="ssh bridge")
        return Path(self._folder, "engine")

    async def close(self) -> None:
        """End every connection and remove the socket. Idempotent."""
        if self._accepting is not None:
            self._accepting.cancel()
            await asyncio.gather(self._accepting, return_exceptions=True)
        for process in self._processes:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        await asyncio.gather(*self._watches, return_exceptions=True)
        if self._listener is not None:
            self._listener.close()
        if self._folder is not None:
            await asyncio.to_thread(shutil.rmtree, self._folder, ignore_errors=True)
        self._folder = self._listener = self._accepting = None

    async def _accept(self, listener: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            connection, _ = await loop.sock_accept(listener)
            with connection:
                try:
                    process = await asyncio.create_subprocess_exec(
                        *("ssh", "-o", f"ControlPath={self._folder}/control", *self._command),
                        stdin=connection.fileno(),
                        stdout=connection.fileno(),
                        stderr=asyncio.subprocess.PIPE,
                        start_new_session=True,
                    )
                except OSError as error:
                    self._said.feed(f"{error}\n".encode())
                    continue
            self._processes.add(process)
            watch = asyncio.create_task(self._watch(process))
            self._watches.add(watch)
            watch.add_done_callback(self._watches.discard)

    async def _watch(self, process: asyncio.subprocess.Process) -> None:
        assert process.stderr is not None
        while data := await process.stderr.read(4096):
            self._said.feed(data)
        await process.wait()
        self._processes.discard(process)


def _command(kind: SandboxKind, url: str) -> list[str]:
    """Arguments of ssh."""
    parts = urlsplit(url)
    command = ["-T", "-o", "BatchMode=yes", "-o", f"ConnectTimeout={CONNECT_SECONDS}"]
    # The first connection carries the later ones, which saves each of them the greeting.
    command += ["-o", "ControlMaster=auto"]
    if parts.port:
        command += ["-p", str(parts.port)]
    if parts.username:
        command += ["-l", unquote(parts.username)]
    engine = ["podman"] if kind is SandboxKind.PODMAN else ["docker"]
    if parts.path not in ("", "/"):
        flag = "--url" if kind is SandboxKind.PODMAN else "--host"
        engine += [flag, f"unix://{unquote(parts.path)}"]
    # One word: ssh joins its arguments with spaces and gives them to the other side's shell.
    return [*command, "--", parts.hostname or "", shlex.join([*engine, "system", "dial-stdio"])]


def why_not(said: str) -> str:
    """What went wrong, as a clause, from ssh's own words."""
    for sign, clause in _CLAUSES:
        if sign in said:
            return clause
    return "ssh could not connect"


_CLAUSES = (
    ("Permission denied (", "ssh has no key that opens it without a question"),
    ("Host key verification failed", "ssh does not know the machine's key yet; connect once by hand"),
    ("REMOTE HOST IDENTIFICATION HAS CHANGED", "the machine's key is another one than before"),
    ("Could not resolve hostname", "its name is unknown"),
    ("Connection refused", "the connection was refused"),
    ("timed out", "it does not answer"),
    ("not found", "there is no docker command on that machine"),
    ("permission denied while trying to connect", "your account there may not use Docker"),
    ("Cannot connect to the Docker daemon", "Docker is not running there"),
    ("No such file or directory", "ssh is not installed here"),
)
