"""``greenbar change``: a request in words, the tests proposed for it, and the code that they ask for."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from typing import Any

from rich.markup import escape

from app.cli.ask import without_controls
from app.cli.fix import asker, fix_record, show_diff
from app.cli.progress import FixProgress, counted
from app.cli.questions import Refusals, ask_open
from app.cli.show import confirm, console
from app.services import AppServices, settings_from
from core.events import Event, TestsProposed
from core.repo.unified import unified_diff
from core.session.emitter import Emitter
from core.session.session import Session
from core.types import Budget, FixResult, ProposedTest, Verdict


class _Proposals:
    """The last tests that were proposed, and those that were not."""

    def __init__(self) -> None:
        self.last = TestsProposed(())

    def __call__(self, event: Event) -> None:
        if isinstance(event.body, TestsProposed):
            self.last = event.body


async def change(options: argparse.Namespace, services: AppServices) -> int:
    """Returns the exit status; raises GreenbarError for what cannot become a target."""
    progress, proposals, heard = FixProgress(console()), _Proposals(), Refusals()
    emit = Emitter((progress, proposals, heard), services.redact)
    settings = settings_from(
        sandbox=options.sandbox,
        model="none" if options.no_model else options.model,
        strategy=options.strategy,
    )
    session = Session(services, settings, emit, asker(options, progress))
    try:
        with progress:
            await session.open(options.path)
            await session.ready_model()
            task = await session.requesting.request(options.request, tuple(options.mentions))
            await session.requesting.confirm_task(task)
        if not options.json and sys.stdin.isatty() and sys.stderr.isatty():
            await ask_open(session, heard)
        tests = proposals.last.tests
        if not options.json:
            _show_task(task, proposals.last)
        if not await _confirmed(options, tests):
            if options.json:
                _print(_record(None, session, task, proposals.last))
            console().print("No test was confirmed, so nothing was searched. Use --yes-tests to confirm.")
            return 1
        with progress:
            budget = Budget(options.budget_seconds)
            ids = [test.node_id for test in tests]
            result = await session.requesting.confirm_tests(ids, {}, budget)
            record = _record(result, session, task, proposals.last)
            written = False
            if options.apply and result.verdict is Verdict.GREEN and result.best is not None:
                await session.review.accept(result.best.id)
                written = True
        if options.json:
            _print(record)
        else:
            _show_result(result, str(record["patch"]), len(tests))
        where = f"Written to {session.info.path}." if written else "Nothing was written."
        hint = " Use --apply to write it." if result.verdict is Verdict.GREEN and not written else ""
        console().print(f"{escape(where)}{hint}")
        return 0 if result.verdict is Verdict.GREEN else 1
    finally:
        await session.close()


async def _confirmed(options: argparse.Namespace, tests: Sequence[ProposedTest]) -> bool:
    """The user's own word on the tests; nobody else's makes them the target."""
    if options.yes_tests or not tests:
        return bool(tests)
    if options.json or not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    return await confirm(f"Make {counted(len(tests), 'test')} the target")


def _show_task(task: str, proposed: TestsProposed) -> None:
    """What was understood, and what would be aimed at."""
    out = console()
    out.print(f"[bold]Task[/bold]  {escape(without_controls(task))}")
    for test in proposed.tests:
        out.print(f"\n[magenta]proposed[/magenta]  {escape(test.node_id)}  [dim]{escape(test.why)}[/dim]")
        for line in without_controls(test.source).rstrip().splitlines():
            out.print(f"  {escape(line)}")
    if proposed.dropped:
        out.print(f"\n[dim]Left out: {counted(len(proposed.dropped), 'test')}.[/dim]")
        for dropped in proposed.dropped:
            said = without_controls(dropped.source).strip().splitlines()[-1:] or [""]
            out.print(f"  [dim]{escape(said[0].strip())}: {escape(without_controls(dropped.why))}[/dim]")
    out.print()


def _show_result(result: FixResult, patch: str, tests: int) -> None:
    out = console()
    tried = counted(result.candidates, "candidate")
    spent = f"{tried}, {result.seconds:.1f} s"
    if result.verdict is Verdict.GREEN and result.best is not None:
        passes = "The confirmed test passes" if tests == 1 else f"The {tests} confirmed tests pass"
        proposer = escape(result.best.proposer)
        out.print(f"[green]✓[/green] {passes}, 0 broken. [dim]By {proposer}; {spent}.[/dim]")
    else:
        out.print(
            f"[yellow]–[/yellow] No confident change. {escape(result.shortfall)} [dim]{spent}.[/dim]"
        )
    if patch:
        show_diff(patch)


def _record(
    result: FixResult | None, session: Session, task: str, proposed: TestsProposed
) -> dict[str, Any]:
    """The JSON object: that of ``greenbar fix``, with the task and its tests."""
    record: dict[str, Any] = {"verdict": "unconfirmed", "patch": ""}
    if result is not None:
        record = fix_record(result, session)
        if result.best is not None:
            whole = session.review.whole(session.review.lanes(result.best.patch)[0])
            record["patch"] = unified_diff(whole).decode("utf-8", "surrogateescape")
    return {
        **record,
        "task": task,
        "tests": [{"id": t.node_id, "why": t.why, "source": t.source} for t in proposed.tests],
        "left_out": [{"source": d.source, "why": d.why} for d in proposed.dropped],
    }


def _print(record: dict[str, Any]) -> None:
    # All ASCII: bytes that are not UTF-8 are lone surrogates, which JSON can only escape.
    sys.stdout.write(json.dumps(record) + "\n")
