"""``greenbar doctor``: what is ready, what is missing, and the command that mends it."""

from __future__ import annotations

import json
import sys

from rich.markup import escape

from app.cli.show import answers
from app.services import AppServices
from core.types import ReadinessState

_SIGNS = {
    ReadinessState.OK: "[green]✓[/green]",
    ReadinessState.ATTENTION: "[yellow]![/yellow]",
    ReadinessState.MISSING: "–",
}


async def doctor(services: AppServices, *, as_json: bool) -> int:
    """Print the rows; 0 where tests can run in a sandbox, else 2."""
    rows = await services.readiness()
    if as_json:
        record = {
            "rows": [
                {
                    "subject": row.subject,
                    "state": row.state.value,
                    "sentence": row.sentence,
                    "remedy": (row.remedy.shell or row.remedy.label) if row.remedy else "",
                }
                for row in rows
            ]
        }
        sys.stdout.write(json.dumps(record, ensure_ascii=False) + "\n")
    else:
        out = answers()
        for row in rows:
            out.print(f"{_SIGNS[row.state]} {row.subject:<12} {escape(row.sentence)}")
            if row.remedy and row.remedy.shell and row.state is not ReadinessState.OK:
                out.print(f"  {'':<12} [bold]{escape(row.remedy.shell)}[/bold]")
    sandboxes = {"docker", "podman", "bubblewrap"}
    ready = any(row.subject.lower() in sandboxes and row.state is ReadinessState.OK for row in rows)
    return 0 if ready else 2
