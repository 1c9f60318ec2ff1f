"""``greenbar bench clarify``: each task with a simulated user who answers, and with nobody to ask."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from rich.markup import escape

from app.cli.bench_run import Sides, run_set
from app.cli.bench_tables import new_table, print_table
from app.cli.show import answers, console
from app.services import AppServices
from core.bench.clarify import bench_task, read_clarify
from core.bench.sets import choose_tasks
from core.bench.sides import Asked, Clarified, clarified


async def bench_clarify(options: argparse.Namespace, services: AppServices, path: Path) -> int:
    """``path`` is that of the set; returns the exit status. Raises GreenbarError."""
    tasks = [bench_task(task) for task in read_clarify(path)]
    chosen = choose_tasks(tasks, options.tasks, options.limit, options.seed)
    sides = Sides(
        "clarify",
        lambda setting: (setting, replace(setting, answers=True)),
        clarified,
        show_clarified,
    )
    return await run_set(options, services, path.stem, chosen, sides)


def show_clarified(figures: Sequence[Clarified], as_json: bool) -> None:
    """A table for each setting; on standard error where standard output is JSON."""
    out = console() if as_json else answers()
    for one in figures:
        out.print()
        table = new_table("", ">success", ">green", ">questions", ">a task")
        rows = (
            ("ambiguous, nobody answers", one.without_ambiguous),
            ("ambiguous, with answers", one.with_ambiguous),
            ("unambiguous, nobody answers", one.without_plain),
            ("unambiguous, with answers", one.with_plain),
        )
        for name, asked in rows:
            if asked.attempts:
                table.add_row(name, *_cells(asked))
        if len(figures) > 1:
            out.print(f"[bold]{escape(one.setting.name)}[/bold]")
        print_table(out, table)
        if one.gain is not None:
            out.print(f"  [dim]gain[/dim] {one.gain:.2f} times the success on ambiguous tasks")


def _cells(asked: Asked) -> tuple[str, ...]:
    return (
        f"{asked.success} of {asked.attempts}",
        str(asked.green),
        str(asked.questions),
        f"{asked.questions_each:.2f}",
    )
