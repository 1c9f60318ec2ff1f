"""Keeps the history up to date with what happens: a sink for events."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from time import sleep
from typing import Final

from core.errors import GreenbarError
from core.events import (
    Accepted,
    Event,
    FixFinished,
    FixStarted,
    RepositoryOpened,
    TestRunFinished,
    Undone,
)
from core.history.runs import RunBook
from core.history.store import HistoryStore
from core.types import FixResult, RepositoryInfo, TaskEnd, TaskRow, TestReport, Verdict

log = logging.getLogger("greenbar.history")

SPARED_SECONDS: Final = 0.4
"""After a run its results are shown; what is written of them meanwhile would be felt in the window."""
MOST_TARGETS: Final = 200
"""Of a task are kept for searching and for doing it again; the journal has all."""


class HistoryKeeper:
    """For one session; call it with each event. Writes in a thread of its own, in order.

    A history that cannot be written must not end the work: it is said in the log, once for each row.
    """

    def __init__(self, store: HistoryStore, runs: RunBook) -> None:
        self._store = store
        self._runs = runs
        self._repository: RepositoryInfo | None = None
        self._task: TaskRow | None = None
        self._number = 0
        """Of the task in the store; this and the next are the thread's own."""
        self._held = -1
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="greenbar-history")
        self._closed = False

    def __call__(self, event: Event) -> None:
        if self._closed:
            return
        match event.body:
            case RepositoryOpened(repository):
                self._repository, self._task = repository, None
            case TestRunFinished("baseline" | "accepted", report) if self._repository:
                path = self._repository.path
                self._later(lambda: self._take_run(path, report, event.time))
            case FixStarted(targets=targets, model=model, strategy=strategy) if self._repository:
                row = TaskRow(
                    0,
                    event.session,
                    self._repository.path,
                    self._repository.name,
                    request_of(targets),
                    event.time,
                    targets[:MOST_TARGETS],
                    model=model,
                    strategy=strategy,
                )
                self._task = row
                self._later(lambda: self._begin(row))
            case FixFinished(result) if self._task is not None and self._task.end is TaskEnd.RUNNING:
                self._change(lambda row: finished(row, result))
            case Accepted() if self._task is not None:
                self._change(lambda row: replace(row, accepted=True))
            case Undone() if self._task is not None:
                self._change(lambda row: replace(row, accepted=False))
            case _:
                pass

    def close(self) -> None:
        """Write what waits. Blocking; idempotent."""
        self._closed = True
        self._thread.shutdown(wait=True)
        held, self._held = self._held, -1
        if held >= 0:
            os.close(held)

    # --- inner -----------------------------------------------------------------------------------

    def _change(self, change: Callable[[TaskRow], TaskRow]) -> None:
        assert self._task is not None, "asked before"
        self._task = changed = change(self._task)
        self._later(lambda: self._update(changed))

    def _later(self, work: Callable[[], None]) -> None:
        self._thread.submit(_quietly, work)

    # --- in the thread ---------------------------------------------------------------------------

    def _begin(self, row: TaskRow) -> None:
        if self._held < 0:
            self._held = self._store.hold(row.session)
        self._number = self._store.begin(row)

    def _take_run(self, repository: str, report: TestReport, time: float) -> None:
        sleep(SPARED_SECONDS)
        self._runs.add(repository, report, time)

    def _update(self, row: TaskRow) -> None:
        self._store.update(replace(row, id=self._number))


def request_of(targets: tuple[str, ...]) -> str:
    """What a fix was asked for, in words."""
    if len(targets) == 1:
        return f"Fix {targets[0]}"
    return f"Fix {len(targets)} failing tests"


def finished(row: TaskRow, result: FixResult) -> TaskRow:
    """The row of a task with its result."""
    if result.verdict is Verdict.GREEN:
        end = TaskEnd.FIXED
    elif result.stopped:
        end = TaskEnd.STOPPED
    else:
        end = TaskEnd.PARTLY if result.verdict is Verdict.IMPROVED else TaskEnd.UNSOLVED
    prices = [role.dollars for role in result.roles]
    known = [price for price in prices if price is not None]
    return replace(
        row,
        end=end,
        title=result.best.title if result.best else "",
        seconds=result.seconds,
        tokens=result.tokens.prompt + result.tokens.completion,
        dollars=sum(known) if len(known) == len(prices) else None,
        candidates=result.candidates,
    )


def _quietly(work: Callable[[], None]) -> None:
    try:
        work()
    except GreenbarError as error:
        log.warning("%s %s", error.sentence, error.details)
    except Exception:
        # The boundary of a thread whose results nobody asks for.
        log.exception("the history was not kept")
