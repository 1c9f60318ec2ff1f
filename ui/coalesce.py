"""Joins events that the window need not see one by one. Pure; imports no Qt.

Consecutive test results become one batch, streamed text is joined for each request, and of
spending and progress the last one wins. Order is kept: a joined arrival stands where its first
part stood for text and results, so nothing urgent is ever overtaken.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, TypeAlias

from core.events import (
    Body,
    BudgetSpent,
    ConsentNeeded,
    Event,
    FixFinished,
    ModelStreamed,
    Progress,
    ReviewReady,
    TestFinished,
    TroubleRaised,
    WorkEnded,
)
from core.types import TestResult

URGENT = (ConsentNeeded, TroubleRaised, FixFinished, ReviewReady, WorkEnded)
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
    results: list[TestResult] = []
    texts: dict[int, list[str]] = {}
    places: dict[object, int] = {}

    def close_results(time: float) -> None:
        if results:
            arrivals.append(Arrival(time, ResultBatch(tuple(results))))
            results.clear()

    last = 0.0
    for event in events:
        body = event.body
        if isinstance(body, TestFinished):
            results.append(body.result)
            last = event.time
            continue
        close_results(last)
        last = event.time
        key: object
        if isinstance(body, ModelStreamed):
            key = ("text", body.request)
            texts.setdefault(body.request, []).append(body.text)
        elif isinstance(body, BudgetSpent):
            key = "budget"
        elif isinstance(body, Progress):
            key = ("progress", body.job)
        else:
            _flush(arrivals, texts, places)
            arrivals.append(Arrival(event.time, body))
            continue
        place = places.get(key)
        if place is None:
            places[key] = len(arrivals)
            arrivals.append(Arrival(event.time, body))
        else:
            arrivals[place] = Arrival(event.time, body)
    close_results(last)
    _flush(arrivals, texts, places)
    return arrivals


def _flush(arrivals: list[Arrival], texts: dict[int, list[str]], places: dict[object, int]) -> None:
    """End the joining at a body that must not be overtaken: write the joined texts in."""
    for request, parts in texts.items():
        place = places[("text", request)]
        arrivals[place] = Arrival(arrivals[place].time, ModelStreamed(request, "".join(parts)))
    texts.clear()
    places.clear()
