"""How far a bench is: a line for each result, and one live line with the time that is left."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.live import Live
from rich.markup import escape
from rich.text import Text

from app.cli.progress import counted
from core.bench.values import Ending, Job, TaskResult

_SIGNS = {
    Ending.SOLVED: "[green]✓[/green]",
    Ending.UNSOLVED: "[yellow]–[/yellow]",
    Ending.INVALID: "[dim]·[/dim]",
    Ending.FAILED: "[red]✗[/red]",
}


class BenchProgress:
    """Use as a context; feed it every new result."""

    def __init__(
        self,
        out: Console,
        jobs: Sequence[Job],
        done: Sequence[Job],
        results: Mapping[tuple[Any, ...], TaskResult],
    ) -> None:
        """``done`` of the ``jobs`` have a result in ``results`` from an earlier run."""
        self._out = out
        self._live = Live("", console=out, refresh_per_second=2, transient=True)
        self._total = len(jobs)
        self._several = len({job.setting for job in jobs}) > 1
        self._before = len(done)
        self._done = len(done)
        self._solved = sum(results[job.key].is_solved for job in done)
        self._began = time.monotonic()

    def __enter__(self) -> BenchProgress:
        earlier = f", {self._before} of them done before" if self._before else ""
        self._out.print(f"[dim]bench[/dim]    {counted(self._total, 'attempt')}{earlier}")
        if self._out.is_terminal:
            self._live.start()
        self._show()
        return self

    def __exit__(self, *error: object) -> None:
        if self._out.is_terminal:
            self._live.stop()

    def take(self, result: TaskResult) -> None:
        self._done += 1
        self._solved += result.is_solved
        self._out.print(f"  {_SIGNS[result.ending]} {escape(self._sentence(result))}")
        self._show()

    def _sentence(self, result: TaskResult) -> str:
        name = f"{result.task}: " if not self._several else f"{result.task} ({result.setting.name}): "
        if result.ending in (Ending.INVALID, Ending.FAILED):
            return f"{name}{result.ending}: {result.why}"
        by = f" by {result.proposer}" if result.is_solved else ""
        words = f"{name}{result.ending}{by}, {result.seconds:.1f} s"
        if result.correct is False:
            words += "; the held-out tests do not pass"
        return f"{words}; {result.objections[0]}" if result.objections else words

    def _show(self) -> None:
        if self._out.is_terminal:
            words = f"         {self._done} of {self._total}, {self._solved} solved{self._left()}"
            self._live.update(Text(words, style="dim"))

    def _left(self) -> str:
        """The time that is left, as far as this run has shown how long an attempt takes."""
        here = self._done - self._before
        if not here or self._done == self._total:
            return ""
        seconds = (time.monotonic() - self._began) / here * (self._total - self._done)
        return (
            f", about {seconds / 60:.0f} min left" if seconds >= 90 else f", about {seconds:.0f} s left"
        )
