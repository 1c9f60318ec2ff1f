"""Carries out one intent of the accept journal on the user's tree, all or nothing.

Blocking; the caller holds the writer lock. New contents are staged beside their targets, so that a
full disk shows before anything has changed; only then does each take its place, atomically. An
error takes everything back at once; a crash is settled from the log at the next start.
"""

from __future__ import annotations

import contextlib
import errno
import shlex
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.errors import RepositoryError
from core.repo import writing
from core.repo.journal import Action, FileIntent, Intent, JournalState, JournalStore, digest
from core.repo.writing import Place
from core.types import Patch, RelPath, Remedy

_SINCE: Final = {
    Action.ACCEPT: "since the tests ran",
    Action.UNDO: "since it was accepted",
    Action.REDO: "since it was undone",
}


@dataclass(frozen=True, slots=True)
class Recovery:
    """How an action that a crash cut short was settled.

    ``completed``: everything had been written, and it stands; otherwise it was taken back.
    ``untouched`` are files that hold neither the old nor the new content and were left alone.
    """

    accept: int
    action: Action
    completed: bool
    paths: tuple[RelPath, ...]
    untouched: tuple[RelPath, ...] = ()

    @property
    def sentence(self) -> str:
        did = "completed" if self.completed else "rolled back"
        left = f"; left alone: {', '.join(self.untouched)}" if self.untouched else ""
        return f"An {self.action.value} that was cut short was {did} ({', '.join(self.paths)}{left})."


