"""``greenbar bench overfit``: how many green answers fail tests that were held back, with the second
judge and without."""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from rich.markup import escape

from app.bench_work import session_settings
from app.cli.bench_run import Sides, report_path, run_set, settings_of
from app.cli.bench_tables import new_table, print_table
from app.cli.progress import counted
from app.cli.show import answers, console
from app.services import AppServices
from core.bench.drawing import draw_hidden
from core.bench.jsonl import own_entry, read_jsonl
from core.bench.records import write_text
from core.bench.sets import choose_tasks, load_set
from core.bench.sides import Overfit, overfitted
from core.bench.values import BenchTask


async def bench_overfit(options: argparse.Namespace, services: AppServices, path: Path) -> int:
    """Hide tests of the set at ``path``, unless an earlier run has, and attempt the tasks; returns the
    exit status."""
    chosen = choose_tasks(load_set(path), options.tasks, options.limit, options.seed)
    options.out = str(report_path(options, services, path.stem))
    kept = _tasks_file(Path(options.out), chosen, options.hide, options.seed)
    if kept.is_file() and not options.fresh:
        tasks = await asyncio.to_thread(read_jsonl, kept)
    else:
        tasks = await _hidden(options, services, chosen)
        text = "".join(json.dumps(own_entry(task)) + "\n" for task in tasks)
        await asyncio.to_thread(write_text, kept, text)
    console().print(f"[dim]tasks[/dim]    {kept}", soft_wrap=True)
    sides = Sides(
        "overfit",
        lambda setting: (replace(setting, second_judge=False), setting),
        overfitted,
        show_overfitted,
    )
    return await run_set(options, services, path.stem, tasks, sides)


async def _hidden(
    options: argparse.Namespace, services: AppServices, tasks: Sequence[BenchTask]
) -> tuple[BenchTask, ...]:
    settings = replace(session_settings(settings_of(options)[0]), model="none")
    found = []
    with console().status("") as status:
        for task in tasks:
            status.update(f"[dim]hiding tests of {escape(task.id)}[/dim]")
            drawn = await draw_hidden(task, options.hide, options.seed, services, settings)
            if drawn is None:
                console().print(f"  [dim]·[/dim] {escape(task.id)} has too few tests to hide any")
            else:
                found.append(drawn)
    console().print(f"[dim]hidden[/dim]   tests of {counted(len(found), 'task')}")
    return tuple(found)


def show_overfitted(figures: Sequence[Overfit], as_json: bool) -> None:
    """A table for each setting; on standard error where standard output is JSON."""
    out = console() if as_json else answers()
    for one in figures:
        out.print()
        if len(figures) > 1:
            out.print(f"[bold]{escape(one.setting.name)}[/bold]")
        table = new_table("", ">green", ">fail the hidden tests", ">share")
        table.add_row(
            "by the tests alone", str(one.green_off), str(one.wrong_off), f"{one.share_off:.0%}"
        )
        table.add_row(
            "with the second judge", str(one.green_on), str(one.wrong_on), f"{one.share_on:.0%}"
        )
        print_table(out, table)


def _tasks_file(out: Path, tasks: Sequence[BenchTask], share: float, seed: int) -> Path:
    """Beside the report; another one for whatever else is wanted."""
    said = json.dumps([[own_entry(task) for task in tasks], share, seed], sort_keys=True)
    return out.with_name(f"{out.stem}.tasks-{hashlib.sha256(said.encode()).hexdigest()[:8]}.jsonl")
