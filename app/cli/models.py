"""``greenbar models list`` and ``greenbar models pull``."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path

from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn

from app.cli.show import answers, console
from app.services import AppServices


async def list_models(services: AppServices, *, as_json: bool) -> int:
    """Print every model that ``--model`` could take."""
    records = await services.list_models()
    if as_json:
        record = {"models": [asdict(model) for model in records]}
        sys.stdout.write(json.dumps(record, ensure_ascii=False) + "\n")
        return 0
    out = answers()
    for model in records:
        sign = "[green]✓[/green]" if model.state == "ready" else "–"
        size = f"{model.size_bytes / 1e9:.1f} GB" if model.size_bytes else ""
        out.print(
            f"{sign} [bold]{escape(model.spec)}[/bold]  {escape(model.name)}  {size}  {model.state}"
        )
        out.print(f"  [dim]{escape(model.where)}[/dim]")
        if model.state != "ready":
            out.print("  Fetch it: [bold]greenbar models pull[/bold]")
    return 0


async def pull(services: AppServices, given: Path | None) -> int:
    """Fetch and verify the embedded model; a file that is there already is only checked."""
    out = console()
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        console=out,
        transient=True,
    ) as bar:
        job = bar.add_task("Looking for the model", total=1.0)
        path = await services.download_model(
            lambda text, fraction: bar.update(job, description=text, completed=fraction or 0.0), given
        )
    out.print(f"[green]✓[/green] The model is ready: {escape(str(path))}")
    return 0
