"""What a failing test says of its own: which functions it calls where it fails, which names and literals
it judges by. Pure.

The line on which the test fails is taken from its traceback; the values that it judges are followed back
through the variables of the test: ``found = parse(text)`` counts where ``assert found == 3`` fails.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from core.localise.statements import FileMap, Statement
from core.types import RelPath, TestResult

NEAREST: Final = 3
"""How many steps back through the test's variables."""
MOST_FAILURES: Final = 40

_WORD: Final = re.compile(r"[A-Za-z_]\w+|\d+(?:\.\d+)?")


def called_by(failures: Sequence[TestResult], tests: Mapping[RelPath, FileMap]) -> dict[str, int]:
    """Names of functions that failing lines of tests call, with how many variables back that is.

    Where a test does not say on which line it failed, all that it calls counts as one step back.
    """
    found: dict[str, int] = {}
    for failure in failures[:MOST_FAILURES]:
        file = tests.get(failure.node_id.split("::", 1)[0])
        lines = [(frame.path, frame.line) for frame in failure.frames if frame.path in tests]
        if not lines and file is not None:
            name = failure.node_id.split("[", 1)[0].partition("::")[2].replace("::", ".")
            for statement in file.statements:
                if statement.function == name:
                    _note(found, statement, 1)
        for path, line in lines:
            if (there := tests[path].at(line)) is not None:
                _follow(found, tests[path], there)
    return found


def words_of(failures: Sequence[TestResult], tests: Mapping[RelPath, FileMap]) -> frozenset[str]:
    """Names and literals of the failing lines of tests, and of what they said."""
    texts: list[str] = []
    for failure in failures[:MOST_FAILURES]:
        texts.append(failure.message)
        texts += [line for line in failure.traceback.splitlines() if line.startswith("E")]
    found = set(_WORD.findall("\n".join(texts)))
    for failure in failures[:MOST_FAILURES]:
        for frame in failure.frames:
            if frame.path in tests and (statement := tests[frame.path].at(frame.line)) is not None:
                found |= statement.uses.words
    return frozenset(found)


def _follow(found: dict[str, int], file: FileMap, failing: Statement) -> None:
    """The calls of a statement, of what it encloses (``with raises(…):``) and of those above it that its
    values come from; of the call just above where it judges no value: ``assert False``."""
    above = [s for s in file.statements if s.function == failing.function and s.first < failing.first]
    waiting = [failing, *(s for s in file.statements if s.within == failing.first)]
    if not failing.uses.reads and not failing.uses.calls:
        waiting += [s for s in above if s.uses.calls][-1:]
    seen = {statement.first for statement in waiting}
    for distance in range(NEAREST + 1):
        wanted: set[str] = set()
        for statement in waiting:
            _note(found, statement, distance)
            wanted |= statement.uses.reads | statement.uses.writes
        waiting = [s for s in above if s.first not in seen and s.uses.writes & wanted]
        seen |= {s.first for s in waiting}


def _note(found: dict[str, int], statement: Statement, distance: int) -> None:
    for name in statement.uses.calls:
        found[name] = min(distance, found.get(name, distance))
