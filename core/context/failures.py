"""What failures have in common, and what is worth seeing of one. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Final

from core.types import Frame, NodeId, Outcome, TestResult

_NAMED: Final = re.compile(
    r"(?:E\s+)?([\w.]*(?:Error|Exception|Warning|Interrupt|Exit|Iteration|Fault))\b(?!\.)"
)
_ASKED: Final = re.compile(r"^(?:E\b)?\s*\+\s+where .*? = ([A-Za-z_][\w.]*)\(", re.MULTILINE)
"""pytest says of a false assertion what was called for its values."""
_COMPARISON: Final = re.compile(r"\A((?:.*\bassert |.*?Error: |.*? differ: )?)(.*)\Z", re.DOTALL)
_CLOSING: Final = {")": "(", "]": "[", "}": "{"}
_BEFORE: Final = 16
_SIDE: Final = 56
"""Characters of a side that are shown, so many of them before the difference."""


@dataclass(frozen=True, slots=True)
class FailureGroup:
    """Tests that fail for what looks like one reason. ``members`` with the shortest message first."""

    cause: str
    """``ZeroDivisionError``, ``assertion failed``, ``does not end``."""
    place: str
    """``path:line`` where it went wrong outside of the tests, else what the tests asked; may be empty."""
    members: tuple[TestResult, ...]

    @property
    def functions(self) -> tuple[NodeId, ...]:
        """The tests, each once, however many parameters it was run with."""
        return tuple(dict.fromkeys(member.node_id.split("[", 1)[0] for member in self.members))


def group_failures(failures: Sequence[TestResult]) -> tuple[FailureGroup, ...]:
    """Failures by their cause and its place, the largest group first.

    The place is the innermost line of the repository that is not the test's own. Where there is none, a
    false assertion, it is the function that the assertion asked, or else the test function.
    """
    groups: dict[tuple[str, str, str], list[TestResult]] = {}
    for failure in failures:
        cause, place = cause_of(failure), place_of(failure)
        test = "" if place else failure.node_id.split("[", 1)[0]
        groups.setdefault((cause, place, test), []).append(failure)
    made = [
        FailureGroup(cause, place, tuple(sorted(m, key=lambda f: len(f.message) + len(f.node_id))))
        for (cause, place, _), m in groups.items()
    ]
    return tuple(sorted(made, key=lambda group: -len(group.members)))


def cause_of(failure: TestResult) -> str:
    """The kind of a failure in a word or three."""
    match failure.outcome:
        case Outcome.TIMEOUT:
            return "does not end"
        case Outcome.CRASHED:
            return "crashed the process"
        case Outcome.COLLECT_ERROR:
            return "cannot be imported"
        case _:
            named = _NAMED.match(failure.message)
            kind = named[1].rsplit(".", 1)[-1] if named else "AssertionError"
            return "assertion failed" if kind == "AssertionError" else kind


def place_of(failure: TestResult) -> str:
    """See :func:`group_failures`. A loop is interrupted anywhere in it, so of one the function counts."""
    own = own_frames(failure)
    if own:
        last = own[-1]
        hung = failure.outcome is Outcome.TIMEOUT
        return f"{last.path}, {last.function}" if hung else f"{last.path}:{last.line}"
    asked = _ASKED.search(failure.message) or _ASKED.search(failure.traceback)
    return asked[1] if asked else ""


def own_frames(failure: TestResult) -> tuple[Frame, ...]:
    """The frames outside of the test's own file, outermost first; empty where a call had returned and
    the test itself is what failed."""
    path = failure.node_id.split("::", 1)[0]
    if not failure.frames or failure.frames[-1].path == path:
        return ()
    return tuple(frame for frame in failure.frames if frame.path != path)


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
