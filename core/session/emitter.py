"""Turns event bodies into numbered, dated events and hands them on."""

from __future__ import annotations

import itertools
import secrets
import time
from collections.abc import Callable

from core.errors import GreenbarError
from core.events import Body, Event, Progress, TroubleRaised


class Emitter:
    """One for each session; call it with a body. For the loop's thread only."""

    def __init__(self, sinks: tuple[Callable[[Event], None], ...]) -> None:
        self.session = f"{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(3)}"
        self._sinks = list(sinks)
        self._numbers = itertools.count(1)

    def add_sink(self, sink: Callable[[Event], None]) -> None:
        self._sinks.append(sink)

    def __call__(self, body: Body) -> None:
        event = Event(self.session, next(self._numbers), time.time(), body)
        for sink in self._sinks:
            sink(event)

    def trouble(self, error: GreenbarError) -> None:
        """Show an error as the user sees it."""
        self(TroubleRaised(error.code, error.sentence, error.remedies, error.details))

    def progress(self, job: str) -> Callable[[str, float | None], None]:
        """A progress callback whose reports appear under ``job``."""

        def report(text: str, fraction: float | None = None) -> None:
            self(Progress(job, text, fraction))

        return report

    def done(self, job: str, text: str = "") -> None:
        self(Progress(job, text, 1.0, done=True))
