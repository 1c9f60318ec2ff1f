"""The symbol index during one fix: brought up to date while the tests are traced, then asked once.

The search never waits for it by more than a moment: what was not read by then is left for the next
time, and files near the failing tests are read first.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

from core.context.neighbours import FocusFacts
from core.repo.copy import PrivateCopy
from core.types import RelPath

if TYPE_CHECKING:
    from core.context.index import SymbolIndex

log = logging.getLogger("greenbar.index")

GRACE_SECONDS: Final = 1.0
"""How much longer than the tracing the index may take."""

LOOK_SECONDS: Final = 1.0
"""After this no further function is looked up."""

Place: TypeAlias = tuple[RelPath, str]
"""A file and the dotted name of a function in it."""


class Seeker:
    """For one fix, on the loop's thread; everything that blocks is done in a thread, one at a time."""

    def __init__(
        self, folder: Path, repository: str, copy: PrivateCopy, is_locked: Callable[[RelPath], bool]
    ) -> None:
        """``folder`` has the indexes of all repositories, ``repository`` is this one's path."""
        self._folder = folder
        self._repository = repository
        self._copy = copy
        self._is_locked = is_locked
        self._stop = threading.Event()
        self._index: SymbolIndex | None = None
        self._over = threading.Event()
        self._reading: asyncio.Task[None] | None = None
        self._finding: asyncio.Task[Mapping[Place, FocusFacts]] | None = None

    def begin(self, near: Collection[RelPath]) -> None:
        """Start reading; files close to ``near`` come first."""
        self._reading = asyncio.create_task(asyncio.to_thread(self._read, frozenset(near)))

    async def look(self, places: Sequence[Place]) -> Mapping[Place, FocusFacts]:
        """What is known around ``places``, after a moment's grace for reading; nothing where there is no
        index."""
        if self._reading is None:
            return {}
        await asyncio.wait([self._reading], timeout=GRACE_SECONDS)
        self._stop.set()
        await asyncio.wait([self._reading])
        if error := self._reading.exception():
            log.error("the symbol index cannot be read", exc_info=error)
        self._finding = asyncio.create_task(asyncio.to_thread(self._find, places))
        try:
            return await asyncio.shield(self._finding)
        except Exception:
            # The boundary of a task: a fault here must not take the fix with it.
            log.exception("the symbol index cannot be asked")
            return {}

    async def close(self) -> None:
        """Stop reading and let go of the index; what was read stays on disk."""
        self._stop.set()
        self._over.set()
        running = [task for task in (self._reading, self._finding) if task is not None]
        await asyncio.gather(*running, return_exceptions=True)
        index, self._index = self._index, None
        if index is not None:
            await asyncio.to_thread(index.close)

    def _read(self, near: frozenset[RelPath]) -> None:
        from core.context.index import SymbolIndex  # the parsers come with it: not on the loop's thread

        try:
            self._index = SymbolIndex.open(self._folder, self._repository, self._copy.root)
            whole = self._index.refresh(self._copy.files(), near, self._stop.is_set)
        except (OSError, sqlite3.Error) as error:
            log.warning("there is no symbol index: %s", error)
        else:
            log.info("the symbol index is %s", "whole" if whole else "not whole yet")

    def _find(self, places: Sequence[Place]) -> Mapping[Place, FocusFacts]:
        if self._index is None:
            return {}
        from core.context.facts import find_facts

        try:
            found: dict[Place, FocusFacts] = {}
            end = time.monotonic() + LOOK_SECONDS
            for path, function in places:
                if self._over.is_set() or time.monotonic() > end:
                    break
                found[path, function] = find_facts(self._index, path, function, self._is_locked)
            return found
        except (sqlite3.Error, UnicodeEncodeError) as error:
            log.warning("the symbol index cannot be asked: %s", error)
            return {}
