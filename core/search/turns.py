"""Whose turn it is to ask the model: weighted fair queueing, so that short questions go first.

Source: A. Demers, S. Keshav, S. Shenker, "Analysis and simulation of a fair queueing algorithm",
SIGCOMM 1989, section 2.3: each waiter gets the virtual time at which it would be served, were the
server shared in proportion, and the earliest goes first. What costs is the answer's length. So a
proposer whose questions need twenty tokens asks many of them while another waits with a question of
three hundred, and neither can starve the other. No clock takes part: the order is the same everywhere.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager


def equal(name: str) -> float:
    """The same share for everybody."""
    return 1.0


class Turns:
    """One at a time. ``share`` is a name's weight, above 0; it may change as time goes by."""

    def __init__(self, share: Callable[[str], float] = equal) -> None:
        self._share = share
        self._finished: dict[str, float] = {}
        self._now = 0.0
        self._arrivals = itertools.count()
        self._waiting: list[tuple[float, int, float, asyncio.Future[None]]] = []
        self._taken = False
        self._choosing = False

    @asynccontextmanager
    async def of(self, name: str, cost: float) -> AsyncIterator[None]:
        """Wait for ``name``'s turn and hold it; ``cost`` is the most tokens that may be written."""
        start = max(self._now, self._finished.get(name, 0.0))
        finish = start + cost / self._share(name)
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (finish, next(self._arrivals), start, waiter))
        self._choose_soon()
        try:
            await waiter
        except asyncio.CancelledError:
            if not waiter.cancelled():
                self._leave()
            raise
        self._finished[name] = finish
        try:
            yield
        finally:
            self._leave()

    def _leave(self) -> None:
        self._taken = False
        self._choose_soon()

    def _choose_soon(self) -> None:
        """Not at once: whoever has just had a turn may come with the next question right away."""
        if not self._choosing:
            self._choosing = True
            asyncio.get_running_loop().call_soon(self._choose)

    def _choose(self) -> None:
        self._choosing = False
        while self._waiting and not self._taken:
            _, _, start, waiter = heapq.heappop(self._waiting)
            if not waiter.done():
                self._now = max(self._now, start)
                self._taken = True
                waiter.set_result(None)
