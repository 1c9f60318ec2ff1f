"""Task sets by their files: which adapter reads what, and which tasks of it are wanted."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path

from core.bench.entries import BadEntry, lines_of
from core.bench.folder import read_folder
from core.bench.jsonl import read_jsonl
from core.bench.values import BenchTask
from core.errors import UsageError


def load_set(path: Path) -> tuple[BenchTask, ...]:
    """The tasks of a file, or of a folder of repositories (docs/bench/README.md has the formats).

    Raises UsageError that names the file and the line at fault.
    """
    if not path.exists():
        raise UsageError("bench.no_set", f"There is no task set {path}.")
    tasks = read_folder(path) if path.is_dir() else read_jsonl(path)
    if not tasks:
        raise UsageError("bench.empty", f"There is no task in {path}.")
    twice = _first_repeated(task.id for task in tasks)
    if twice:
        raise UsageError("bench.twice", f"Two tasks in {path} are called {twice}.")
    return tasks


def with_truth(tasks: Sequence[BenchTask], path: Path) -> tuple[BenchTask, ...]:
    """The tasks with the lines at fault that a file gives for those that lack them: a JSON object from
    ids to such lines. Raises UsageError."""
    try:
        known = json.loads(path.read_text("utf-8"))
        if not isinstance(known, dict):
            raise BadEntry("it is no JSON object")
        lines = {name: lines_of(known, name) for name in known}
    except (OSError, ValueError, BadEntry) as error:
        raise UsageError("bench.truth", f"{path} cannot be read as lines at fault: {error}.") from error
    return tuple(t if t.truth else replace(t, truth=lines.get(t.id, {})) for t in tasks)


def choose_tasks(
    tasks: Sequence[BenchTask], patterns: Sequence[str] = (), limit: int = 0, seed: int = 0
) -> tuple[BenchTask, ...]:
    """Those whose ids fit one of ``patterns`` (shell style; ``gcd`` fits ``quixbugs/gcd``), and of these
    ``limit`` drawn with ``seed``, in their own order; 0: all. Raises UsageError where none fits."""
    fitting = [task for task in tasks if not patterns or any(_fits(task.id, p) for p in patterns)]
    if not fitting:
        raise UsageError("bench.no_task", f"No task is called {' or '.join(patterns)}.")
    if 0 < limit < len(fitting):
        chosen = set(random.Random(seed).sample(range(len(fitting)), limit))
        fitting = [task for place, task in enumerate(fitting) if place in chosen]
    return tuple(fitting)


def _fits(name: str, pattern: str) -> bool:
    return fnmatchcase(name, pattern) or fnmatchcase(name.rsplit("/", 1)[-1], pattern)


def _first_repeated(names: Iterable[str]) -> str:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            return name
        seen.add(name)
    return ""
