"""A report in figures, for each setting: how many, how quick, how dear, how well localised. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

from core.bench.values import Ending, Setting, TaskResult
from core.types import ProposerUsage

TOPS: Final = (1, 3, 5, 10)


@dataclass(frozen=True, slots=True)
class Summary:
    """One setting of a run. Invalid attempts count in ``invalid`` only.

    Where tasks were attempted several times, ``solved`` is the median over the attempts, and ``least``
    and ``most`` are the extremes; all other counts are of attempts.
    """

    setting: Setting
    tasks: int
    """Valid ones."""
    attempts: int
    """Of each task, at most."""
    tried: int
    """Valid attempts."""
    solved: float
    least: int
    most: int
    judged: int
    """Solved attempts at tasks with held-out tests."""
    correct: int
    """Of these, how many pass them."""
    comparable: int
    """Solved attempts at tasks that say how the files should be."""
    restored: int
    """Of these, how many made them so, but for layout and comments."""
    objected: int
    """Solved attempts that did not hold when the patch was accepted."""
    failed: int
    invalid: int
    median_seconds: float | None
    """Over the solved tasks, of each task's own median; ``None`` where none is solved."""
    seconds: float
    """Of all valid attempts together."""
    tokens: int
    """The same, prompts and answers."""
    candidates: int
    solved_per_minute: float
    with_truth: int
    """Valid attempts at tasks whose fault is known."""
    within: Mapping[int, int]
    """How many of these have a true line among the first 1, 3, 5, 10 suspect lines."""
    winners: Mapping[str, int]
    """Solved attempts by proposer."""
    proposers: tuple[ProposerUsage, ...]
    """What each has had and gained in all valid attempts together."""
    kinds: Mapping[str, tuple[int, int]]
    """Solved and valid attempts by kind of task, where the set has kinds."""


def summarise(results: Iterable[TaskResult]) -> tuple[Summary, ...]:
    """A summary of each setting, in the order of their first results."""
    by_setting: dict[Setting, list[TaskResult]] = {}
    for result in results:
        by_setting.setdefault(result.setting, []).append(result)
    return tuple(_summary(setting, mine) for setting, mine in by_setting.items())


def _summary(setting: Setting, results: Sequence[TaskResult]) -> Summary:
    valid = [result for result in results if result.ending is not Ending.INVALID]
    solved = [result for result in valid if result.is_solved]
    attempts = sorted({result.attempt for result in results})
    counts = [sum(result.attempt == number for result in solved) for number in attempts]
    judged = [result for result in solved if result.correct is not None]
    located = [result for result in valid if result.has_truth]
    seconds = sum(result.seconds for result in valid)
    return Summary(
        setting=setting,
        tasks=len({result.task for result in valid}),
        attempts=len(attempts),
        tried=len(valid),
        solved=median(counts) if counts else 0,
        least=min(counts, default=0),
        most=max(counts, default=0),
        judged=len(judged),
        correct=sum(result.correct is True for result in judged),
        comparable=sum(result.restored is not None for result in solved),
        restored=sum(result.restored is True for result in solved),
        objected=sum(bool(result.objections) for result in solved),
        failed=sum(result.ending is Ending.FAILED for result in valid),
        invalid=len(results) - len(valid),
        median_seconds=_median_of_medians(solved),
        seconds=round(seconds, 3),
        tokens=sum(result.all_tokens for result in valid),
        candidates=sum(result.candidates for result in valid),
        solved_per_minute=round(60 * len(solved) / seconds, 3) if seconds else 0.0,
        with_truth=len(located),
        within={top: sum(r.rank is not None and r.rank <= top for r in located) for top in TOPS},
        winners=dict(Counter(result.proposer for result in solved).most_common()),
        proposers=usage(valid),
        kinds=_kinds(valid),
    )


def _median_of_medians(solved: Iterable[TaskResult]) -> float | None:
    by_task: dict[str, list[float]] = {}
    for result in solved:
        by_task.setdefault(result.task, []).append(result.seconds)
    return round(median(map(median, by_task.values())), 3) if by_task else None


def usage(results: Iterable[TaskResult]) -> tuple[ProposerUsage, ...]:
    """What each proposer has had and gained in all of these together, by name."""
    found: dict[str, ProposerUsage] = {}
    for row in (row for result in results for row in result.proposers):
        sum_so_far = found.get(row.name, ProposerUsage(row.name, 0, 0.0, 0.0))
        found[row.name] = ProposerUsage(
            row.name,
            sum_so_far.candidates + row.candidates,
            sum_so_far.gain + row.gain,
            sum_so_far.seconds + row.seconds,
            sum_so_far.tokens + row.tokens,
        )
    return tuple(found[name] for name in sorted(found))


def _kinds(valid: Iterable[TaskResult]) -> dict[str, tuple[int, int]]:
    found: dict[str, tuple[int, int]] = {}
    for result in valid:
        if result.kind:
            solved, tried = found.get(result.kind, (0, 0))
            found[result.kind] = (solved + result.is_solved, tried + 1)
    return found
