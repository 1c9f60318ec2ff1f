"""``greenbar bench``: which action is meant; comparing and plotting, which only read reports."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from app.cli.bench_clarify import bench_clarify
from app.cli.bench_overfit import bench_overfit
from app.cli.bench_run import run_set
from app.cli.bench_self import bench_self
from app.cli.bench_tables import show_comparison
from app.cli.show import console
from app.services import AppServices
from core.bench.compare import Column, columns, differing, not_everywhere
from core.bench.plot import plot_svg
from core.bench.priors import learned, priors_text
from core.bench.records import converter, read_report, write_text
from core.bench.sets import choose_tasks, load_set, with_truth
from core.search.bandit import load_priors

RunLoop = Callable[[Coroutine[Any, Any, int]], int]


def bench(options: argparse.Namespace, services: AppServices, run_loop: RunLoop) -> int:
    """Carry out one action; ``run_loop`` runs what is asynchronous. Raises GreenbarError."""
    match options.action:
        case "run":
            path = _path(options.set)
            tasks = choose_tasks(load_set(path), options.tasks, options.limit, options.seed)
            if options.truth:
                tasks = with_truth(tasks, Path(options.truth))
            return run_loop(run_set(options, services, path.stem, tasks))
        case "self":
            return run_loop(bench_self(options, services))
        case "clarify":
            return run_loop(bench_clarify(options, services, _path(options.set)))
        case "overfit":
            return run_loop(bench_overfit(options, services, _path(options.set)))
        case "compare":
            return _compare(_columns(options.reports), as_json=options.json)
        case "plot":
            return _plot(_columns(options.reports), Path(options.out))
        case _:
            return _priors([Path(path) for path in options.reports])


def _path(text: str) -> Path:
    return Path(text).expanduser().absolute()


def _columns(paths: list[str]) -> tuple[Column, ...]:
    return columns([(Path(path).stem, read_report(Path(path))) for path in paths])


def _compare(sides: tuple[Column, ...], *, as_json: bool) -> int:
    """Exit status 0, whatever they say."""
    if not as_json:
        show_comparison(sides, differing(sides), not_everywhere(sides))
        return 0
    record = {
        "columns": [{"name": s.name, "summary": converter().unstructure(s.summary)} for s in sides],
        "differ": [{"task": t, "solved": [s.share(t) for s in sides]} for t in differing(sides)],
        "not_everywhere": list(not_everywhere(sides)),
    }
    sys.stdout.write(json.dumps(record) + "\n")
    return 0


def _priors(paths: list[Path]) -> int:
    results = [result for path in paths for result in read_report(path).results]
    names = ", ".join(path.name for path in paths)
    source = f"Learned from {names} by greenbar bench priors."
    sys.stdout.write(priors_text(learned(results, load_priors()), source))
    return 0


def _plot(sides: tuple[Column, ...], out: Path) -> int:
    write_text(out, plot_svg(sides))
    console().print(f"[dim]plot[/dim]     {out}")
    return 0
