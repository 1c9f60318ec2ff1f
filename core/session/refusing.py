"""The refused hunks of the opened repository: remembered across rounds and restarts, told, taken back."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import Final

from core.errors import UsageError
from core.events import Noticed, RefusalsChanged
from core.remark.refused import holds_refused, marks_of, signed_lines
from core.remark.store import RefusalStore
from core.repo.patch import hunks_of
from core.session.emitter import Emitter
from core.types import Candidate, HunkId, NodeId, Patch, Refusal, Remedy

log = logging.getLogger("greenbar.remarks")

MOST_REFUSALS: Final = 200
"""Of one repository; the oldest make way."""
MOST_REASON: Final = 400


class Refusals:
    """Belongs to one opened repository."""

    def __init__(self, store: RefusalStore, root: Path, emit: Emitter) -> None:
        self._store = store
        self._root = root
        self._emit = emit
        self._all: tuple[Refusal, ...] = ()
        self._writing = asyncio.Lock()

    @property
    def all(self) -> tuple[Refusal, ...]:
        """Oldest first."""
        return self._all

    async def open(self) -> None:
        """Read what was kept, and announce it where there is something."""
        self._all = await asyncio.to_thread(self._store.load, str(self._root))
        if self._all:
            self._emit(RefusalsChanged(self._all))

    def against(self, targets: Collection[NodeId]) -> tuple[Refusal, ...]:
        """Those that count where ``targets`` are to be fixed."""
        wanted = frozenset(targets)
        return tuple(one for one in self._all if not one.targets or wanted & set(one.targets))

    def veto(self, patch: Patch, targets: Collection[NodeId]) -> str:
        """Why a patch is not to be looked at, as a clause; empty where nothing speaks against it."""
        found = holds_refused(patch, self.against(targets))
        return "" if found is None else "it holds a hunk that you refused"

    async def refuse(
        self, candidate: Candidate, hunk: HunkId, reason: str, targets: tuple[NodeId, ...]
    ) -> Refusal:
        """Remember a hunk. Raises UsageError for one that the candidate does not have."""
        path, _, number = hunk.rpartition("#")
        change = next((one for one in candidate.patch.changes if one.path == path), None)
        marks = marks_of(change, int(number)) if change is not None and number.isdigit() else ()
        if change is None or not marks:
            raise UsageError(
                "hunk.unknown", f"Candidate {candidate.id} has no hunk {hunk}; nothing was refused."
            )
        lines = signed_lines(hunks_of(change)[int(number)])
        reason = " ".join(reason.split())[:MOST_REASON]
        known = next((one for one in self._all if one.path == path and one.marks == marks), None)
        if known is None:
            last = max((one.id for one in self._all), default=0)
            made = Refusal(last + 1, path, lines, reason, targets, marks)
            self._all = (*self._all, made)[-MOST_REFUSALS:]
        else:
            both = tuple(dict.fromkeys((*known.targets, *targets)))
            made = replace(known, reason=reason or known.reason, targets=both)
            self._all = tuple(made if one.id == known.id else one for one in self._all)
        await self._changed()
        return made

    async def allow(self, number: int) -> Refusal:
        """Take a refusal back. Raises UsageError for one that there is not."""
        found = next((one for one in self._all if one.id == number), None)
        if found is None:
            raise UsageError(
                "refusal.unknown",
                f"There is no refused hunk {number}.",
                (Remedy("List the refused hunks", shell="greenbar refused PATH"),),
            )
        self._all = tuple(one for one in self._all if one.id != number)
        await self._changed()
        return found

    async def _changed(self) -> None:
        self._emit(RefusalsChanged(self._all))
        async with self._writing:
            try:
                await asyncio.to_thread(self._store.save, str(self._root), self._all)
            except OSError as error:
                log.warning("the refused hunks cannot be kept: %s", error)
                sentence = "Refused hunks cannot be written to disk, so they last until Greenbar closes."
                self._emit(Noticed(sentence))
