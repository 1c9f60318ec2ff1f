"""Accept, undo, redo: the one way by which a patch reaches the user's tree, and comes back from it.

Blocking. Who may follow whom is decided here; how one action is written, all or nothing, is
:mod:`core.repo.transaction`'s business.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from core.errors import PatchError, RepositoryError, UsageError
from core.repo.journal import Action, JournalStore, digest
from core.repo.patch import reverse
from core.repo.transaction import Recovery, Transaction
from core.repo.writer_lock import writer_lock
from core.types import FileChange, Patch, RelPath


@dataclass(frozen=True, slots=True)
class AcceptRecord:
    """One accept. ``accept`` counts upwards from 1 in a repository's journal; ``patch`` leads from
    before the accept to after it, also where an undo returns the record; ``time`` is that of the
    accept, in seconds since the epoch (UTC)."""

    accept: int
    patch: Patch
    time: float

    @property
    def paths(self) -> tuple[RelPath, ...]:
        return self.patch.paths


class AcceptJournal:
    """The accepts of one repository, kept in a folder below ``store``; may be opened anew at any time.

    Several processes may share it: each action holds a lock and reads the log afresh.
    """

    def __init__(self, store: Path, repository_root: Path) -> None:
        """Writes nothing. Raises UsageError where ``store`` lies in the repository."""
        self._root = repository_root.resolve()
        if store.resolve().is_relative_to(self._root):
            raise UsageError("accept.store", "The accept journal must not lie inside the repository.")
        self._folder = store / digest(str(self._root).encode("utf-8", "surrogateescape"))[:16]
        self._store = JournalStore(self._folder)

    @property
    def depth(self) -> tuple[int, int]:
        """How many accepts stand, and how many undone ones can be written again."""
        state = self._store.read()
        return len(state.applied), len(state.undone)

    def newest(self) -> AcceptRecord | None:
        """The newest accept that stands."""
        transaction = self._transaction()
        applied = transaction.state.applied
        return self._record(transaction, applied[-1]) if applied else None

    def accept(self, patch: Patch) -> AcceptRecord:
        """Write ``patch``. What was undone before can then no longer be redone.

        Raises PatchError for an empty patch or a bad path; RepositoryError where a file is not as
        the patch expects (``accept.drift``) or cannot be written. Then nothing has changed.
        """
        if not patch.changes:
            raise PatchError("patch.empty", "The patch changes nothing.")
        with self._writing() as transaction:
            number = transaction.state.last + 1
            intent = transaction.carry_out(Action.ACCEPT, number, patch)
            return AcceptRecord(number, patch, intent.time)

    def undo(self) -> AcceptRecord:
        """Take back the newest accept that stands. Raises RepositoryError as :meth:`accept`."""
        with self._writing() as transaction:
            if not transaction.state.applied:
                raise RepositoryError("accept.nothing_to_undo", "There is nothing to undo.")
            record = self._record(transaction, transaction.state.applied[-1])
            transaction.carry_out(Action.UNDO, record.accept, reverse(record.patch))
            return record

    def redo(self) -> AcceptRecord:
        """Write the newest undone accept again. Raises RepositoryError as :meth:`accept`."""
        with self._writing() as transaction:
            if not transaction.state.undone:
                raise RepositoryError("accept.nothing_to_redo", "There is nothing to redo.")
            record = self._record(transaction, transaction.state.undone[-1])
            transaction.carry_out(Action.REDO, record.accept, record.patch)
            return record

    def recover(self) -> Recovery | None:
        """Settle an action that a crash cut short; ``None`` where there is none. Call it at start."""
        if self._store.read().pending is None:
            return None
        with writer_lock(self._folder):
            return self._transaction().settle()

    @contextmanager
    def _writing(self) -> Iterator[Transaction]:
        with writer_lock(self._folder):
            # Under the lock, a pending intent can only be the work of a process that has died.
            self._transaction().settle()
            yield self._transaction()

    def _transaction(self) -> Transaction:
        return Transaction(self._root, self._store, self._store.read())

    def _record(self, transaction: Transaction, accept: int) -> AcceptRecord:
        content = self._store.content
        intent = transaction.state.intents[accept][0]
        changes = tuple(FileChange(f.path, content(f.before), content(f.after)) for f in intent.files)
        return AcceptRecord(accept, Patch(changes), intent.time)
