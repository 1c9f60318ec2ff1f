"""From failing tests to what went wrong in them: exceptions with their words and their places. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from typing import Final

from core.search.rules.base import Trouble
from core.types import RelPath, TestResult

MOST: Final = 8
_ERROR: Final = re.compile(r"^(?:E\s+)?(?P<kind>[A-Za-z_][\w.]*)(?:: ?(?P<text>.*))?$")
_PLACE: Final = re.compile(r"^(?P<path>[^\s:][^:\n]*\.py):(?P<line>\d+): ?(?P<what>.*)$")
_KINDS: Final = re.compile(r"(?:Error|Exception|StopIteration|Exit|Interrupt|Warning)$")
_FAILED: Final = re.compile(r"^Failed: (?P<text>DID NOT RAISE .*)$")


def troubles_of(failures: Sequence[TestResult], editable: Collection[RelPath]) -> tuple[Trouble, ...]:
    """Each cause once, those of the first failures first, a bounded number. Of exceptions that led to
    one another, all are told, the last one first."""
    found: dict[Trouble, None] = {}
    for failure in failures:
        for trouble in _of(failure, editable):
            found.setdefault(trouble)
    return tuple(found)[:MOST]


def _of(failure: TestResult, editable: Collection[RelPath]) -> Iterator[Trouble]:
    test = failure.node_id.split("::", 1)[0]
    own = [(frame.path, frame.line) for frame in reversed(failure.frames) if frame.path in editable]
    places = tuple(dict.fromkeys(own))
    kind, text = _read(failure.message)
    yield Trouble(kind, text, places, test)
    for kind, text, path, line in _chained(failure.traceback):
        if path in editable:
            around = ((path, line), *(place for place in places if place != (path, line)))
            yield Trouble(kind, text, around, test)


def _read(message: str) -> tuple[str, str]:
    """Class and words of an exception from the first line of a message; an assertion has no class of
    its own in it."""
    first, _, rest = message.partition("\n")
    if (failed := _FAILED.match(first)) is not None:
        return "DidNotRaise", failed["text"]
    match = _ERROR.match(first)
    if match is not None and _KINDS.search(match["kind"]):
        return match["kind"].rsplit(".", 1)[-1], match["text"] or rest
    return "AssertionError", message


def _chained(traceback: str) -> Iterator[tuple[str, str, RelPath, int]]:
    """What a traceback says beside its last line: each exception with the place that follows it."""
    last: tuple[str, str] | None = None
    for line in traceback.splitlines():
        if line.startswith("E  "):
            kind, text = _read(line[1:].strip())
            if kind != "AssertionError":
                last = (kind, text)
        elif last is not None and (place := _PLACE.match(line)) is not None:
            if place["what"].rsplit(".", 1)[-1] in ("", last[0]):
                yield (*last, place["path"], int(place["line"]))
            last = None
