"""What the journal of a past task still tells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from core.events import Body, FixFinished, FixStarted, ReviewReady
from core.repo.patch import diff_lines
from core.session.journal import read_journal
from core.types import FileDiff, TaskRow


def best_patch(task: TaskRow, journal: Path) -> tuple[FileDiff, ...]:
    """The diff of the best candidate of a task; empty where it had none, or the journal is gone."""
    for body in _after_the_result(task, journal):
        if isinstance(body, ReviewReady):
            return body.files
    return ()


def diff_text(files: Iterable[FileDiff]) -> str:
    """Files with their hunks as a unified diff for reading."""
    return "\n".join(line for file in files for line in diff_lines(file))


def _after_the_result(task: TaskRow, journal: Path) -> Iterator[Body]:
    """From the result of the task up to the next task."""
    if not journal.is_file():
        return
    begun = finished = False
    kinds = [kind.__name__ for kind in (FixStarted, FixFinished, ReviewReady)]
    for event in read_journal(journal, kinds):
        if isinstance(event.body, FixStarted):
            if finished:
                return
            begun = event.time == task.began
        finished = finished or (begun and isinstance(event.body, FixFinished))
        if finished:
            yield event.body
