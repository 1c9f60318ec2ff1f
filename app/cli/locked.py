"""``greenbar locked``: run the tests once and say which files a verdict is taken with as they are."""

from __future__ import annotations

import argparse
import json
import sys

from rich.markup import escape

from app.cli.fix import asker
from app.cli.progress import FixProgress
from app.cli.show import answers, console
from app.services import AppServices, settings_from
from core.session.emitter import Emitter
from core.session.session import Session


async def locked(options: argparse.Namespace, services: AppServices) -> int:
    """Print each locked file with its reason; the exit status is 0."""
    progress = FixProgress(console())
    emit = Emitter((progress,), services.redact)
    settings = settings_from(sandbox=options.sandbox, model="none")
    session = Session(services, settings, emit, asker(options, progress))
    try:
        with progress:
            await session.open(options.path)
            await session.run_tests()
        files = session.review.locked
        if options.json:
            rows = [{"path": file.path, "reason": file.reason} for file in files]
            sys.stdout.write(json.dumps({"locked": rows}) + "\n")
        else:
            width = max((len(file.path) for file in files), default=0)
            for file in files:
                answers().print(f"{escape(file.path.ljust(width))}  [dim]{file.reason}[/dim]")
        return 0
    finally:
        await session.close()
