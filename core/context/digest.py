"""Failures in few tokens: equal causes once, with concrete values. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from core.context.prompt import CHARACTERS_PER_TOKEN
from core.types import Outcome, TestResult

_LINE: Final = 160
_EXAMPLES: Final = 3
_DETAIL_LINES: Final = 3
_ARGUMENTS: Final = re.compile(r"\A\s*[a-z_]\w* = .+(?:, [a-z_]\w* = .+)*$", re.MULTILINE)
"""pytest shows the arguments of a parametrised test above its first line of code."""


def digest_failures(failures: Sequence[TestResult], tokens: int = 220) -> str:
    """Say what fails in at most about ``tokens`` tokens.

    Failures of one test function with the same kind of cause are grouped; of a group the shortest
    examples are shown, with the lines of the assertion that hold values.
    """
    groups: dict[tuple[str, str], list[TestResult]] = {}
    for failure in failures:
        groups.setdefault((failure.node_id.split("[")[0], _cause(failure)), []).append(failure)
    parts: list[str] = []
    for (test, cause), members in sorted(groups.items(), key=lambda item: -len(item[1])):
        members.sort(key=lambda f: len(f.message) + len(f.node_id))
        name = test.split("::", 1)[-1]
        parts.append(
            f"{name} ({len(members)} cases, {cause}):" if len(members) > 1 else f"{name} ({cause}):"
        )
        examples = dict.fromkeys("\n".join(f"  {line}" for line in _example(m)) for m in members)
        parts += list(examples)[: _EXAMPLES if len(groups) == 1 else 1]
    return _within("\n".join(parts), tokens)


def _cause(failure: TestResult) -> str:
    match failure.outcome:
        case Outcome.TIMEOUT:
            return "does not end"
        case Outcome.CRASHED:
            return "crashed the process"
        case Outcome.COLLECT_ERROR:
            return "cannot be imported"
        case _:
            named = re.match(
                r"(?:E\s+)?([\w.]*(?:Error|Exception|Warning|Interrupt|Exit|Iteration))\b",
                failure.message,
            )
            return named[1].rsplit(".", 1)[-1] if named else "assertion failed"


def _example(failure: TestResult) -> list[str]:
    """The message, the values behind it, and where it happened."""
    said = 1 if failure.outcome is Outcome.TIMEOUT else _DETAIL_LINES  # what follows is for people
    lines = [_cut(line.strip()) for line in failure.message.splitlines()[:said] if line.strip()]
    if arguments := _ARGUMENTS.search(failure.traceback):
        lines.insert(0, _cut(f"with {arguments[0]}"))
    shown = {_plain(line) for line in lines}
    details = [line[1:].strip() for line in failure.traceback.splitlines() if line.startswith("E ")]
    for detail in details:
        if detail and _plain(detail) not in shown and len(lines) <= _DETAIL_LINES + 1:
            shown.add(_plain(detail))
            lines.append(_cut(detail))
    if failure.frames:
        last = failure.frames[-1]
        word = "was running" if failure.outcome is Outcome.TIMEOUT else "at"
        lines.append(f"{word} {last.path}:{last.line} in {last.function}")
    return lines


def _plain(line: str) -> str:
    return " ".join(re.sub(r"^(?:AssertionError:\s*)?", "", line).split())


def _cut(line: str) -> str:
    return line if len(line) <= _LINE else f"{line[: _LINE * 2 // 3]} ... {line[-_LINE // 3 :]}"


def _within(text: str, tokens: int) -> str:
    room = int(tokens * CHARACTERS_PER_TOKEN)
    if len(text) <= room:
        return text
    cut = text[:room]
    return f"{cut[: cut.rfind(chr(10))] if chr(10) in cut else cut}\n..."
