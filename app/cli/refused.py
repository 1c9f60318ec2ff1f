"""``greenbar refused``: the hunks that are never proposed again in a repository, and taking one back."""

from __future__ import annotations

import argparse
import json
import sys

from rich.markup import escape

from app.cli.show import answers, console
from app.services import AppServices
from core.errors import UsageError
from core.remark.store import RefusalStore
from core.repo.repository import open_repository
from core.types import Refusal


def refused(options: argparse.Namespace, services: AppServices) -> int:
    """Print the refused hunks of a repository, or take one back; the exit status is 0."""
    root = str(open_repository(options.path).root)
    store = RefusalStore(services.data / "refused")
    refusals = store.load(root)
    if options.allow is not None:
        refusals = _without(refusals, options.allow)
        store.save(root, refusals)
        console().print(f"Refused hunk {options.allow} may be proposed again.")
        return 0
    if options.json:
        rows = [
            {"id": one.id, "path": one.path, "lines": list(one.lines), "reason": one.reason}
            for one in refusals
        ]
        sys.stdout.write(json.dumps({"refused": rows}) + "\n")
        return 0
    if not refusals:
        console().print("No hunk is refused in this repository.")
    for one in refusals:
        reason = f"  [dim]{escape(one.reason)}[/dim]" if one.reason else ""
        answers().print(f"[bold]{one.id}[/bold]  {escape(one.path)}{reason}")
        for line in one.lines:
            answers().print(f"   {escape(line)}")
    return 0


def _without(refusals: tuple[Refusal, ...], number: int) -> tuple[Refusal, ...]:
    left = tuple(one for one in refusals if one.id != number)
    if len(left) == len(refusals):
        raise UsageError("refusal.unknown", f"There is no refused hunk {number}.")
    return left
