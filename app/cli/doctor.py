"""``greenbar doctor``: what is ready, what is missing, the command that mends it, and a self-test."""

from __future__ import annotations

import json
import sys
from typing import Any

from rich.markup import escape

from app.cli.show import answers, console, error_record, show_error
from app.services import AppServices, machine_limits
from core.errors import GreenbarError
from core.session.readiness import look_around
from core.session.self_test import self_test
from core.types import ReadinessRow, ReadinessState, SelfTestReport

_SIGNS = {
    ReadinessState.LOOKING: "·",
    ReadinessState.OK: "[green]✓[/green]",
    ReadinessState.ATTENTION: "[yellow]![/yellow]",
    ReadinessState.MISSING: "–",
}


async def doctor(services: AppServices, sandbox: str, *, tested: bool, as_json: bool) -> int:
    """Print the rows as they are known, then try ``sandbox``; 0 where tests can run in it, else 2."""
    shown: set[str] = set()

    def tell(rows: tuple[ReadinessRow, ...]) -> None:
        for row in rows:
            if row.state is ReadinessState.LOOKING:
                return  # in the table's order: the next ones wait for it
            if row.subject not in shown and not as_json:
                _show(row)
            shown.add(row.subject)

    rows = await look_around(services.looks(), tell)
    report: SelfTestReport | None = None
    trouble: GreenbarError | None = None
    if tested:
        try:
            chosen = await services.choose_sandbox(sandbox)
            report = await self_test(chosen, machine_limits(), services.cache, _progress(as_json))
        except GreenbarError as error:
            trouble = error
    if as_json:
        record = {"rows": [_row_record(row) for row in rows], "self_test": _record(report, trouble)}
        sys.stdout.write(json.dumps(record, ensure_ascii=False) + "\n")
    elif report is not None:
        _show_report(report)
    elif trouble is not None:
        show_error(trouble)
    if tested:
        return 0 if report is not None and report.isolated and not report.broken else 2
    sandboxes = {"docker", "podman", "bubblewrap"}
    ready = any(row.subject.lower() in sandboxes and row.state is ReadinessState.OK for row in rows)
    return 0 if ready else 2


def _show(row: ReadinessRow) -> None:
    out = answers()
    out.print(f"{_SIGNS[row.state]} {row.subject:<12} {escape(row.sentence)}")
    if row.remedy and row.remedy.shell and row.state is not ReadinessState.OK:
        out.print(f"  {'':<12} [bold]{escape(row.remedy.shell)}[/bold]")


def _show_report(report: SelfTestReport) -> None:
    out = answers()
    if not report.isolated:
        out.print(f"[yellow]![/yellow] {'Self-test':<12} {escape(report.sentence)}.")
        return
    sign, how = "[green]✓[/green]", f"tried in {report.seconds:.1f} s"
    if report.broken:
        sign, how = "[red]✗[/red]", "not all of it is so"
    out.print(f"{sign} {'Self-test':<12} {escape(report.sentence)}; {how}.")
    for check in report.broken:
        promise, detail = escape(check.promise), escape(check.detail)
        out.print(f"  {'':<12} [red]not so:[/red] {promise} [dim]{detail}[/dim]")


def _progress(quiet: bool) -> Any:
    def tell(text: str, fraction: float | None) -> None:
        if not quiet:
            share = "" if fraction is None else f" {fraction:.0%}"
            console().print(f"[dim]{escape(text)}{share}[/dim]")

    return tell


def _row_record(row: ReadinessRow) -> dict[str, str]:
    return {
        "subject": row.subject,
        "state": row.state.value,
        "sentence": row.sentence,
        "remedy": (row.remedy.shell or row.remedy.label) if row.remedy else "",
    }


def _record(report: SelfTestReport | None, trouble: GreenbarError | None) -> dict[str, Any] | None:
    if trouble is not None:
        return error_record(trouble)
    if report is None:
        return None
    return {
        "sandbox": report.kind.value,
        "sentence": report.sentence,
        "isolated": report.isolated and not report.broken,
        "seconds": round(report.seconds, 3),
        "checks": [
            {"promise": check.promise, "kept": check.kept, "detail": check.detail}
            for check in report.checks
        ],
    }
