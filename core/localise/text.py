"""Suspects in languages that we have no parser and no tracer for. Pure.

What there is: stack traces, the words of failing tests and their messages, and which files a test
names or stands beside. Frames weigh as in :mod:`core.localise.suspects`; every function that a
failing test, or its message, names is a suspect from its first line to its last.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Final

from core.edits.blocks import Block, block_at, find_blocks
from core.types import Outcome, RelPath, Suspect, TestResult

TRACEBACK: Final = 1.0
NAMED: Final = 0.6
"""Of a line of a function that a failing test names."""
SHARED: Final = 0.2
"""For the words that a line shares with the failure."""
BESIDE: Final = 0.2
"""Of a line that is known only for its file."""
MOST_FILES: Final = 12

_WORD: Final = re.compile(r"[A-Za-z_$][\w$]*|\d+(?:\.\d+)?")
_EMPTY: Final = re.compile(r"^[\s{}()\[\];,]*$|^\s*(?://|/\*|\*|#)")


def rank_text_suspects(
    failures: Sequence[TestResult],
    sources: Mapping[RelPath, str],
    is_locked: Callable[[RelPath], bool],
    header: str,
    limit: int = 200,
) -> tuple[Suspect, ...]:
    """Rank the lines that may be at fault, most suspicious first, at most ``limit``.

    ``sources`` gives the text of the language's files, tests included. ``header`` is its regular
    expression for the first line of a function.
    """
    scores: dict[tuple[RelPath, int], float] = defaultdict(float)
    reasons: dict[tuple[RelPath, int], list[str]] = defaultdict(list)
    for failure in failures:
        own = [f for f in failure.frames if not is_locked(f.path) and f.path in sources]
        why = "interrupted here" if failure.outcome is Outcome.TIMEOUT else "on the traceback"
        for distance, frame in enumerate(reversed(own)):
            place, weight = (frame.path, frame.line), TRACEBACK / (1 + distance)
            if weight > scores[place]:
                scores[place] = weight
                reasons[place] = [why]
    tests = dict.fromkeys(failure.node_id.split("::", 1)[0] for failure in failures)
    said = _words("\n".join(f"{f.node_id} {f.message}" for f in failures[:20]))
    named = said | _words("\n".join(_about(sources.get(t, ""), t, failures) for t in tests))
    paths = [*dict.fromkeys(path for path, _ in scores), *_near(tests, sources, is_locked)]
    blocks: dict[RelPath, tuple[Block, ...]] = {}
    for path in dict.fromkeys(paths):
        text = sources.get(path, "")
        blocks[path] = find_blocks(text, header)
        for number, line in enumerate(text.split("\n"), 1):
            if _EMPTY.match(line):
                continue
            block = block_at(blocks[path], number)
            is_named = block is not None and block.name in named
            scores[path, number] += NAMED if is_named else BESIDE if block else BESIDE / 2
            reasons[path, number].append("named by the test" if is_named else "in a file near the test")
            words = _words(line)
            if shared := words & said:
                scores[path, number] += SHARED * len(shared) / len(words)
    highest = max(scores.values(), default=1.0)
    order = sorted(scores, key=lambda place: (-scores[place], place))
    found = []
    for path, number in order[:limit]:
        block = block_at(blocks.get(path, ()), number)
        score = round(scores[path, number] / highest, 4)
        found.append(
            Suspect(path, number, score, block.name if block else "", tuple(reasons[path, number]))
        )
    return tuple(found)


def _about(source: str, test: RelPath, failures: Sequence[TestResult]) -> str:
    """The part of a test file from the failing tests' names on; all of it where none is found."""
    names = {
        part
        for failure in failures
        if failure.node_id.startswith(f"{test}::")
        for part in re.split(r"::|/", failure.node_id.partition("::")[2])
    }
    lines = source.split("\n")
    wanted: set[int] = set()
    for number, line in enumerate(lines):
        if any(name and name in line for name in names):
            wanted |= set(range(number, min(number + 25, len(lines))))
    return "\n".join(lines[i] for i in sorted(wanted)) if wanted else source


def _near(
    tests: Mapping[RelPath, None], sources: Mapping[RelPath, str], is_locked: Callable[[RelPath], bool]
) -> list[RelPath]:
    """Files that a test's text names by their stem, and those in its folder; nearest first."""
    ranked: list[tuple[int, RelPath]] = []
    for path in sources:
        if is_locked(path):
            continue
        pure = PurePosixPath(path)
        stem = pure.parent.name if pure.stem in ("index", "mod", "lib") else pure.stem
        for test in tests:
            beside = PurePosixPath(test).parent == pure.parent or test in (str(pure.parent), ".")
            text = sources.get(test, "")
            named = re.search(rf"['\"/]{re.escape(stem)}(?:\.\w+)?['\"]", text) is not None
            alike = PurePosixPath(test).stem.startswith(stem)
            if beside or named or alike:
                ranked.append((-(2 * named + alike + beside), path))
    ranked.sort()
    return [path for _, path in dict.fromkeys(ranked)][:MOST_FILES]


def _words(text: str) -> set[str]:
    return set(_WORD.findall(text))
