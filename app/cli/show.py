"""What the command line prints for people: answers on standard output, the rest on standard error."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterable
from functools import cache
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.markup import escape
from rich.segment import Segment

from core.errors import GreenbarError
from core.harmless import harmless
from core.redact import Redact


class PlainSpoken(Console):
    """A console that prints what repositories and models say without obeying it."""

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        for segment in super().render(renderable, options):
            if segment.control is None and (text := harmless(segment.text)) != segment.text:
                yield Segment(text, segment.style)
            else:
                yield segment


@cache
def console() -> Console:
    """Standard error; colours and live lines only where it is a terminal (NO_COLOR is honoured)."""
    return PlainSpoken(stderr=True, highlight=False, soft_wrap=True)


@cache
def answers() -> Console:
    """Standard output, for commands whose answer is text for people."""
    return PlainSpoken(highlight=False, soft_wrap=True)


def without_secrets(error: GreenbarError, redact: Redact) -> GreenbarError:
    """The error as it may be printed: output ends up in the logs of build servers."""
    return GreenbarError(error.code, redact(error.sentence), error.remedies, redact(error.details))


def show_error(error: GreenbarError) -> None:
    """The sentence, the remedies, then the details, indented."""
    out = console()
    out.print(f"[red]✗[/red] {escape(error.sentence)}")
    for remedy in error.remedies:
        # A remedy without a command is a button of the window.
        if remedy.shell:
            out.print(f"  {escape(remedy.label)}: [bold]{escape(remedy.shell)}[/bold]")
    if error.details:
        for line in error.details.splitlines()[-12:]:
            out.print(f"  [dim]{escape(line)}[/dim]")


def error_record(error: GreenbarError) -> dict[str, Any]:
    """An error as the JSON object of ``--json``."""
    return {
        "verdict": "error",
        "error": {
            "code": error.code,
            "sentence": error.sentence,
            "remedies": [remedy.shell or remedy.label for remedy in error.remedies],
        },
    }


async def confirm(question: str) -> bool:
    """Ask on the terminal; no answer is a no."""
    while True:
        answer = (await read_line(f"{question}? [y/N] ")).lower()
        if answer in ("y", "yes"):
            return True
        if answer in ("", "n", "no"):
            return False


async def read_line(prompt: str) -> str:
    """One line from the terminal, stripped; empty at its end.

    Not in a thread: nothing could end its wait for a line, and so Ctrl+C would seem to hang.
    """
    loop = asyncio.get_running_loop()
    console().print(escape(prompt), end="")
    readable = asyncio.Event()
    loop.add_reader(sys.stdin, readable.set)
    try:
        await readable.wait()
    finally:
        loop.remove_reader(sys.stdin)
    # A terminal hands over whole lines.
    return sys.stdin.readline().strip()
