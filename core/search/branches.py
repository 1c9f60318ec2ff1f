"""Branches: the few promising candidates that are worked on besides the source."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from core.errors import GreenbarError
from core.search.base import FixTask, Proposer, Tried
from core.search.lanes import Lanes
from core.search.ranking import Ranking
from core.search.tree import Node, Tree

log = logging.getLogger("greenbar.search")

Rebase = Callable[[Tried], Awaitable[FixTask | None]]
"""The task that is left where a candidate has done a part of it; ``None`` where that cannot be told."""


class Branches:
    """Of one search. ``proposers`` are those that may work on candidates; ``news`` is told when a branch
    was opened, or was not."""

    def __init__(
        self,
        proposers: Sequence[Proposer],
        tree: Tree,
        lanes: Lanes,
        ranking: Ranking,
        rebase: Rebase | None,
        news: Callable[[], None],
    ) -> None:
        """Without ``rebase`` the source is all that is worked on."""
        self._proposers = proposers
        self._tree = tree
        self._lanes = lanes
        self._ranking = ranking
        self._rebase = rebase
        self._news = news
        self._opening: set[asyncio.Task[None]] = set()

    @property
    def opening(self) -> tuple[asyncio.Task[None], ...]:
        """Branches that are being prepared: for each, tests run with tracing."""
        return tuple(self._opening)

    def grow(self, node: Node) -> None:
        """Have a candidate worked on, if it is promising and there is room for it."""
        if self._rebase is None or not self._proposers:
            return
        admitted, left = self._tree.admit(node)
        if left is not None:
            self._lanes.close(left)
        if admitted:
            task = asyncio.create_task(self._open(node, self._rebase))
            self._opening.add(task)
            task.add_done_callback(self._opened)

    def _opened(self, task: asyncio.Task[None]) -> None:
        self._opening.discard(task)
        self._news()

    async def _open(self, node: Node, rebase: Rebase) -> None:
        try:
            task = await rebase(node.tried)
        except GreenbarError as error:
            log.warning("candidate %s is not worked on: %s", node.candidate, error.sentence)
            return
        except Exception:
            # The boundary of a task: without it, the search goes on from the source alone.
            log.exception("candidate %s is not worked on", node.candidate)
            return
        if task is None:
            self._tree.give_up(node)
        elif node.worked_on:
            promise = self._tree.promise(node)
            self._lanes.open(self._proposers, task, lambda: self._below(node), node, promise)

    def _below(self, node: Node) -> tuple[Tried, ...]:
        """What came of working on a candidate, itself included, best first."""
        nodes = self._tree.nodes
        return tuple(
            tried
            for tried in self._ranking.tried()
            if tried.candidate in nodes and nodes[tried.candidate].comes_from(node)
        )
