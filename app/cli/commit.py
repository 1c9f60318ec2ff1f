"""``greenbar commit``: the newest accept of a repository on a new branch."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from dataclasses import replace

from rich.text import Text

from app.cli.show import answers, console
from app.services import AppServices
from core.repo.accept import AcceptJournal
from core.repo.commit import BranchCommit
from core.repo.offloop import open_in_thread
from core.session.committing import accept_to_commit, draft_commit, make_commit, notice_of
from core.session.evidence import pack_of_accept
from core.types import CommitDraft, OwnChanges


async def commit(options: argparse.Namespace, services: AppServices) -> int:
    """Returns the exit status, 0; raises RepositoryError where nothing was committed."""
    root = (await open_in_thread(options.path)).root
    record = await asyncio.to_thread(accept_to_commit, AcceptJournal(services.data / "accepts", root))
    pack = await asyncio.to_thread(pack_of_accept, services.data / "sessions", root, record.accept)
    draft = await asyncio.to_thread(draft_commit, root, record, pack)
    draft = replace(
        draft, branch=options.branch or draft.branch, message=options.message or draft.message
    )
    work = BranchCommit(root, record.patch)
    if options.dry_run:
        await asyncio.to_thread(work.check_branch, draft.branch)
        _show(draft, as_json=options.json)
        return 0
    made = await make_commit(work, draft.branch, draft.message, OwnChanges(options.own_changes))
    notice = notice_of(made, draft.detached)
    if made.said:
        console().print(Text(made.said, style="dim"))
    if options.json:
        record_of = {"branch": made.branch, "commit": made.commit, "paths": list(made.paths)}
        sys.stdout.write(json.dumps({**record_of, "notice": notice}) + "\n")
    console().print(Text(f"✓ {made.commit} on {made.branch}: {', '.join(made.paths)}."))
    if notice:
        console().print(Text(notice))
    console().print("Nothing was pushed.", style="dim")
    return 0


def _show(draft: CommitDraft, *, as_json: bool) -> None:
    if as_json:
        record = {
            "branch": draft.branch,
            "message": draft.message,
            "paths": list(draft.paths),
            "own_changes": list(draft.entangled),
            "detached": draft.detached,
        }
        sys.stdout.write(json.dumps(record) + "\n")
        return
    out = answers()
    out.print(Text(f"Branch   {draft.branch}"))
    out.print(Text(f"Files    {', '.join(draft.paths)}"))
    if draft.entangled:
        named = ", ".join(draft.entangled)
        out.print(Text(f"Yours    {named}: changed before the fix; see --own-changes"))
    if draft.detached:
        out.print(Text(f"HEAD     detached at {draft.detached}; it would be on {draft.branch}"))
    out.print(Text(f"\n{draft.message.rstrip()}"))
    console().print("Nothing was committed.", style="dim")
