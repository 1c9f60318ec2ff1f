"""``greenbar strategies``: what there is to choose from for ``greenbar fix --strategy``."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from rich.markup import escape
from rich.table import Table

from app.cli.show import answers
from app.services import AppServices
from core.search.strategy import Part, Strategy, find_strategy


def strategies(options: argparse.Namespace, services: AppServices) -> int:
    """Returns the exit status; raises UsageError for an unknown name or a file that cannot be used."""
    every = services.strategies()
    as_json = getattr(options, "json", False)
    if options.action == "show":
        strategy = find_strategy(options.name, every)
        if as_json:
            sys.stdout.write(json.dumps(strategy_record(strategy)) + "\n")
        else:
            _show(strategy)
        return 0
    # Of two with one name the user's own counts.
    named = {strategy.name: strategy for strategy in every}
    if as_json:
        records = [strategy_record(strategy) for strategy in named.values()]
        sys.stdout.write(json.dumps({"strategies": records}) + "\n")
        return 0
    table = Table(box=None, show_header=False, pad_edge=False)
    for strategy in named.values():
        table.add_row(f"[bold]{escape(strategy.name)}[/bold]", escape(strategy.summary))
    answers().print(table)
    return 0


def strategy_record(strategy: Strategy) -> dict[str, Any]:
    """The JSON object of a strategy."""
    stop = strategy.stop
    return {
        "name": strategy.name,
        "title": strategy.title,
        "summary": strategy.summary,
        "source": strategy.source,
        "approximation": strategy.approximation,
        "proposers": {name: _part_record(part) for name, part in strategy.parts.items()},
        "others": strategy.others,
        "stop": {
            "greens": stop.greens,
            "share": stop.share,
            "seconds": stop.seconds,
            "patience": stop.patience,
        },
        "tree": {"branching": strategy.branching, "depth": strategy.depth},
    }


def _part_record(part: Part) -> dict[str, Any]:
    return {
        "share": part.share,
        "stage": part.stage,
        "drafts": part.drafts,
        "expand": part.expand,
        "hints": list(part.hints),
        "role": part.role.value if part.role else "",
        **part.settings,
    }


def _show(strategy: Strategy) -> None:
    out = answers()
    out.print(f"[bold]{escape(strategy.title)}[/bold]  {escape(strategy.summary)}")
    if strategy.source:
        out.print(f"After {escape(strategy.source)}")
    if strategy.approximation:
        out.print(escape(strategy.approximation))
    for name, part in strategy.parts.items():
        out.print(f"  {escape(name)}  [dim]{escape(_words(part))}[/dim]")
    if strategy.others:
        out.print("  every other proposer" if strategy.parts else "  every proposer")
    stop = strategy.stop
    ends = f"Ends with {stop.greens} candidates that pass" if stop.greens > 1 else "Ends with the first"
    if stop.greens > 1:
        ends += f", or {stop.share:.0%} of the time (at most {stop.seconds:g} s) after the first"
    else:
        ends += " candidate that passes"
    if stop.patience:
        ends += f"; or after {stop.patience:g} s without progress"
    out.print(f"{ends}.")
    if strategy.depth:
        out.print(
            f"Works on up to {strategy.branching} promising candidates at a time, "
            f"{strategy.depth} steps from the source at most."
        )


def _words(part: Part) -> str:
    said = [f"{key} {value}" for key, value in part.settings.items()]
    if part.share != 1.0:
        said.append(f"share {part.share:g}")
    if part.stage != 1:
        said.append(f"stage {part.stage}")
    if part.drafts:
        said.append(f"at most {part.drafts} drafts")
    if part.expand:
        said.append("on candidates, too")
    if part.hints:
        said.append(f"{len(part.hints)} hints")
    return ", ".join(said)
