"""The way of a worker's bytes to whoever reads its lines, with a bounded store between.

A worker that writes faster than it is read is made to wait (the pump stops reading its pipe); one
that writes a line without end is cut off.
"""

from __future__ import annotations

import asyncio
from collections import deque

STORE_BYTES = 8 * 1024**2
"""Complete lines kept before the pump waits."""
LINE_BYTES = 64 * 1024**2
STDERR_CHARACTERS = 4000


class LineTooLong(Exception):
    """A line passed LINE_BYTES; its worker is not to be trusted."""


class LineChannel:
    """Bytes in at one end, lines out at the other; one writer and one reader, on one loop."""

    def __init__(self, store_bytes: int = STORE_BYTES, line_bytes: int = LINE_BYTES) -> None:
        self._store_bytes = store_bytes
        self._line_bytes = line_bytes
        self._lines: deque[bytes] = deque()
        self._stored = 0
        self._partial = bytearray()
        self._ended = False
        self._unbounded = False
        self._changed = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()

    async def feed(self, data: bytes) -> None:
        """Take bytes in; returns when there is room for more. Raises LineTooLong."""
        *complete, rest = data.split(b"\n")
        for piece in complete:
            self._partial += piece
            self._lines.append(bytes(self._partial))
            self._stored += len(self._partial)
            self._partial.clear()
        self._partial += rest
        if len(self._partial) > self._line_bytes:
            raise LineTooLong
        if complete:
            self._changed.set()
            if self._stored > self._store_bytes and not self._unbounded:
                self._room.clear()
                await self._room.wait()

    def unbound(self) -> None:
        """Let the writer never wait again: the worker is dead and what its pipe holds is little."""
        self._unbounded = True
        self._room.set()

    def end(self) -> None:
        """No more will come; a last line without newline counts as a line."""
        if self._partial:
            self._lines.append(bytes(self._partial))
            self._partial.clear()
        self._ended = True
        self._changed.set()
        self.unbound()

    async def receive(self) -> bytes | None:
        while not self._lines:
            if self._ended:
                return None
            self._changed.clear()
            await self._changed.wait()
        line = self._lines.popleft()
        self._stored -= len(line)
        if self._stored <= self._store_bytes:
            self._room.set()
        return line


class Tail:
    """The last characters of a stream that nobody reads live."""

    def __init__(self, characters: int = STDERR_CHARACTERS) -> None:
        self._characters = characters
        self._bytes = bytearray()

    def feed(self, data: bytes) -> None:
        self._bytes += data
        del self._bytes[: -4 * self._characters]

    @property
    def text(self) -> str:
        return self._bytes.decode("utf-8", "replace")[-self._characters :]
