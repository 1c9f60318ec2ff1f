"""Turns event bodies into numbered, dated events and hands them on, without keys."""

from __future__ import annotations

import itertools
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from core.errors import GreenbarError
from core.events import Body, Event, ModelAsked, Noticed, Progress, TroubleRaised
from core.redact import Redact, Redactor


class Emitter:
    """One for each session; call it with a body. For the loop's thread only.

    ``redact`` knows the keys that the program holds; without one, only well-known formats are found.
    """

    def __init__(self, sinks: tuple[Callable[[Event], None], ...], redact: Redact | None = None) -> None:
        self.redact = redact or Redactor()
        self.session = f"{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(3)}"
        self._sinks = list(sinks)
        self._numbers = itertools.count(1)

    def add_sink(self, sink: Callable[[Event], None]) -> None:
        self._sinks.append(sink)

    def __call__(self, body: Body) -> None:
        body = _without_secrets(body, self.redact)
        event = Event(self.session, next(self._numbers), time.time(), body)
        for sink in self._sinks:
            sink(event)

    def trouble(self, error: GreenbarError) -> None:
        """Show an error as the user sees it."""
        self(TroubleRaised(error.code, error.sentence, error.remedies, error.details))

    def fault(self, error: Exception) -> None:
        """Say that something of ours failed; the log has more."""
        self(TroubleRaised("internal", "Something went wrong inside Greenbar.", details=repr(error)))

    @contextmanager
    def job(self, name: str) -> Iterator[Job]:
        """Long work with progress. The job is done with the block, however that ends: a thread that
        cannot be stopped may still report, and nobody wants to know."""
        job = Job(self, name)
        try:
            yield job
        finally:
            job.end()


def _without_secrets(body: Body, redact: Redact) -> Body:
    """The bodies that carry words of servers and tools; the journal redacts the others as well."""
    match body:
        case TroubleRaised():
            return replace(body, sentence=redact(body.sentence), details=redact(body.details))
        case ModelAsked():
            return replace(body, prompt=redact(body.prompt))
        case Progress(text=text):
            return replace(body, text=redact(text))
        case Noticed(sentence=sentence):
            return Noticed(redact(sentence))
        case _:
            return body


class Job:
    """One job's progress; call it with a sentence and a fraction (a ``ReportProgress``)."""

    def __init__(self, emit: Emitter, name: str) -> None:
        self._emit = emit
        self._name = name
        self._ended = False
        self.outcome = ""
        """What the last report says."""

    def __call__(self, text: str, fraction: float | None = None) -> None:
        if not self._ended:
            self._emit(Progress(self._name, text, fraction))

    def end(self) -> None:
        self._ended = True
        self._emit(Progress(self._name, self.outcome, 1.0, done=True))
