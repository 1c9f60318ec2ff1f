"""A worker that is a child process of ours: pipes, limits, watch, and the end of its whole tree.

Shared by bubblewrap and the host. The kernel's per-process limits are set by a tiny launcher just
before the worker; what they cannot express (memory and processes of a whole tree, without control
groups) a watch looks at twice a second.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping, Sequence

from core.errors import SandboxError
from core.sandbox import tree
from core.sandbox.base import Limits, WorkerExit
from core.sandbox.lines import LineChannel, LineTooLong, Tail

WATCH_SECONDS = 0.5
_CHUNK = 65_536
_PIPE_SECONDS = 1.0
_LAUNCHER = """\
import os, resource as r, sys
def limit(name, value):
    hard = r.getrlimit(name)[1]
    value = value if hard == r.RLIM_INFINITY else min(value, hard)
    r.setrlimit(name, (value, value))
limit(r.RLIMIT_CORE, 0)
limit(r.RLIMIT_DATA, int(sys.argv[1]))
if int(sys.argv[2]):
    limit(r.RLIMIT_NPROC, int(sys.argv[2]))
os.execv(sys.argv[3], sys.argv[3:])
"""


def limited(python: str, limits: Limits, command: Sequence[str], own_user: bool) -> list[str]:
    """``command`` under the kernel's limits for one process.

    RLIMIT_DATA, not RLIMIT_AS: libraries reserve far more address space than they use. The limit
    on processes counts per user, so it is set only where the worker has a user namespace of its
    own (``own_user``); elsewhere the user's other programs would count as well.
    """
    processes = limits.processes if own_user else 0
    data = str(limits.memory_bytes)
    return [python, "-I", "-S", "-c", _LAUNCHER, data, str(processes), *command]


class LocalWorker:
    """:class:`core.sandbox.base.WorkerProcess` over a child process."""

    def __init__(
        self,
        process: asyncio.subprocess.Process,
        limits: Limits,
        end_tree: Callable[[asyncio.subprocess.Process], Awaitable[None]],
        clean_up: Callable[[], Awaitable[None]],
    ) -> None:
        """``end_tree`` kills everything below the process; ``clean_up`` frees folders, once."""
        self._process = process
        self._limits = limits
        self._end_tree = end_tree
        self._clean_up = clean_up
        self._lines = LineChannel()
        self._stderr = Tail()
        self._out_of_memory = False
        self._ended = asyncio.Event()
        self._life = asyncio.create_task(self._live(), name=f"sandbox worker {process.pid}")

    @property
    def ended(self) -> bool:
        """True once the worker is gone and what it held is freed."""
        return self._life.done()

    async def send(self, line: bytes) -> None:
        stdin = self._process.stdin
        assert stdin is not None
        if self._life.done() or stdin.is_closing():
            raise BrokenPipeError("the worker is gone")
        stdin.write(line)
        try:
            await stdin.drain()
        except ConnectionResetError as error:
            raise BrokenPipeError("the worker is gone") from error

    async def receive(self) -> bytes | None:
        return await self._lines.receive()

    async def kill(self) -> None:
        self._ended.set()
        self._lines.end()
        await asyncio.shield(self._life)

    async def wait(self) -> WorkerExit:
        await asyncio.shield(self._life)
        status = self._process.returncode
        return WorkerExit(-1 if status is None else status, self._out_of_memory, self._stderr.text)

    async def _live(self) -> None:
        pumps = [
            asyncio.create_task(self._pump_output()),
            asyncio.create_task(self._pump_errors()),
        ]
        watch = asyncio.create_task(self._watch())
        exited = asyncio.create_task(self._process.wait())
        ended = asyncio.create_task(self._ended.wait())
        try:
            await asyncio.wait((exited, ended), return_when=asyncio.FIRST_COMPLETED)
        finally:
            watch.cancel()
            ended.cancel()
            await self._end_tree(self._process)
            self._lines.unbound()
            # The tree is dead, so the pipes end as soon as what they hold is read.
            _, late = await asyncio.wait(pumps, timeout=_PIPE_SECONDS)
            for task in late:
                task.cancel()
            self._lines.end()
            if self._process.stdin is not None:
                self._process.stdin.close()
            await asyncio.gather(*pumps, exited, ended, watch, return_exceptions=True)
            await self._clean_up()

    async def _pump_output(self) -> None:
        assert self._process.stdout is not None
        try:
            while data := await self._process.stdout.read(_CHUNK):
                await self._lines.feed(data)
        except LineTooLong:
            self._stderr.feed(b"\na line of output was too long\n")
            self._ended.set()
        self._lines.end()

    async def _pump_errors(self) -> None:
        assert self._process.stderr is not None
        while data := await self._process.stderr.read(_CHUNK):
            self._stderr.feed(data)

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            if self._process.returncode is not None:
                # Process.wait() itself waits for the pipes in some Python versions, which a
                # process left in the background holds open.
                self._ended.set()
                return
            pids = tree.descendants(self._process.pid)
            if len(pids) > self._limits.processes + 3:  # bubblewrap's own two, and the worker
                self._stderr.feed(b"\ntoo many processes\n")
                self._ended.set()
            elif tree.resident_bytes(pids, self._limits.memory_bytes) > self._limits.memory_bytes:
                self._out_of_memory = True
                self._ended.set()


async def start_local(
    command: Sequence[str],
    env: Mapping[str, str],
    cwd: str,
    limits: Limits,
    end_tree: Callable[[asyncio.subprocess.Process], Awaitable[None]],
    clean_up: Callable[[], Awaitable[None]],
) -> LocalWorker:
    """Start ``command`` in a session of its own. Raises SandboxError where it cannot start."""
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=dict(env),
            cwd=cwd,
            start_new_session=True,
        )
    except OSError as error:
        with contextlib.suppress(OSError):
            await clean_up()
        raise SandboxError(
            "sandbox.launch", "The sandbox could not start its worker.", details=str(error)
        ) from error
    return LocalWorker(process, limits, end_tree, clean_up)
