"""The ledger of the opened repository: kept on disk, told in events, filled from AGENTS.md."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Final

from core.commands import AddRequirement, DropRequirement, EditRequirement
from core.errors import UsageError
from core.events import LedgerChanged, Noticed
from core.ledger.agents import AGENTS_FILE, rules_of
from core.ledger.ledger import Ledger
from core.ledger.store import LedgerStore
from core.session.emitter import Emitter
from core.types import Requirement, RequirementSource

log = logging.getLogger("greenbar.ledger")

MOST_BYTES: Final = 65_536
"""Of AGENTS.md that are read."""


class Requirements:
    """Belongs to one opened repository; ``ledger`` is shared with everybody who has lines for it.

    A line is announced as soon as it stands, and written to disk right behind it, in a thread.
    """

    def __init__(self, store: LedgerStore, root: Path, emit: Emitter) -> None:
        self._store = store
        self._root = root
        self._emit = emit
        self._taken: frozenset[str] = frozenset()
        self._saving: asyncio.Task[None] | None = None
        self._unsaved = False
        self.ledger = Ledger()

    async def open(self) -> None:
        """Read what was kept, take in what AGENTS.md says that is new, and announce the ledger."""
        lines, last_id, self._taken = await asyncio.to_thread(self._store.load, str(self._root))
        self.ledger = Ledger(lines, self._changed, last_id)
        if lines:
            self._emit(LedgerChanged(self.ledger.requirements))
        text = await asyncio.to_thread(_read, self._root / AGENTS_FILE)
        new = [rule for rule in rules_of(text) if rule not in self._taken]
        if not new:
            return
        self._taken |= set(new)
        for rule in new:
            try:
                self.ledger.add(rule, RequirementSource.AGENTS_MD)
            except UsageError as error:
                self._emit(
                    Noticed(f"{AGENTS_FILE} has more rules than the ledger took in. {error.sentence}")
                )
                break

    def take(self, command: AddRequirement | EditRequirement | DropRequirement) -> None:
        """The user's own hand on the ledger. Raises UsageError."""
        match command:
            case AddRequirement(text):
                self.ledger.add(text, RequirementSource.USER)
            case EditRequirement(number, text):
                self.ledger.edit(number, text)
            case DropRequirement(number):
                self.ledger.drop(number)

    async def close(self) -> None:
        """Wait until everything is on disk."""
        while self._saving is not None:
            await asyncio.wait([self._saving])

    def _changed(self, requirements: tuple[Requirement, ...]) -> None:
        self._emit(LedgerChanged(requirements))
        self._unsaved = True
        if self._saving is None:
            self._saving = asyncio.create_task(self._save())

    async def _save(self) -> None:
        try:
            while self._unsaved:
                self._unsaved = False
                ledger = self.ledger
                lines, last_id, taken = ledger.requirements, ledger.last_id, self._taken
                await asyncio.to_thread(self._store.save, str(self._root), lines, last_id, taken)
        except OSError as error:
            log.warning("the ledger cannot be kept: %s", error)
            self._emit(
                Noticed("The ledger cannot be written to disk, so it lasts until Greenbar is closed.")
            )
        finally:
            self._saving = None


def _read(path: Path) -> str:
    """The file's text; empty where there is none, or it is a link, which may lead anywhere."""
    try:
        if path.is_symlink() or not path.is_file():
            return ""
        with path.open("rb") as file:
            return file.read(MOST_BYTES).decode("utf-8", "replace")
    except OSError as error:
        log.info("%s cannot be read: %s", path, error)
        return ""