@dataclass(frozen=True, slots=True)
class Transaction:
    """The user's tree at ``root`` (resolved) and its journal as it was read."""

    root: Path
    store: JournalStore
    state: JournalState

    def carry_out(self, action: Action, accept: int, patch: Patch) -> Intent:
        """Write ``patch``, checked and logged. Raises RepositoryError; then nothing has changed."""
        intent = self._plan(action, accept, patch)
        contents = [data for c in patch.changes for data in (c.before, c.after) if data is not None]
        try:
            self.store.begin(intent, contents)
        except OSError as error:
            raise _not_written("The accept journal", error) from error
        try:
            self._write(intent, patch)
        except RepositoryError:
            self._take_back(intent)
            self.store.end(intent, done=False)
            raise
        self._remove_folders(intent.unmade)
        self.store.end(intent, done=True)
        return intent

    def settle(self) -> Recovery | None:
        """End a pending intent: let it stand where all of it was written, else take it back."""
        intent = self.state.pending
        if intent is None:
            return None
        paths = tuple(file.path for file in intent.files)
        completed = all(self._holds(file, file.after) for file in intent.files)
        untouched: tuple[RelPath, ...] = ()
        if completed:
            self._remove_temporaries(intent)
            self._remove_folders(intent.unmade)
        else:
            untouched = self._take_back(intent)
        self.store.end(intent, done=completed)
        return Recovery(intent.accept, intent.action, completed, paths, untouched)

    def _plan(self, action: Action, accept: int, patch: Patch) -> Intent:
        files: list[FileIntent] = []
        made: list[RelPath] = []
        for change in patch.changes:
            try:
                found = writing.look(writing.locate(self.root, change.path))
            except OSError as error:
                raise _not_read(change.path, error) from error
            if found.data != change.before:
                raise _drifted(change.path, action)
            writing.check_replaceable(self.root, change.path, found, deletes=change.after is None)
            if change.after is not None:
                made += [f for f in writing.missing_folders(self.root, change.path) if f not in made]
            files.append(
                FileIntent(change.path, _digest(change.before), _digest(change.after), found.mode)
            )
        earlier = self.state.intents.get(accept, [])
        unmade = earlier[-1].made if earlier else ()
        return Intent(accept, action, time.time(), tuple(files), tuple(made), unmade)

    def _write(self, intent: Intent, patch: Patch) -> None:
        at = ""
        try:
            for number, change in enumerate(patch.changes):
                at = change.path
                if change.after is not None:
                    self._stage(intent, number, change.after)
            for number, change in enumerate(patch.changes):
                at = change.path
                place = writing.locate(self.root, at)
                if writing.look(place).data != change.before:
                    raise _drifted(at, intent.action)
                if change.after is None:
                    writing.delete(place)
                else:
                    writing.put(place, _temporary(place, intent, number))
        except OSError as error:
            raise _not_written(at, error) from error

    def _stage(self, intent: Intent, number: int, data: bytes) -> None:
        file = intent.files[number]
        for folder in intent.made:
            if file.path.startswith(f"{folder}/"):
                writing.make_folder(self.root / folder)
        place = writing.locate(self.root, file.path)
        mode = self.state.mode_of(intent.accept, file.path)
        writing.stage(place, _temporary(place, intent, number), data, mode)

    def _take_back(self, intent: Intent) -> tuple[RelPath, ...]:
        """Bring back every file that holds the new content; returns those that hold neither."""
        self._remove_temporaries(intent)
        untouched: list[RelPath] = []
        for number, file in enumerate(intent.files):
            if self._holds(file, file.before):
                continue
            if not self._holds(file, file.after):
                untouched.append(file.path)
                continue
            try:
                self._restore(intent, number, file)
            except OSError as error:
                raise RepositoryError(
                    "accept.not_rolled_back",
                    f"{file.path} could not be brought back; this will be tried again at the next start.",
                    details=str(error),
                ) from error
        self._remove_folders(intent.made)
        return tuple(untouched)

    def _restore(self, intent: Intent, number: int, file: FileIntent) -> None:
        place = writing.locate(self.root, file.path)
        data = self.store.content(file.before)
        if data is None:
            writing.delete(place)
            return
        place.real.parent.mkdir(parents=True, exist_ok=True)
        writing.stage(place, _temporary(place, intent, number), data, file.mode)
        writing.put(place, _temporary(place, intent, number))

    def _holds(self, file: FileIntent, wanted: str | None) -> bool:
        try:
            return _digest(writing.look(writing.locate(self.root, file.path)).data) == wanted
        except (RepositoryError, OSError):
            return False

    def _remove_temporaries(self, intent: Intent) -> None:
        for number, file in enumerate(intent.files):
            # What has become unreachable since is no longer ours to clean.
            with contextlib.suppress(OSError, RepositoryError):
                place = writing.locate(self.root, file.path)
                _temporary(place, intent, number).unlink(missing_ok=True)

    def _remove_folders(self, folders: tuple[RelPath, ...]) -> None:
        for folder in reversed(folders):
            writing.remove_if_empty(self.root / folder)


def _temporary(place: Place, intent: Intent, number: int) -> Path:
    """Beside its target, under a name that recovery finds again."""
    return place.real.with_name(f".greenbar-{intent.accept}-{number}.tmp")


def _digest(data: bytes | None) -> str | None:
    return None if data is None else digest(data)


def _drifted(path: RelPath, action: Action) -> RepositoryError:
    remedy = (
        Remedy("Run the tests again", action="run_tests")
        if action is Action.ACCEPT
        else Remedy("See what changed", shell=f"git diff -- {shlex.quote(path)}")
    )
    return RepositoryError(
        "accept.drift", f"{path} has changed {_SINCE[action]}. Nothing was written.", (remedy,)
    )


def _not_read(path: RelPath, error: OSError) -> RepositoryError:
    return RepositoryError(
        "accept.unreadable", f"{path} cannot be read. Nothing was written.", details=str(error)
    )


def _not_written(what: str, error: OSError) -> RepositoryError:
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT | errno.EFBIG:
            code, reason = "accept.no_space", "for lack of disk space"
        case errno.EACCES | errno.EPERM | errno.EROFS:
            code, reason = "accept.read_only", "for lack of permission"
        case _:
            code, reason = "accept.failed", "because of a system error"
    return RepositoryError(
        code, f"{what} could not be written {reason}. Nothing was changed.", details=str(error)
    )
