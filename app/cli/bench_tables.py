"""A bench's report as tables on a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import median

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from app.cli.progress import counted
from app.cli.show import answers, console
from core.bench.compare import Column
from core.bench.records import Report
from core.bench.summary import TOPS, Summary
from core.bench.values import TaskResult

_NO_END = 1000


def show_report(report: Report, summaries: Sequence[Summary], *, as_json: bool) -> None:
    """Every attempt, then each setting in figures; on standard error where standard output is JSON."""
    out = console() if as_json else answers()
    several = len(summaries) > 1
    again = report.run.attempts > 1
    table = new_table("task", "result", ">seconds", ">tokens", ">tried", "by", ">place", "held-out")
    for result in report.results:
        name = f"{result.task} #{result.attempt}" if again else result.task
        table.add_row(
            escape(f"{name} ({result.setting.name})" if several else name),
            _ending(result),
            f"{result.seconds:.1f}",
            f"{result.all_tokens:,}",
            f"{result.candidates:,}",
            escape(result.proposer if result.is_solved else ""),
            place(result),
            {True: "pass", False: "[red]fail[/red]", None: "-"}[result.correct],
        )
    print_table(out, table)
    for summary in summaries:
        out.print()
        if several:
            out.print(f"[bold]{escape(summary.setting.name)}[/bold]")
        for name, value in figures(summary):
            out.print(f"  [dim]{name:<14}[/dim] {escape(value)}")


def print_table(out: Console, table: Table) -> None:
    """A file has no width, and nothing is to be cut off in it."""
    wide = out if out.is_terminal else Console(file=out.file, width=_NO_END, highlight=False)
    wide.print(table)


def show_comparison(
    sides: Sequence[Column], differing: Sequence[str], not_everywhere: Sequence[str]
) -> None:
    """A column for each side: the figures, then the tasks on which they differ."""
    out = answers()
    table = new_table("", *(escape(side.name) for side in sides))
    found = [dict(figures(side.summary)) for side in sides]
    for name in dict.fromkeys(name for one in found for name in one):
        table.add_row(f"[dim]{name}[/dim]", *(escape(one.get(name, "-")) for one in found))
    if differing:
        table.add_section()
        table.add_row("[dim]tasks that differ[/dim]")
    for task in differing:
        table.add_row(escape(task), *(_attempts(side.results[task]) for side in sides))
    print_table(out, table)
    if not_everywhere:
        words = "was not attempted by all" if len(not_everywhere) == 1 else "were not attempted by all"
        out.print(
            f"\n{counted(len(not_everywhere), 'task')} {words}: {escape(', '.join(not_everywhere))}"
        )


def _attempts(results: Sequence[TaskResult]) -> str:
    """One task in one column: whether it was solved, how often of how many, how fast, by whom."""
    solved = [result for result in results if result.is_solved]
    if not solved:
        return escape(results[0].ending.value)
    by = ", ".join(dict.fromkeys(result.proposer for result in solved))
    often = "" if len(results) == 1 else f" {len(solved)} of {len(results)}"
    seconds = median(result.seconds for result in solved)
    return f"[green]solved[/green]{often}, {seconds:.1f} s, {escape(by)}"


def new_table(*columns: str) -> Table:
    """Plain columns; ``>`` before a name puts it to the right."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    for number, name in enumerate(columns):
        right = name.startswith(">")
        # Where a terminal is narrow, names and figures stay whole.
        table.add_column(
            name.lstrip(">"), justify="right" if right else "left", no_wrap=right or not number
        )
    return table


def place(result: TaskResult) -> str:
    """Where the fault stands among the suspects."""
    if not result.has_truth:
        return "-"
    return str(result.rank) if result.rank is not None else "none"


def figures(summary: Summary) -> Iterable[tuple[str, str]]:
    """Name and value of each line of a summary."""
    yield "solved", solved(summary)
    if summary.judged:
        yield "correct", f"{summary.correct} of {summary.judged} solved pass the held-out tests"
    if summary.comparable:
        yield "restored", f"{summary.restored} of {summary.comparable} solved are the right text again"
    if summary.objected:
        yield "objections", f"{counted(summary.objected, 'solved attempt')} did not hold when accepted"
    if summary.failed:
        yield "failed", f"{counted(summary.failed, 'attempt')}, by an error"
    if summary.invalid:
        yield "invalid", f"{counted(summary.invalid, 'attempt')}, not counted"
    if summary.median_seconds is not None:
        each = f"{summary.median_seconds:.1f} s, the median of the solved; "
        yield "time", f"{each}{summary.solved_per_minute:.2f} solved a minute"
    average = summary.tokens / max(summary.tried, 1)
    yield "tokens", f"{average:,.0f} for each attempt"
    yield "candidates", f"{summary.candidates / max(summary.tried, 1):,.0f} for each attempt"
    if summary.with_truth:
        tops = ", ".join(f"{summary.within[top]} in the top {top}" for top in TOPS)
        yield "localisation", f"of {summary.with_truth}, {tops}"
    if summary.winners:
        yield "solved by", ", ".join(f"{name} {number}" for name, number in summary.winners.items())
    if len(summary.kinds) > 1:
        kinds = sorted(summary.kinds.items())
        yield "kinds", ", ".join(f"{kind} {done} of {tried}" for kind, (done, tried) in kinds)


def solved(summary: Summary) -> str:
    """``7 of 10``, with the extremes where the attempts differ."""
    words = f"{summary.solved:g} of {summary.tasks}"
    if summary.attempts == 1:
        return words
    return f"{words}, the median of {summary.attempts} attempts ({summary.least} to {summary.most})"


def _ending(result: TaskResult) -> str:
    if result.objections:
        return f"[red]{result.ending}, but[/red]"
    return {"solved": "[green]solved[/green]", "failed": "[red]failed[/red]"}.get(
        result.ending.value, result.ending.value
    )
