"""Joins events that the window need not see one by one. Pure; imports no Qt.

Test results become one batch, streamed text is joined for each request, and of spending and
progress the last one wins. These are independent of each other and may be joined across one
another; every other body is a wall that nothing is joined across, so none is ever overtaken.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import NamedTuple, TypeAlias

from core import events as ev
from core.types import TestResult


def is_urgent(body: ev.Body) -> bool:
    """Whether ``body`` is shown at once, after everything that came before it."""
    return isinstance(body, _urgent())


@cache
def _urgent() -> tuple[type[ev.Body], ...]:
    """Asked for when there are events: the first paint does without their classes."""
    return (
        ev.ConsentNeeded,
        ev.QuestionAsked,
        ev.TroubleRaised,
        ev.FixFinished,
        ev.ReviewReady,
        ev.WorkEnded,
    )


class ResultBatch(NamedTuple):
    """Results that arrived one after another, in that order."""

    results: tuple[TestResult, ...]


Shown: TypeAlias = "ev.Body | ResultBatch"


class Arrival(NamedTuple):
    """What the window handles at once. ``time`` is that of the last event joined into it."""

    time: float
    body: Shown


def coalesce(events: Iterable[ev.Event]) -> list[Arrival]:
    """Join ``events``; see the module's text for the rules."""
    arrivals: list[Arrival] = []
    joining: dict[object, tuple[int, list[ev.Body]]] = {}
    for event in events:
        body = event.body
        key = _key(body)
        if key is None:
            _finish(arrivals, joining)
            arrivals.append(Arrival(event.time, body))
            continue
        if key not in joining:
            joining[key] = (len(arrivals), [])
            arrivals.append(Arrival(event.time, body))
        place, parts = joining[key]
        parts.append(body)
        arrivals[place] = Arrival(event.time, body)
    _finish(arrivals, joining)
    return arrivals


def _key(body: ev.Body) -> object:
    """What ``body`` is joined by; ``None`` for a body that nothing may be joined across."""
    match body:
        case ev.TestFinished():
            return "results"
        case ev.ModelStreamed(request, _):
            return ("text", request)
        case ev.AnswerStreamed(message, _):
            return ("answer", message)
        case ev.BudgetSpent():
            return "budget"
        case ev.Progress(job, _, _, _):
            return ("progress", job)
        case _:
            return None


def _finish(arrivals: list[Arrival], joining: dict[object, tuple[int, list[ev.Body]]]) -> None:
    for place, parts in joining.values():
        results = tuple(part.result for part in parts if isinstance(part, ev.TestFinished))
        texts = [part for part in parts if isinstance(part, ev.ModelStreamed)]
        time = arrivals[place].time
        if results:
            arrivals[place] = Arrival(time, ResultBatch(results))
        elif texts:
            text = "".join(part.text for part in texts)
            arrivals[place] = Arrival(time, ev.ModelStreamed(texts[0].request, text))
        elif answers := [part for part in parts if isinstance(part, ev.AnswerStreamed)]:
            text = "".join(part.text for part in answers)
            arrivals[place] = Arrival(time, ev.AnswerStreamed(answers[0].message, text))
    joining.clear()
