"""Failures in few tokens: equal causes once, the values behind them, the shortest useful trace. Pure.

What a model needs of a failure is what it needs to see the state that went wrong (X. Chen et al.,
"Teaching large language models to self-debug", 2023, section 3.2: unit test feedback; L. Zhong et al.,
"Debug like a human" (LDB), 2024, section 3.1: the values of a failing run), not the log of a framework.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from core.context.failures import to_the_point
from core.context.prompt import CHARACTERS_PER_TOKEN
from core.types import Frame, Outcome, TestResult
from core.types.causes import FailureGroup, group_failures, own_frames

_LINE: Final = 160
_EXAMPLES: Final = 3
_DETAIL_LINES: Final = 3
_CALLERS: Final = 2
_VALUE: Final = 80
_ARGUMENTS: Final = re.compile(r"\A\s*[a-z_]\w* = .+(?:, [a-z_]\w* = .+)*$", re.MULTILINE)
"""pytest shows the arguments of a parametrised test above its first line of code."""
_NOISE: Final = re.compile(
    r"Use -v|Omitting \d|Skipping \d|Full diff:|\.\.\.Full output|\.\.\.\s*$|\?\s|Diff is \d"
)
"""What frameworks say of their own way of saying it."""


def digest_failures(failures: Sequence[TestResult], tokens: int = 220) -> str:
    """Say what fails in at most about ``tokens`` tokens.

    Failures with one cause (:func:`core.types.causes.group_failures`) are told once; of a group the
    shortest examples are shown, with the lines of the assertion that hold values, where it happened
    and what the variables held there.
    """
    groups = group_failures(failures)
    parts: list[str] = []
    for group in groups:
        parts.append(f"{_heading(group)}:")
        examples = dict.fromkeys(
            "\n".join(f"  {line}" for line in _example(member)) for member in group.members
        )
        parts += list(examples)[: _EXAMPLES if len(groups) == 1 else 1]
    return _within("\n".join(parts), tokens)


def _heading(group: FailureGroup) -> str:
    functions, cases = group.functions, len(group.members)
    name = functions[0].split("::", 1)[-1]
    if len(functions) > 1:
        return f"{name} and {len(functions) - 1} more ({cases} tests, {group.cause})"
    return f"{name} ({cases} cases, {group.cause})" if cases > 1 else f"{name} ({group.cause})"


def _example(failure: TestResult) -> list[str]:
    """The message, the values behind it, and where it happened."""
    said = 1 if failure.outcome is Outcome.TIMEOUT else _DETAIL_LINES  # what follows is for people
    told = [line.strip() for line in failure.message.splitlines() if line.strip()]
    lines = [to_the_point(line, _LINE) for line in told[:said] if not _NOISE.match(line)]
    if given := _given(failure):
        lines.insert(0, given)
    shown = {_plain(line) for line in told[:said]}
    details = [line[1:].strip() for line in failure.traceback.splitlines() if line.startswith("E ")]
    for detail in details:
        if not detail or _NOISE.match(detail) or len(lines) > _DETAIL_LINES + 1:
            continue
        if _plain(detail) not in shown:
            shown.add(_plain(detail))
            lines.append(to_the_point(detail, _LINE))
    return [*lines, *_trace(failure)]


def _given(failure: TestResult) -> str:
    """What the test had at hand: its variables where it is the test that failed, else its arguments."""
    test = next((f for f in reversed(failure.frames) if _is_test(f, failure) and f.values), None)
    arguments = _ARGUMENTS.search(failure.traceback)
    if test is not None and (arguments or not own_frames(failure)):
        return f"with {_listed(test)}"
    return to_the_point(f"with {arguments[0].strip()}", _LINE) if arguments else ""


def _trace(failure: TestResult) -> Iterator[str]:
    """The repository's own frames, innermost first, each function once; then the innermost's values."""
    frames = own_frames(failure) or failure.frames[-1:]
    if not frames or _is_test(frames[-1], failure):
        return  # the test itself is shown, and its message says which line it was
    last = frames[-1]
    hung = failure.outcome is Outcome.TIMEOUT
    calls = [list(run) for _, run in groupby(reversed(frames), lambda f: (f.path, f.function))]
    deep = f" ({len(calls[0])} calls deep)" if len(calls[0]) > 1 else ""
    callers = "".join(f", called by {_where(run[0])}" for run in calls[1 : 1 + _CALLERS])
    yield f"{'was running' if hung else 'at'} {_where(last)}{deep}{callers}"
    if last.values:
        yield f"{'while' if hung else 'where'} {_listed(last)}"


def _is_test(frame: Frame, failure: TestResult) -> bool:
    """Whether a frame is the test function's own."""
    path, _, name = failure.node_id.split("[", 1)[0].partition("::")
    return frame.path == path and frame.function == name.rsplit("::", 1)[-1]


def _listed(frame: Frame) -> str:
    values = ", ".join(f"{name} = {_cut(text, _VALUE)}" for name, text in frame.values)
    return _cut(values, _LINE + _LINE // 4)


def _where(frame: Frame) -> str:
    return f"{frame.path}:{frame.line} in {frame.function}"


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]}..."


def _plain(line: str) -> str:
    return " ".join(re.sub(r"^(?:AssertionError:\s*)?", "", line).split())


def _within(text: str, tokens: int) -> str:
    room = int(tokens * CHARACTERS_PER_TOKEN)
    if len(text) <= room:
        return text
    cut = text[:room]
    return f"{cut[: cut.rfind(chr(10))] if chr(10) in cut else cut}\n..."
