"""The progress display of ``greenbar fix``: a projection of events onto a terminal or a log."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.live import Live
from rich.markup import escape
from rich.text import Text

from core.context.failures import to_the_point
from core.events import (
    Accepted,
    BudgetSpent,
    CandidateProposed,
    CandidateVerified,
    Diagnosed,
    Event,
    FixFinished,
    FixStarted,
    ModelReady,
    Noticed,
    Progress,
    SandboxReady,
    TestFinished,
    TestRunFinished,
    TestsCollected,
    TroubleRaised,
)
from core.types import Diagnosis, FixResult, Outcome, RoleUsage, TestReport, TokenUsage
from core.types.causes import group_failures

BAR_CELLS = 40
MOST_CAUSES = 5
CAUSE_CHARACTERS = 120
MOST_DIAGNOSES = 8
PLAIN_SECONDS = 5.0
"""Without a terminal, how often running work is mentioned."""


class FixProgress:
    """Feed it every event; it prints milestones and keeps one live line at the bottom."""

    def __init__(self, out: Console) -> None:
        self._out = out
        self._live = Live("", console=out, refresh_per_second=8, transient=True)
        self._is_live = out.is_terminal
        self._bar = _Bar()
        self._titles: dict[int, str] = {}
        self._told: set[str] = set()
        self._last_plain = time.monotonic()
        self.last_result: FixResult | None = None

    def __enter__(self) -> FixProgress:
        if self._is_live:
            self._live.start()
        return self

    def __exit__(self, *error: object) -> None:
        if self._is_live:
            self._live.stop()

    def __call__(self, event: Event) -> None:
        match event.body:
            case Progress(text=text, fraction=fraction, done=done):
                percent = "" if fraction is None or done else f" {fraction:.0%}"
                self._status("" if done else f"{text}{percent}")
                if done and text:
                    self._say(f"[dim]{escape(text)}[/dim]")
            case SandboxReady(sentence=sentence):
                self._say(f"[dim]sandbox[/dim]  {escape(sentence)}")
            case ModelReady(name=name, spec=spec):
                self._say(f"[dim]model[/dim]    {escape(name)} ({escape(spec)})")
            case TestsCollected(node_ids=node_ids):
                self._bar = _Bar(len(node_ids))
            case TestFinished(result=result):
                self._bar.add(result.outcome)
                self._status_line(self._bar.line())
            case TestRunFinished(report=report):
                self._say(counts(report))
                for line in causes(report):
                    self._say(line)
                if report.detail:
                    self._say(f"[yellow]![/yellow]        {escape(report.detail)}")
            case Diagnosed(diagnoses=diagnoses):
                for line in diagnosis_lines(diagnoses):
                    self._say(line)
            case FixStarted(targets, _, proposers, model, strategy):
                with_model = f" with {model}" if model else ", no model"
                with_model += f", strategy {strategy}" if strategy not in ("", "auto") else ""
                self._say(
                    f"[dim]fix[/dim]      {_tests(len(targets))} to turn green{escape(with_model)}; "
                    f"ideas from {', '.join(proposers)}"
                )
            case CandidateProposed(candidate=candidate, proposer=proposer, title=title):
                self._titles[candidate] = f"{proposer}: {title}"
            case CandidateVerified(evidence=evidence, best=best):
                fixed = len(evidence.comparison.fixed)
                if best and fixed:
                    title = escape(self._titles.get(evidence.candidate, ""))
                    sign = "[green]✓[/green]" if evidence.comparison.verdict == "green" else "·"
                    self._say(f"  {sign} #{evidence.candidate} {title}: {evidence.comparison.verdict}")
            case BudgetSpent(seconds, tokens, budget, candidates, roles):
                self._status(
                    f"{counted(candidates, 'candidate')}, {seconds:.0f} of {budget.seconds:.0f} s, "
                    f"{total(tokens):,} tokens{cost(roles)}"
                )
            case TroubleRaised(sentence=sentence) if sentence not in self._told:
                # Several proposers may stumble over the same model.
                self._told.add(sentence)
                self._say(f"[yellow]![/yellow]        {escape(sentence)}")
            case Noticed(sentence=sentence):
                self._say(f"[dim]{escape(sentence)}[/dim]")
            case FixFinished(result=result):
                self.last_result = result
            case Accepted(paths=paths):
                self._say(f"[dim]written[/dim]  {escape(', '.join(paths))}")
            case _:
                pass

    def _say(self, markup: str) -> None:
        self._last_plain = time.monotonic()
        self._out.print(markup)

    def _status(self, text: str) -> None:
        self._status_line(Text(f"         {text}", style="dim"))

    def _status_line(self, line: Text) -> None:
        # Quick steps need no line in a log: only what goes on for a while is mentioned there.
        if self._is_live:
            self._live.update(line)
        elif line.plain.strip() and time.monotonic() - self._last_plain > PLAIN_SECONDS:
            self._last_plain = time.monotonic()
            self._out.print(line)


class _Bar:
    """The green bar, in cells."""

    def __init__(self, total: int = 0) -> None:
        self._total = total
        self._green = 0
        self._red = 0
        self._other = 0

    def add(self, outcome: Outcome) -> None:
        if outcome.is_red:
            self._red += 1
        elif outcome.is_green:
            self._green += 1
        else:
            self._other += 1

    def line(self) -> Text:
        total = max(self._total, self._green + self._red + self._other, 1)
        green, red = (round(BAR_CELLS * n / total) for n in (self._green, self._red))
        rest = max(BAR_CELLS - green - red, 0)
        return Text.assemble(
            "         ",
            ("█" * green, "green"),
            ("▓" * red, "red"),
            ("░" * rest, "dim"),
            f" {self._green + self._red + self._other} of {total}",
        )


def counts(report: TestReport) -> str:
    """One line: how many tests, and what became of them."""
    red = len(report.failing)
    skipped = report.count(Outcome.SKIPPED) + report.count(Outcome.XFAILED)
    green = len(report.results) - red - skipped
    parts = [f"[green]✓ {green} pass[/green]" if green else "0 pass"]
    if red:
        parts.append(f"[red]✗ {red} fail[/red]")
    if skipped:
        parts.append(f"– {skipped} skipped")
    return (
        f"[dim]tests[/dim]    {_tests(len(report.results))}: {', '.join(parts)} ({report.seconds:.1f} s)"
    )


def causes(report: TestReport) -> Iterator[str]:
    """One line for each cause of failures, those of most tests first."""
    groups = group_failures(report.results)
    for group in groups[:MOST_CAUSES]:
        told = group.members[0].message.strip().partition("\n")[0]
        said = to_the_point(told, CAUSE_CHARACTERS) or group.cause
        place = f" [dim]({escape(group.place)})[/dim]" if group.place else ""
        yield f"         [red]✗[/red] {_tests(len(group.members))}: {escape(said)}{place}"
    if len(groups) > MOST_CAUSES:
        yield f"         [dim]and {counted(len(groups) - MOST_CAUSES, 'other cause')}[/dim]"


def diagnosis_lines(diagnoses: Sequence[Diagnosis]) -> Iterator[str]:
    """What the failures say of where their fault lies, and what follows from it."""
    for diagnosis in diagnoses[:MOST_DIAGNOSES]:
        yield f"[yellow]![/yellow]        {escape(diagnosis.sentence)}"
    aside = {test for diagnosis in diagnoses if diagnosis.aside for test in diagnosis.tests}
    if aside:
        left = f"{_tests(len(aside))} left aside, as no patch of the code can mend that"
        yield f"         [dim]{left}; name one with --tests to try anyway.[/dim]"


def total(tokens: TokenUsage) -> int:
    return tokens.prompt + tokens.completion


def cost(roles: Sequence[RoleUsage]) -> str:
    """``, $0.0123``; empty where nothing costs anything."""
    if any(row.dollars is None for row in roles):
        return ", cost unknown"
    dollars = sum(row.dollars or 0.0 for row in roles)
    return f", ${dollars:.4f}" if dollars else ""


def role_line(row: RoleUsage) -> str:
    """What one role has cost, and what the guard of its answers has saved."""
    words = f"{row.role} ({row.model}): {counted(row.calls, 'call')}, {total(row.tokens):,} tokens"
    if row.stopped:
        words += f"; {counted(row.stopped, 'answer')} stopped early, about {row.saved:,} tokens saved"
    return words + cost((row,))


def counted(number: int, noun: str) -> str:
    """``1 test``, ``2 tests``."""
    return f"{number} {noun}" if number == 1 else f"{number:,} {noun}s"


def _tests(count: int) -> str:
    return counted(count, "test")
