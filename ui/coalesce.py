"""Joins events that the window need not see one by one. Pure; imports no Qt.

Test results become one batch, streamed text is joined for each request, and of spending and
progress the last one wins. These are independent of each other and may be joined across one
another; every other body is a wall that nothing is joined across, so none is ever overtaken.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, TypeAlias

from core.events import (
    AnswerStreamed,
    Body,
    BudgetSpent,
    ConsentNeeded,
    Event,
    FixFinished,
    ModelStreamed,
    Progress,
    QuestionAsked,
    ReviewReady,
    TestFinished,
    TroubleRaised,
    WorkEnded,
)
from core.types import TestResult

URGENT = (ConsentNeeded, QuestionAsked, TroubleRaised, FixFinished, ReviewReady, WorkEnded)
"""Bodies that are shown at once, after everything that came before them."""


class ResultBatch(NamedTuple):
    """Results that arrived one after another, in that order."""

    results: tuple[TestResult, ...]


Shown: TypeAlias = Body | ResultBatch


class Arrival(NamedTuple):
    """What the window handles at once. ``time`` is that of the last event joined into it."""

    time: float
    body: Shown


def coalesce(events: Iterable[Event]) -> list[Arrival]:
    """Join ``events``; see the module's text for the rules."""
    arrivals: list[Arrival] = []
    joining: dict[object, tuple[int, list[Body]]] = {}
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


def _key(body: Body) -> object:
    """What ``body`` is joined by; ``None`` for a body that nothing may be joined across."""
    match body:
        case TestFinished():
            return "results"
        case ModelStreamed(request, _):
            return ("text", request)
        case AnswerStreamed(message, _):
            return ("answer", message)
        case BudgetSpent():
            return "budget"
        case Progress(job, _, _, _):
            return ("progress", job)
        case _:
            return None


def _finish(arrivals: list[Arrival], joining: dict[object, tuple[int, list[Body]]]) -> None:
    for place, parts in joining.values():
        results = tuple(part.result for part in parts if isinstance(part, TestFinished))
        texts = [part for part in parts if isinstance(part, ModelStreamed)]
        time = arrivals[place].time
        if results:
            arrivals[place] = Arrival(time, ResultBatch(results))
        elif texts:
            text = "".join(part.text for part in texts)
            arrivals[place] = Arrival(time, ModelStreamed(texts[0].request, text))
        elif answers := [part for part in parts if isinstance(part, AnswerStreamed)]:
            text = "".join(part.text for part in answers)
            arrivals[place] = Arrival(time, AnswerStreamed(answers[0].message, text))
    joining.clear()
