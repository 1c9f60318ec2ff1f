"""What the window knows of proofs, the evidence pack and the commit: a projection. Imports no Qt."""

from __future__ import annotations

from collections.abc import Collection

from core import events as ev
from core.types import CommitDraft, HunkId, Proof
from ui.coalesce import Shown


class EvidenceState:
    """Changed only by :meth:`apply`."""

    def __init__(self) -> None:
        self.draft: CommitDraft | None = None
        self._forget()

    def _forget(self) -> None:
        self._whole: dict[int, Proof] = {}
        self._parts: dict[tuple[int, frozenset[HunkId]], Proof] = {}
        self.committed: ev.Committed | None = None
        """The commit of the accept that stands."""
        self.changes = 0
        """Counts what has arrived, so that a pane knows whether it is up to date."""

    def proof(self, candidate: int, chosen: Collection[HunkId] | None = None) -> Proof | None:
        """Of exactly these hunks, or with ``None`` of the whole candidate."""
        whole = self._whole.get(candidate)
        if chosen is None:
            return whole
        hunks = frozenset(chosen)
        if whole is not None and {need.hunk for need in whole.hunks} == hunks:
            return whole
        return self._parts.get((candidate, hunks))

    def apply(self, body: Shown) -> None:
        """Take one event in."""
        match body:
            case ev.RepositoryOpened() | ev.FixStarted():
                self._forget()
                self.draft = None
            case ev.Proven(candidate, proof, whole):
                if whole:
                    self._whole[candidate] = proof
                else:
                    self._parts[candidate, frozenset(need.hunk for need in proof.hunks)] = proof
            case ev.CommitDrafted(draft):
                self.draft = draft
            case ev.Committed():
                self.committed = body
            case ev.Accepted() | ev.Undone() | ev.Redone():
                self.committed = None
            case _:
                return
        self.changes += 1
