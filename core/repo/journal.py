"""The accept journal on disk: an append-only log of intents and outcomes, and the file contents.

Lives outside the user's repository. The log is one JSON object a line: a ``begin`` is on disk before
the first byte of the user's tree changes, an ``end`` after the last one (write-ahead logging). A
line cut off by a crash says nothing: a lost ``begin`` means nothing was written, a lost ``end``
leaves the intent pending, which recovery settles.
"""

from __future__ import annotations

import hashlib
import json
import os
import shlex
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from core.errors import RepositoryError
from core.types import RelPath, Remedy


class Action(StrEnum):
    ACCEPT = "accept"
    UNDO = "undo"
    REDO = "redo"


@dataclass(frozen=True, slots=True)
class FileIntent:
    """One file of an intent; digests name contents in the journal, ``None``: no file on that side.

    ``mode`` holds the permission bits that the file had before, where there was one.
    """

    path: RelPath
    before: str | None
    after: str | None
    mode: int | None = None


@dataclass(frozen=True, slots=True)
class Intent:
    """What is about to be written. ``time`` is seconds since the epoch (UTC)."""

    accept: int
    action: Action
    time: float
    files: tuple[FileIntent, ...]
    made: tuple[RelPath, ...] = ()
    """Folders that do not exist and will be made, outermost first."""
    unmade: tuple[RelPath, ...] = ()
    """Folders that an earlier action made and that go if they are empty, outermost first."""


@dataclass(slots=True)
class JournalState:
    """The log, read to its end."""

    applied: list[int] = field(default_factory=list)
    undone: list[int] = field(default_factory=list)
    intents: dict[int, list[Intent]] = field(default_factory=dict)
    """All intents that were carried out, by accept, oldest first."""
    pending: Intent | None = None
    last: int = 0

    def mode_of(self, accept: int, path: RelPath) -> int | None:
        """The newest permission bits that the journal knows of a file of this accept."""
        for intent in reversed(self.intents.get(accept, [])):
            for file in intent.files:
                if file.path == path and file.mode is not None:
                    return file.mode
        return None


class JournalStore:
    """Reads and appends the log, keeps contents by digest. Blocking; one writer at a time."""

    def __init__(self, folder: Path) -> None:
        self._log = folder / "log.jsonl"
        self._contents = folder / "contents"
        self._folder = folder

    def read(self) -> JournalState:
        state = JournalState()
        try:
            lines = self._log.read_bytes().splitlines()
        except FileNotFoundError:
            return state
        for line in lines:
            try:
                entry = json.loads(line)
            except ValueError:
                continue
            try:
                _replay(state, entry)
            except (KeyError, TypeError, ValueError) as error:
                raise _damaged(self._folder) from error
        return state

    def begin(self, intent: Intent, contents: Iterable[bytes]) -> None:
        """Make the intent and all contents that it names durable. Raises OSError."""
        self._contents.mkdir(parents=True, exist_ok=True, mode=0o700)
        for data in contents:
            self._keep(data)
        self._append({"step": "begin", **asdict(intent)})

    def end(self, intent: Intent, *, done: bool) -> None:
        outcome = "done" if done else "rolled_back"
        self._append({"step": "end", "accept": intent.accept, "outcome": outcome})

    def content(self, digest_: str | None) -> bytes | None:
        """A kept content. Raises RepositoryError where it is missing or damaged."""
        if digest_ is None:
            return None
        try:
            data = (self._contents / digest_).read_bytes()
        except OSError as error:
            raise _damaged(self._folder) from error
        if digest(data) != digest_:
            raise _damaged(self._folder)
        return data

    def _keep(self, data: bytes) -> None:
        kept = self._contents / digest(data)
        if kept.exists():
            return
        new = kept.with_suffix(".new")
        with new.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        new.replace(kept)
        sync_folder(self._contents)

    def _append(self, entry: dict[str, Any]) -> None:
        line = json.dumps(entry).encode() + b"\n"
        fresh = not self._log.exists()
        with self._log.open("ab+") as file:
            if file.tell():
                file.seek(-1, os.SEEK_END)
                line = line if file.read(1) == b"\n" else b"\n" + line
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
        if fresh:
            sync_folder(self._folder)


def digest(data: bytes) -> str:
    """SHA-256, in hex."""
    return hashlib.sha256(data).hexdigest()


def sync_folder(folder: Path) -> None:
    """Make a new name in ``folder`` survive a power cut, where the platform can."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _replay(state: JournalState, entry: dict[str, Any]) -> None:
    if entry["step"] == "begin":
        state.pending = _intent(entry)
        state.last = max(state.last, state.pending.accept)
    elif state.pending is not None:
        if entry["outcome"] == "done":
            _carry_out(state, state.pending)
        state.pending = None


def _carry_out(state: JournalState, intent: Intent) -> None:
    number = intent.accept
    state.intents.setdefault(number, []).append(intent)
    match intent.action:
        case Action.ACCEPT:
            state.applied.append(number)
            state.undone.clear()
        case Action.UNDO:
            state.applied.remove(number)
            state.undone.append(number)
        case Action.REDO:
            state.undone.remove(number)
            state.applied.append(number)


def _intent(entry: dict[str, Any]) -> Intent:
    return Intent(
        accept=entry["accept"],
        action=Action(entry["action"]),
        time=entry["time"],
        files=tuple(FileIntent(**file) for file in entry["files"]),
        made=tuple(entry["made"]),
        unmade=tuple(entry["unmade"]),
    )


def _damaged(folder: Path) -> RepositoryError:
    return RepositoryError(
        "journal.damaged",
        f"The accept journal in {folder} is damaged; move it away to go on without its undo steps.",
        (
            Remedy(
                "Move it away", shell=f"mv {shlex.quote(str(folder))} {shlex.quote(f'{folder}.damaged')}"
            ),
        ),
    )
