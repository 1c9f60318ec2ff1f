"""From an accept to a commit on a new branch, for a session and for the command line."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

from core.errors import RepositoryError
from core.events import CommitDrafted, Committed
from core.proof.message import branch_of, message_of
from core.proof.pack import Pack
from core.repo.accept import AcceptJournal, AcceptRecord
from core.repo.commit import BranchCommit, Made
from core.session.emitter import Emitter
from core.session.evidence import EvidenceDesk
from core.session.uninterrupted import uninterrupted
from core.session.workspace import Workspace
from core.types import CommitDraft, OwnChanges, Remedy


class Committing:
    """Belongs to one opened repository."""

    def __init__(
        self,
        workspace: Workspace,
        accepts: AcceptJournal,
        evidence: EvidenceDesk,
        emit: Emitter,
    ) -> None:
        self._workspace = workspace
        self._accepts = accepts
        self._evidence = evidence
        self._emit = emit

    async def draft(self) -> CommitDraft:
        """What a commit of the newest accept would be; announces it. Raises RepositoryError."""
        root = self._workspace.repository.root
        record = await asyncio.to_thread(accept_to_commit, self._accepts)
        pack = await self._evidence.pack_of(root, record.accept)
        draft = await asyncio.to_thread(draft_commit, root, record, pack)
        self._emit(CommitDrafted(draft))
        return draft

    async def commit(
        self, branch: str, message: str, own_changes: OwnChanges = OwnChanges.REFUSE
    ) -> Made:
        """Make it; announces ``Committed``, and the branch. Raises RepositoryError."""
        root = self._workspace.repository.root
        record = await asyncio.to_thread(accept_to_commit, self._accepts)
        commit = BranchCommit(root, record.patch)
        detached = await asyncio.to_thread(commit.detached)
        made = await make_commit(commit, branch, message, own_changes)
        notice = notice_of(made, detached)
        self._emit(Committed(made.branch, made.commit, made.paths, made.said, notice))
        await self._workspace.look_again()
        return made


def accept_to_commit(accepts: AcceptJournal) -> AcceptRecord:
    """The newest accept that stands. Raises RepositoryError where there is none."""
    record = accepts.newest()
    if record is None:
        raise RepositoryError(
            "commit.no_accept",
            "Nothing that Greenbar has written here stands, so there is nothing to commit.",
            (Remedy("Fix something", action="fix", shell="greenbar fix . --apply"),),
        )
    return record


def draft_commit(root: Path, record: AcceptRecord, pack: Pack) -> CommitDraft:
    """A branch and a message for an accept, from the evidence where it is about this accept. Blocking.
    Raises RepositoryError where no commit can be made now."""
    commit = BranchCommit(root, record.patch)
    commit.check()
    about = pack if pack.accepted is not None and pack.accepted.accept == record.accept else Pack()
    return CommitDraft(
        accept=record.accept,
        branch=commit.free_branch(branch_of(about)),
        message=message_of(about),
        paths=record.paths,
        entangled=commit.entangled(),
        detached=commit.detached(),
    )


async def make_commit(commit: BranchCommit, branch: str, message: str, own_changes: OwnChanges) -> Made:
    """As :meth:`core.repo.commit.BranchCommit.make`; cancelling ends the hooks, and leaves the
    repository as it was or with the whole commit."""
    stop = threading.Event()

    async def work() -> Made:
        return await asyncio.to_thread(commit.make, branch, message, own_changes, stop.is_set)

    task = asyncio.create_task(work())
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        stop.set()
        await uninterrupted(_over(task))
        if not task.cancelled() and task.exception() is None:
            return task.result()
        raise


async def _over(task: asyncio.Task[Made]) -> None:
    await asyncio.wait((task,))


def notice_of(made: Made, detached: str) -> str:
    """What the user should know of a commit besides that it was made; often nothing."""
    notices = []
    if detached:
        notices.append(f"HEAD was detached at {detached}; it is on {made.branch} now.")
    if made.added:
        notices.append(f"The project's hooks have added {', '.join(made.added)}.")
    if made.unsettled:
        notices.append(
            f"What you had staged of {', '.join(made.unsettled)} stays as it was, without the fix."
        )
    return " ".join(notices)
