"""``greenbar bench self``: break a green repository of the user's, and see how much of it is repaired."""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
from dataclasses import replace
from pathlib import Path

from rich.markup import escape

from app.bench_work import session_settings
from app.cli.bench_run import report_path, run_set, settings_of
from app.cli.progress import counted
from app.cli.show import console
from app.services import AppServices
from core.bench.jsonl import own_entry, read_jsonl
from core.bench.records import write_text
from core.bench.running import ROOMS
from core.bench.self_set import ROOM_PREFIX, Wanted, break_repository, head_of
from core.bench.values import BenchTask
from core.rooms import reap_rooms
from core.session.consent import ConsentBook
from core.session.emitter import Emitter
from core.types import ConsentKind, ConsentRequest


async def bench_self(options: argparse.Namespace, services: AppServices) -> int:
    """Make the tasks, unless an earlier run has, and attempt them; returns the exit status."""
    root, commit = await asyncio.to_thread(head_of, options.path)
    # Who has allowed it for the repository has allowed it for copies of it.
    book = ConsentBook(services.data / "consents.json", _refuse)
    options.yes = options.yes or book.remembers(str(root), ConsentKind.SETUP_NETWORK)
    wanted = Wanted(options.limit or 20, options.seed, options.only != "fixes", options.only != "mutants")
    options.out = str(report_path(options, services, root.name))
    kept = _tasks_file(Path(options.out), root, commit, wanted)
    if kept.is_file() and not options.fresh:
        tasks = await asyncio.to_thread(read_jsonl, kept)
    else:
        tasks = await _break(options, services, root, commit, wanted)
        text = "".join(json.dumps(own_entry(task)) + "\n" for task in tasks)
        await asyncio.to_thread(write_text, kept, text)
    console().print(f"[dim]tasks[/dim]    {kept}", soft_wrap=True)
    return await run_set(options, services, root.name, tasks)


async def _break(
    options: argparse.Namespace, services: AppServices, root: Path, commit: str, wanted: Wanted
) -> tuple[BenchTask, ...]:
    folder = services.cache / ROOMS
    await asyncio.to_thread(reap_rooms, ROOM_PREFIX, folder)
    settings = replace(session_settings(settings_of(options)[0]), model="none")
    with console().status("") as status:
        tasks = await break_repository(
            root,
            commit,
            wanted,
            services,
            settings,
            Emitter((), services.redact),
            folder,
            lambda sentence: status.update(f"[dim]{escape(sentence)}[/dim]"),
        )
    console().print(f"[dim]broken[/dim]   {counted(len(tasks), 'way')} of making its tests fail")
    return tasks


def _tasks_file(out: Path, root: Path, commit: str, wanted: Wanted) -> Path:
    """Beside the report; another one for whatever else is wanted."""
    digest = hashlib.sha256(f"{root} {commit} {wanted}".encode()).hexdigest()[:8]
    return out.with_name(f"{out.stem}.tasks-{digest}.jsonl")


async def _refuse(request: ConsentRequest) -> bool:
    return False
