"""``greenbar history``: what was fixed before, and how it went."""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import asdict
from typing import Any

from rich.markup import escape
from rich.syntax import Syntax
from rich.table import Table

from app.cli.show import answers
from app.services import AppServices
from core.history.replay import best_patch, diff_text
from core.history.store import HistoryStore
from core.types import TaskEnd, TaskRow

_SIGNS = {
    TaskEnd.RUNNING: "[dim]·[/dim]",
    TaskEnd.FIXED: "[green]✓[/green]",
    TaskEnd.PARTLY: "[yellow]![/yellow]",
    TaskEnd.UNSOLVED: "[red]✗[/red]",
    TaskEnd.STOPPED: "[dim]–[/dim]",
    TaskEnd.CUT_OFF: "[dim]–[/dim]",
}


def history(options: argparse.Namespace, services: AppServices) -> int:
    """Returns the exit status; raises HistoryError."""
    store = HistoryStore(services.data)
    match options.action:
        case "show":
            _show(store, options.task, as_json=options.json)
        case "delete":
            for task in options.tasks:
                store.get(task)
            store.delete(options.tasks)
        case _:
            words = " ".join(getattr(options, "words", ()))
            _list(store, words, getattr(options, "limit", 50), as_json=getattr(options, "json", False))
    return 0


def task_record(task: TaskRow) -> dict[str, Any]:
    """The JSON object of a task."""
    return {**asdict(task), "end": task.end.value}


def _list(store: HistoryStore, words: str, limit: int, *, as_json: bool) -> None:
    rows, total = store.search(words, limit)
    if as_json:
        record = {"total": total, "tasks": [task_record(row) for row in rows]}
        sys.stdout.write(json.dumps(record) + "\n")
        return
    out = answers()
    if not rows:
        out.print("No task holds these words." if words else "Nothing has been fixed yet.")
        return
    table = Table(box=None, show_header=False, pad_edge=False)
    for row in rows:
        accepted = "accepted" if row.accepted else ""
        table.add_row(
            str(row.id),
            _SIGNS[row.end],
            _when(row.began),
            f"[bold]{escape(row.name)}[/bold]",
            escape(row.request),
            f"{row.end.value}, {row.seconds:.1f} s",
            accepted,
        )
    out.print(table)
    if total > len(rows):
        out.print(f"[dim]{total - len(rows)} older ones; --limit {total} shows all[/dim]")


def _show(store: HistoryStore, number: int, *, as_json: bool) -> None:
    task = store.get(number)
    patch = diff_text(best_patch(task, store.journal(task.session)))
    if as_json:
        sys.stdout.write(json.dumps({**task_record(task), "patch": patch}) + "\n")
        return
    out = answers()
    out.print(f"{_SIGNS[task.end]} [bold]{escape(task.request)}[/bold]")
    out.print(f"  {escape(task.repository)}, {_when(task.began)}, {task.end.value}")
    spent = f"  {task.seconds:.1f} s, {task.candidates} candidates, {task.tokens} tokens"
    if task.dollars:
        spent += f", ${task.dollars:.4f}"
    out.print(f"{spent}; {escape(task.model or 'no model')}, strategy {escape(task.strategy or 'auto')}")
    if task.accepted:
        out.print("  accepted")
    if patch:
        out.print(f"\nBest candidate: {escape(task.title)}")
        out.print(Syntax(patch, "diff", background_color="default"))


def _when(began: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(began))
