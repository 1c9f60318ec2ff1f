"""Failures by what looks like one reason, for prompts and for people. Pure derivations of results."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from core.types.names import NodeId
from core.types.testing import Frame, Outcome, TestResult

_NAMED: Final = re.compile(
    r"(?:E\s+)?([\w.]*(?:Error|Exception|Warning|Interrupt|Exit|Iteration|Fault))\b(?!\.)"
)
_ASKED: Final = re.compile(r"^(?:E\b)?\s*\+\s+where .*? = ([A-Za-z_][\w.]*)\(", re.MULTILINE)
"""pytest says of a false assertion what was called for its values."""


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


def group_failures(results: Iterable[TestResult]) -> tuple[FailureGroup, ...]:
    """The red ones among ``results`` by their cause and its place, the largest group first.

    The place is the innermost line of the repository that is not the test's own. Where there is none, a
    false assertion, it is the function that the assertion asked, or else the test function.
    """
    groups: dict[tuple[str, str, str], list[TestResult]] = {}
    for result in results:
        if result.outcome.is_red:
            cause, place = cause_of(result), place_of(result)
            test = "" if place else result.node_id.split("[", 1)[0]
            groups.setdefault((cause, place, test), []).append(result)
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
    asked = _ASKED.search(failure.message) if " where " in failure.message else None
    return asked[1] if asked else ""


def own_frames(failure: TestResult) -> tuple[Frame, ...]:
    """The frames outside of the test's own file, outermost first; empty where a call had returned and
    the test itself is what failed."""
    path = failure.node_id.split("::", 1)[0]
    if not failure.frames or failure.frames[-1].path == path:
        return ()
    return tuple(frame for frame in failure.frames if frame.path != path)
