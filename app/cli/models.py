"""``greenbar models``: what is there, fetch, check, delete, add, choose."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Coroutine
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn

from app.cli.keys import read_secret
from app.cli.show import answers, confirm, console
from app.services import AppServices
from core.errors import ConsentRefused, UsageError
from core.models.book import EndpointRecord, LimitRecord
from core.models.progress import DownloadProgress, OnProgress
from core.types import MemoryFit, ModelKind, ModelRow, ModelState, Remedy


async def models(options: argparse.Namespace, services: AppServices) -> int:
    """Carry out one action; returns the exit status. Raises GreenbarError."""
    manager = services.models
    match options.action:
        case "list":
            _list(await services.list_models(), as_json=options.json)
        case "show":
            _show(await _row(services, options.spec), as_json=options.json)
        case "pull":
            given = _absolute(options.source) if options.source else None
            await _progressing(lambda report: manager.pull(options.spec, report, given))
        case "verify":
            await _progressing(lambda report: manager.verify(options.spec, report))
        case "delete":
            await _ask_to_delete(await _row(services, options.spec), options.yes)
            _done(await manager.delete(options.spec))
        case "add":
            await _add(options, services)
        case "probe":
            from app.cli.probe import probe

            return await probe(options, services)
        case "limit":
            record = LimitRecord(options.spec, options.context, options.prompt)
            _done(await manager.limit(record))
        case "idle":
            _done(await manager.idle(options.minutes))
        case "use":
            if options.spec != "auto":
                await services.resolve_model(options.spec)
            await manager.use(options.spec)
            chosen = "the best model at hand" if options.spec == "auto" else options.spec
            _done(f"--model auto means {chosen} from now on.")
    return 0


async def _add(options: argparse.Namespace, services: AppServices) -> None:
    if "://" not in options.place:
        _done(await services.models.add_file(_absolute(options.place)))
        return
    parts = urlsplit(options.place)
    name = options.name or (parts.hostname or "").replace(":", "-")
    record = EndpointRecord(name, options.place, options.model, name if options.key else "")
    said = await services.models.add_endpoint(record)
    if options.key:
        await services.keys.set(name, read_secret(name))
    _done(said)


async def _row(services: AppServices, spec: str) -> ModelRow:
    """The row of a spec, or of a catalogue id. Raises UsageError."""
    rows = await services.list_models()
    for row in rows:
        if spec in (row.spec, row.spec.partition(":")[2]) and spec:
            return row
    sentence = f"There is no model {spec}."
    raise UsageError("model.spec", sentence, (Remedy("List the models", shell="greenbar models list"),))


async def _ask_to_delete(row: ModelRow, yes: bool) -> None:
    """Raises ConsentRefused. What is only forgotten, not deleted, needs no question."""
    if yes or row.kind in (ModelKind.FILE, ModelKind.ENDPOINT) or row.state is ModelState.ABSENT:
        return
    question = f"Delete {row.name} ({_gigabytes(row.done or row.size)})"
    if not sys.stdin.isatty() or not await confirm(question):
        remedy = Remedy("Do not ask", shell=f"greenbar models delete {row.spec} --yes")
        raise ConsentRefused("model.kept", "Nothing was deleted.", (remedy,))


async def _progressing(work: Callable[[OnProgress], Coroutine[Any, Any, str]]) -> None:
    """Show progress on standard error while it lasts, then what came of it."""
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        console=console(),
        transient=True,
    ) as bar:
        job = bar.add_task("Looking for the model", total=1.0)

        def show(report: DownloadProgress) -> None:
            bar.update(job, description=report.sentence, completed=report.fraction)

        sentence = await work(show)
    _done(sentence)


def _list(rows: tuple[ModelRow, ...], *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps({"models": [asdict(row) for row in rows]}) + "\n")
        return
    out = answers()
    for row in rows:
        size = _gigabytes(row.size) if row.size else ""
        chosen = "  [bold]chosen[/bold]" if row.chosen else ""
        head = f"{_sign(row)} [bold]{escape(row.spec or row.name)}[/bold]"
        out.print(f"{head}  {escape(row.name) if row.spec else ''}  {size}  {_state(row)}{chosen}")
        out.print(f"  [dim]{escape(_second_line(row))}[/dim]")
        if row.kind is ModelKind.CATALOGUE and not row.state.is_ready:
            out.print(f"  Fetch it: [bold]greenbar models pull {escape(_short(row))}[/bold]")


def _show(row: ModelRow, *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps(asdict(row)) + "\n")
        return
    memory = f"{_gigabytes(row.memory)} ({row.fit})" if row.memory and row.fit else ""
    facts = {
        "name": row.name,
        "state": f"{row.state}. {row.sentence}".rstrip(". ") + ".",
        "size": _gigabytes(row.size) if row.size else "",
        "memory": memory or (_gigabytes(row.memory) if row.memory else ""),
        "context": f"{row.context:,} tokens" if row.context else "",
        "licence": row.licence,
        "good for": row.good_for,
        "where": row.where,
    }
    out = answers()
    out.print(f"{_sign(row)} [bold]{escape(row.spec)}[/bold]")
    for name, value in facts.items():
        if value:
            out.print(f"  [dim]{name:<9}[/dim] {escape(value)}")


def _second_line(row: ModelRow) -> str:
    memory = f"needs {_gigabytes(row.memory)} of memory: {row.fit}" if row.fit else ""
    parts = (row.sentence, row.good_for, memory, row.where if row.state.is_ready else "")
    return "  ".join(part for part in parts if part) or row.where


def _state(row: ModelRow) -> str:
    colour = {MemoryFit.TOO_LARGE: "yellow"}.get(row.fit, "")
    state = str(row.state)
    if row.state is ModelState.PARTIAL:
        state = f"{row.done / row.size:.0%} downloaded"
    return f"[{colour}]{state}[/{colour}]" if colour else state


def _sign(row: ModelRow) -> str:
    if row.state.is_ready:
        return "[green]✓[/green]" if row.state is ModelState.VERIFIED else "✓"
    return "[yellow]![/yellow]" if row.state in (ModelState.DAMAGED, ModelState.MISSING) else "–"


def _short(row: ModelRow) -> str:
    """``embedded:qwen2.5-coder-7b`` can be typed without its kind."""
    return row.spec.removeprefix("embedded:")


def _gigabytes(size: int) -> str:
    return f"{size / 1e9:.1f} GB"


def _absolute(text: str) -> Path:
    return Path(text).expanduser().absolute()


def _done(sentence: str) -> None:
    console().print(f"[green]✓[/green] {escape(sentence)}")
