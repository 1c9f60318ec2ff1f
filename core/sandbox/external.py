"""Run a program of the host to its end, its lines as progress: uv, debootstrap, tar, systemctl."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

KEPT_LINES = 60


@dataclass(frozen=True, slots=True)
class Finished:
    """``tail`` holds the last lines of standard output and error, mixed as they came."""

    status: int
    tail: str


async def run(
    command: Sequence[str],
    *,
    env: Mapping[str, str] | None = None,
    on_line: Callable[[str], None] | None = None,
    seconds: float | None = None,
) -> Finished:
    """Run ``command`` without input; a status of 127 where it does not exist, 124 past ``seconds``.

    Cancelling ends the program and its process group.
    """
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env=None if env is None else dict(env),
            start_new_session=True,
            limit=1024**2,
        )
    except (FileNotFoundError, PermissionError) as error:
        return Finished(127, str(error))
    tail: deque[str] = deque(maxlen=KEPT_LINES)
    try:
        async with asyncio.timeout(seconds):
            assert process.stdout is not None
            while line := await process.stdout.readline():
                text = line.decode("utf-8", "replace").rstrip()
                tail.append(text)
                if on_line is not None and text:
                    on_line(text)
            status = await process.wait()
    except TimeoutError:
        status = 124
    finally:
        # Also after an ordinary end: a helper left in the background would hold the pipe open.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
    return Finished(status, "\n".join(tail))
