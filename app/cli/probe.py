"""``greenbar models probe``: measure a model, keep the result, show the grade and its figures."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict

from rich.markup import escape

from app.cli.progress import FixProgress
from app.cli.show import answers, console
from app.services import AppServices, settings_from
from core.errors import ModelError
from core.session.emitter import Emitter
from core.session.session import Session
from core.types import ConsentRequest, FormatScore, Grade, ProbeResult


async def probe(options: argparse.Namespace, services: AppServices) -> int:
    """Exit status 0 where the model can be used at all, else 1. Raises GreenbarError."""
    progress = FixProgress(console())
    emit = Emitter((progress,), services.redact)
    session = Session(services, settings_from(model=options.model), emit, _refuse)
    try:
        with progress:
            if await session.ready_model() is None:
                raise ModelError("model.none", "There is no model that could be measured.")
            result = await session.probing.measure(again=True)
    finally:
        await session.close()
    if options.json:
        sys.stdout.write(json.dumps(asdict(result)) + "\n")
    else:
        show(result)
    return 1 if result.grade is Grade.UNSUITABLE else 0


async def _refuse(request: ConsentRequest) -> bool:
    """Measuring needs no permission."""
    return False


def show(result: ProbeResult) -> None:
    """The grade, then every figure behind it."""
    out = answers()
    out.print(f"[bold]{escape(result.name)}[/bold] ({escape(result.spec)}): [bold]{result.grade}[/bold]")
    for name, value in figures(result):
        out.print(f"  [dim]{name:<15}[/dim] {escape(value)}")


def figures(result: ProbeResult) -> list[tuple[str, str]]:
    """Name and value of each line."""
    rows = [(str(score.format), _score(score)) for score in result.formats]
    rows.append(("used", f"{result.edit_format}, prompts up to {result.prompt_tokens:,} tokens"))
    rows.append(("context", _context(result)))
    stops = {True: "stop sequences are kept", False: "stop sequences are ignored", None: ""}
    ends = f"{result.ended} of {result.answers} answers ended by themselves"
    rows.append(("ending", ", ".join(part for part in (ends, stops[result.keeps_stops]) if part)))
    speed = f"reads {result.prompt_speed:.0f}, writes {result.completion_speed:.1f} tokens a second"
    speed += f"; first token after {result.first_seconds:.1f} s"
    rows.append(("speed", f"{speed} (other programs kept the machine busy)" if result.busy else speed))
    spent = result.tokens.prompt + result.tokens.completion
    rows.append(("measured in", f"{result.seconds:.0f} s, {spent:,} tokens"))
    return rows


def _score(score: FormatScore) -> str:
    if not score.asked:
        return "not tried"
    return f"{score.applied} of {score.asked} answers were edits, {score.right} the right ones"


def _context(result: ProbeResult) -> str:
    claimed = f"{result.context_claimed:,} tokens claimed" if result.context_claimed else "not claimed"
    if not result.context_tried:
        return f"{claimed}, not tried"
    if not result.context_held:
        return f"{claimed}; the start of {result.context_tried:,} tokens was forgotten"
    return f"{claimed}; the start of {result.context_held:,} tokens was remembered"
