"""``greenbar suspects``: run the tests and say which lines may be at fault, and why."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from typing import Any

from rich.markup import escape

from app.cli.fix import asker
from app.cli.progress import FixProgress
from app.cli.show import answers, console
from app.services import AppServices, settings_from
from core.localise.levels import Area, by_file, by_function
from core.session.emitter import Emitter
from core.session.session import Session
from core.types import Suspect


async def suspects(options: argparse.Namespace, services: AppServices) -> int:
    """Print the suspects; the exit status is 0, also where no test fails."""
    progress = FixProgress(console())
    emit = Emitter((progress,), services.redact)
    settings = settings_from(sandbox=options.sandbox, model="none")
    session = Session(services, settings, emit, asker(options, progress))
    try:
        with progress:
            await session.open(options.path)
            await session.run_tests()
            found = await session.find_suspects(tuple(options.tests))
    finally:
        await session.close()
    rows = _rows(found, options.by)[: options.most]
    if options.json:
        sys.stdout.write(json.dumps({"suspects": rows}) + "\n")
        return 0
    if not rows:
        console().print("No line is suspect: no test fails, or none says where.")
    for row in rows:
        where = row["path"] + (f":{row['line']}" if "line" in row else "")
        inside = f"  in {row['function']}" if row.get("function") else ""
        reasons = "; ".join(row["reasons"])
        answers().print(f"{row['score']:.2f}  {escape(where + inside)}  [dim]{escape(reasons)}[/dim]")
    return 0


def _rows(found: Sequence[Suspect], level: str) -> list[dict[str, Any]]:
    if level == "line":
        return [
            {
                "path": suspect.path,
                "line": suspect.line,
                "function": suspect.function,
                "score": suspect.score,
                "reasons": list(suspect.reasons),
            }
            for suspect in found
        ]
    if level == "function":
        return [{**_area(area), "function": area.function} for area in by_function(found)]
    return [_area(area) for area in by_file(found)]


def _area(area: Area) -> dict[str, Any]:
    return {
        "path": area.path,
        "score": area.score,
        "lines": list(area.lines),
        "reasons": list(area.reasons),
    }
