"""Reports side by side: a column for each setting of each, and the tasks on which they differ. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.bench.records import Report
from core.bench.summary import Summary, summarise
from core.bench.values import Ending, TaskResult


@dataclass(frozen=True, slots=True)
class Column:
    """One setting of one report."""

    name: str
    summary: Summary
    results: Mapping[str, tuple[TaskResult, ...]]
    """The attempts at each task, as they were made."""

    def share(self, task: str) -> float | None:
        """Which part of the valid attempts at a task solved it; ``None`` without any."""
        valid = [r for r in self.results.get(task, ()) if r.ending is not Ending.INVALID]
        return sum(result.is_solved for result in valid) / len(valid) if valid else None


def columns(reports: Sequence[tuple[str, Report]]) -> tuple[Column, ...]:
    """A column for each setting, called after its report, and after itself where there are several."""
    found = []
    for name, report in reports:
        summaries = summarise(report.results)
        for summary in summaries:
            by_task: dict[str, tuple[TaskResult, ...]] = {}
            for result in report.results:
                if result.setting == summary.setting:
                    by_task[result.task] = (*by_task.get(result.task, ()), result)
            title = name if len(summaries) == 1 else f"{name}: {summary.setting.name}"
            found.append(Column(title, summary, by_task))
    return tuple(found)


def differing(sides: Sequence[Column]) -> tuple[str, ...]:
    """Tasks that all sides have attempted, and not all with the same success; in the first's order."""
    return tuple(
        task
        for task in (sides[0].results if sides else ())
        if None not in (shares := {side.share(task) for side in sides}) and len(shares) > 1
    )


def not_everywhere(sides: Sequence[Column]) -> tuple[str, ...]:
    """Tasks that some side has not attempted, or not validly: figures of different sets say little."""
    every = dict.fromkeys(task for side in sides for task in side.results)
    return tuple(task for task in every if any(side.share(task) is None for side in sides))
