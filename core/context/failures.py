"""What is worth seeing of a failure: values from a traced run, the point of a long comparison. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import takewhile
from typing import Final

from core.types import NodeId, TestResult

_COMPARISON: Final = re.compile(r"\A((?:.*\bassert |.*?Error: |.*? differ: )?)(.*)\Z", re.DOTALL)
_CLOSING: Final = {")": "(", "]": "[", "}": "{"}
_BEFORE: Final = 16
_SIDE: Final = 56
"""Characters of a side that are shown, so many of them before the difference."""


def with_values(
    failures: Sequence[TestResult],
    traced: Mapping[NodeId, TestResult],
    redact: Callable[[str], str] = str,
) -> tuple[TestResult, ...]:
    """The failures with the frames of their ``traced`` run, whose values go through ``redact``; as they
    are where that run ended otherwise."""

    def one(failure: TestResult) -> TestResult:
        again = traced.get(failure.node_id)
        if again is None or again.outcome is not failure.outcome or not again.frames:
            return failure
        frames = (
            replace(frame, values=tuple((name, redact(text)) for name, text in frame.values))
            for frame in again.frames
        )
        return replace(failure, frames=tuple(frames))

    return tuple(map(one, failures))


def to_the_point(line: str, limit: int) -> str:
    """A line in at most about ``limit`` characters: a comparison of two long values is cut to where they
    begin to differ, anything else in the middle."""
    if len(line) <= limit:
        return line
    return _difference(line) or f"{line[: limit * 2 // 3]} ... {line[-limit // 3 :]}"


def _difference(line: str) -> str:
    start = _COMPARISON.match(line)
    head, rest = (start[1], start[2]) if start else ("", line)
    for match in re.finditer(r" [=!]= ", rest):
        left, right = rest[: match.start()], rest[match.end() :]
        if not (_is_balanced(left) and _is_balanced(right)):
            continue
        same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(left, right, strict=False)))
        sides = [_window(side, same) for side in (left, right)]
        where = f"  (they differ from character {same + 1})" if same > _BEFORE else ""
        return f"{head[-40:]}{sides[0]}{match[0]}{sides[1]}{where}"
    return ""


def _window(side: str, same: int) -> str:
    first = max(0, same - _BEFORE)
    if len(side) <= _SIDE:
        first = 0
    cut = side[first : first + _SIDE]
    return f"{'...' if first else ''}{cut}{'...' if first + _SIDE < len(side) else ''}"


def _is_balanced(text: str) -> bool:
    """Whether every bracket and quote that is open in a value's text is closed in it."""
    held: list[str] = []
    for sign in _signs(text):
        if sign in "([{":
            held.append(sign)
        elif not held or held.pop() != _CLOSING[sign]:
            return False
    return not held and _quotes_close(text)


def _signs(text: str) -> Iterator[str]:
    return (sign for sign in _QUOTED.sub("", text) if sign in "()[]{}")


def _quotes_close(text: str) -> bool:
    return not re.search(r"['\"]", _QUOTED.sub("", text))


_QUOTED: Final = re.compile(r"'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"", re.DOTALL)
