"""Task sets of one JSON object a line (or one JSON list): our own format, HumanEval's and MBPP's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from core.bench.entries import BadEntry, lines_of, texts, word, words
from core.bench.prompts import humaneval_task, mbpp_task
from core.bench.truth import fault_lines
from core.bench.values import BenchTask
from core.errors import UsageError


def read_jsonl(path: Path) -> tuple[BenchTask, ...]:
    """Raises UsageError that names the file and the line at fault."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError("bench.unreadable", f"{path} cannot be read.", details=str(error)) from error
    tasks = []
    for place, entry in _entries(path, text):
        try:
            if not isinstance(entry, dict):
                raise BadEntry("it is no JSON object")
            tasks.append(parse_entry(entry))
        except BadEntry as error:
            raise UsageError("bench.bad_entry", f"{path}, {place}: {error}.") from error
    return tuple(tasks)


def _entries(path: Path, text: str) -> Iterator[tuple[str, Any]]:
    """Each entry with its place, in words."""
    if text.lstrip().startswith("["):
        try:
            entries = json.loads(text)
        except ValueError as error:
            raise UsageError("bench.bad_entry", f"{path} is not JSON: {error}.") from error
        yield from ((f"entry {number}", entry) for number, entry in enumerate(entries, 1))
        return
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            yield f"line {number}", json.loads(line)
        except ValueError as error:
            raise UsageError(
                "bench.bad_entry", f"{path}, line {number}: it is not JSON.", details=str(error)
            ) from error


def parse_entry(entry: dict[str, Any]) -> BenchTask:
    """The task of one entry, by its fields. Raises BadEntry."""
    if "files" in entry or "repository" in entry:
        return own_task(entry)
    if "entry_point" in entry:
        return humaneval_task(entry)
    if "test_list" in entry:
        return mbpp_task(entry)
    raise BadEntry("it has none of the formats of docs/bench/README.md")


def own_entry(task: BenchTask) -> dict[str, Any]:
    """The task in our own format; :func:`own_task` reads it as it was."""
    entry = {
        "id": task.id,
        "kind": task.kind,
        "files": dict(task.files),
        "repository": task.repository,
        "commit": task.commit,
        "changes": dict(task.changes),
        "targets": list(task.targets),
        "hidden": list(task.hidden),
        "held_out": dict(task.held_out),
        "fixed": dict(task.right),
        "lines": {path: list(lines) for path, lines in task.truth.items()},
        "source": task.source,
    }
    return {key: value for key, value in entry.items() if value}


def own_task(entry: dict[str, Any]) -> BenchTask:
    """A task in our own format. Raises BadEntry."""
    files = texts(entry, "files")
    changes = texts(entry, "changes")
    fixed = texts(entry, "fixed")
    repository = word(entry, "repository")
    if bool(files) == bool(repository):
        raise BadEntry("it needs either files or a repository")
    return BenchTask(
        id=word(entry, "id", needed=True),
        kind=word(entry, "kind"),
        files=files,
        repository=repository,
        commit=word(entry, "commit"),
        changes=changes,
        targets=words(entry, "targets"),
        hidden=words(entry, "hidden"),
        held_out=texts(entry, "held_out"),
        truth=lines_of(entry, "lines") or fault_lines({**files, **changes}, fixed),
        right=fixed,
        source=word(entry, "source"),
    )
