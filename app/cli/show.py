"""What the command line prints for people: answers on standard output, the rest on standard error."""

from __future__ import annotations

from functools import cache

from rich.console import Console
from rich.markup import escape

from core.errors import GreenbarError


@cache
def console() -> Console:
    """Standard error; colours and live lines only where it is a terminal (NO_COLOR is honoured)."""
    return Console(stderr=True, highlight=False, soft_wrap=True)


@cache
def answers() -> Console:
    """Standard output, for commands whose answer is text for people."""
    return Console(highlight=False, soft_wrap=True)


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
