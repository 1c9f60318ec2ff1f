"""``greenbar bench run``: attempt the tasks of a set, keep every result, show the figures."""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import os
import platform
import shlex
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

from app.bench_work import work
from app.cli.bench_executors import executor_of
from app.cli.bench_progress import BenchProgress
from app.cli.bench_tables import show_report
from app.cli.show import console
from app.services import AppServices
from app.version import exact_version
from core.bench.conducting import conduct
from core.bench.records import (
    Machine,
    Report,
    ResultsFile,
    Run,
    converter,
    in_order,
    report_record,
    write_report,
)
from core.bench.running import ROOM_PREFIX, ROOMS
from core.bench.summary import summarise
from core.bench.values import BenchTask, Job, Setting, TaskResult
from core.rooms import reap_rooms
from core.search.choose import choose_proposers
from core.search.strategy import find_strategy


@dataclass(frozen=True, slots=True)
class Sides:
    """A bench that attempts each task in several ways to compare them."""

    key: str
    """Of the figures in the report."""
    vary: Callable[[Setting], tuple[Setting, ...]]
    figures: Callable[[Sequence[TaskResult]], Sequence[Any]]
    show: Callable[[Sequence[Any], bool], None]
    """Takes the figures, and whether standard output is for JSON."""


async def run_set(
    options: argparse.Namespace,
    services: AppServices,
    name: str,
    tasks: Sequence[BenchTask],
    sides: Sides | None = None,
) -> int:
    """Attempt ``tasks`` in every setting that ``options`` name; returns the exit status."""
    settings = settings_of(options)
    if sides is not None:
        settings = [one for setting in settings for one in sides.vary(setting)]
    every = services.strategies()
    for setting in settings:
        strategy = find_strategy(setting.strategy or "auto", every)
        choose_proposers(services.proposers(), options.proposers, strategy)
    for model in dict.fromkeys(setting.model for setting in settings):
        # One that cannot be had is told before anything starts.
        client = (await services.resolve_model(model)).client
        if client is not None:
            await client.close()
    jobs = [
        Job(task, setting, attempt)
        for attempt in range(1, options.repeat + 1)
        for task, setting in product(tasks, settings)
    ]
    run = await asyncio.to_thread(describe_run, options, name, tasks, settings)
    out = report_path(options, services, name)
    kept = ResultsFile(ResultsFile.beside(out), run)
    results = {result.key: result for result in kept.open(fresh=options.fresh)}
    left = [job for job in jobs if job.key not in results]
    progress = BenchProgress(console(), jobs, [job for job in jobs if job.key in results], results)
    await asyncio.to_thread(reap_rooms, ROOM_PREFIX, services.cache / ROOMS)

    def take(result: TaskResult) -> None:
        kept.append(result)
        results[result.key] = result
        progress.take(result)

    try:
        with progress, executor_of(options.dask, options.workers) as executor:
            await conduct(executor, work, left, take)
    finally:
        kept.close()
        report = Report(run, in_order(results.values(), [job.key for job in jobs]))
        summaries = summarise(report.results)
        record = {**report_record(report), "summary": converter().unstructure(summaries)}
        if sides is not None:
            figures = sides.figures(report.results)
            record[sides.key] = converter().unstructure(list(figures))
        write_report(out, record)
        show_report(report, summaries, as_json=options.json)
        if sides is not None:
            sides.show(figures, options.json)
        console().print(f"[dim]report[/dim]   {out}")
        if options.json:
            sys.stdout.write(json.dumps(record) + "\n")
    return 0


def settings_of(options: argparse.Namespace) -> list[Setting]:
    """One for each strategy and model that is named."""
    models = ["none"] if options.no_model else options.models or ["auto"]
    strategies = options.strategies or [""]
    return [
        Setting(
            model=model,
            strategy=strategy,
            proposers=options.proposers,
            seed=options.seed,
            seconds=options.seconds,
            tokens=options.tokens,
            sandbox=options.sandbox,
            set_up=options.setup == "auto",
            test_seconds=options.test_timeout,
            may_use_network=options.yes,
        )
        for strategy, model in product(dict.fromkeys(strategies), dict.fromkeys(models))
    ]


def describe_run(
    options: argparse.Namespace, name: str, tasks: Sequence[BenchTask], settings: Sequence[Setting]
) -> Run:
    """What the run is about."""
    content = json.dumps(converter().unstructure([list(tasks), list(settings)]), sort_keys=True)
    return Run(
        name=name,
        digest=hashlib.sha256(content.encode()).hexdigest()[:16],
        command=f"greenbar {shlex.join(sys.argv[1:])}",
        greenbar=exact_version(),
        started=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        machine=Machine(os.cpu_count() or 1, platform.platform(terse=True), platform.python_version()),
        seed=options.seed,
        tasks=len(tasks),
        attempts=options.repeat,
    )


def report_path(options: argparse.Namespace, services: AppServices, name: str) -> Path:
    """Where the report goes."""
    if options.out:
        return Path(options.out).expanduser().absolute()
    return services.data / "bench" / f"{name}-{time.strftime('%Y%m%d-%H%M%S')}.json"
