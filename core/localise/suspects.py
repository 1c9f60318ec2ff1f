"""One ranked list of suspects from spectrum, tracebacks and the failing message. Pure.

Evidence is merged as a weighted sum, scaled so that the most suspicious line has score 1:

- ``SPECTRUM`` x Ochiai of the line over failing and passing tests,
- ``TRACEBACK`` x closeness to the bottom of a failing test's traceback (1, 1/2, 1/3, ...). Where a test
  timed out, its frames were taken when it was interrupted and so lie in the loop,
- ``WORDS`` x share of the statement's names and literals that the failing message names.

Where no line was covered or traced (an import error, no coverage), the functions of the files that
the failing tests import are suspects alike, those that the tests name first.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final

from core.localise.spectrum import Place, Spectrum, ochiai
from core.localise.statements import FileMap, imported_paths, maps_of
from core.testing.base import Coverage
from core.types import NodeId, Outcome, RelPath, Suspect, TestResult

SPECTRUM: Final = 1.0
TRACEBACK: Final = 0.6
WORDS: Final = 0.2
FALLBACK: Final = 0.5
"""Score of a line known only because its file is imported; lines named by the test get more."""

IsLocked = Callable[[RelPath], bool]


def rank_suspects(
    failures: Sequence[TestResult],
    passing: Collection[NodeId],
    coverage: Coverage,
    sources: Mapping[RelPath, str],
    is_locked: IsLocked,
    limit: int = 200,
) -> tuple[Suspect, ...]:
    """Rank the lines that may be at fault, most suspicious first, at most ``limit``.

    ``failures`` are red results of the targets. ``sources`` gives the text of the repository's Python
    files, tests included; it may be lazy: only files that evidence names are looked up. Files for
    which ``is_locked`` holds are never suspects.
    """
    spectrum = {
        place: found
        for place, found in ochiai(coverage, [f.node_id for f in failures], passing).items()
        if not is_locked(place[0])
    }
    traced = _traced(failures, is_locked)
    paths = [path for path, _ in (*spectrum, *traced)]
    maps = maps_of(sources, paths)
    unparsed = _unparsed(traced, maps)
    if unparsed:
        return unparsed[:limit]
    if not any(file.statements for file in maps.values()):
        return _imported_suspects(failures, sources, is_locked, limit)
    return _merge(failures, spectrum, traced, maps, limit)


def _unparsed(
    traced: Mapping[Place, tuple[float, str]], maps: Mapping[RelPath, FileMap]
) -> tuple[Suspect, ...]:
    """Files on a traceback that do not parse: nothing else can be at fault before they do."""
    reason = ("the file does not parse here",)
    places = sorted(traced, key=lambda place: -traced[place][0])
    return tuple(
        Suspect(path, line, 1.0, "", reason)
        for path, line in places
        if path in maps and not maps[path].parses
    )


def _traced(failures: Sequence[TestResult], is_locked: IsLocked) -> dict[Place, tuple[float, str]]:
    """Closeness to the bottom of the traceback of each line on one, and why."""
    found: dict[Place, tuple[float, str]] = {}
    for failure in failures:
        own = [frame for frame in failure.frames if not is_locked(frame.path)]
        where = "interrupted here" if failure.outcome is Outcome.TIMEOUT else "on the traceback"
        for distance, frame in enumerate(reversed(own)):
            place, closeness = (frame.path, frame.line), 1 / (1 + distance)
            if closeness > found.get(place, (0.0, ""))[0]:
                found[place] = (closeness, where)
    return found


def _merge(
    failures: Sequence[TestResult],
    spectrum: Mapping[Place, Spectrum],
    traced: Mapping[Place, tuple[float, str]],
    maps: Mapping[RelPath, FileMap],
    limit: int,
) -> tuple[Suspect, ...]:
    said = _words("\n".join(f"{f.message}\n{_last_lines(f.traceback)}" for f in failures[:5]))
    scores: dict[Place, float] = defaultdict(float)
    reasons: dict[Place, list[str]] = defaultdict(list)
    ties: dict[Place, tuple[bool, float]] = {}
    functions: dict[Place, str] = {}
    for (path, line), seen in spectrum.items():
        place = _place(maps, path, line, functions)
        if place is None:
            continue
        if SPECTRUM * seen.ochiai > scores[place]:
            scores[place] = SPECTRUM * seen.ochiai
            reasons[place] = [f"run by {seen.failing} failing and {seen.passing} passing tests"]
        ties[place] = (seen.passing == 0, ties.get(place, (False, 0.0))[1])
    for (path, line), (closeness, why) in traced.items():
        place = _place(maps, path, line, functions)
        if place is None:
            continue
        scores[place] += TRACEBACK * closeness
        reasons[place].append(why)
        only_failing, deepest = ties.get(place, (False, 0.0))
        ties[place] = (only_failing, max(deepest, closeness))
    for path, line in list(scores):
        statement = maps[path].at(line)
        shared = statement.words & said if statement else frozenset()
        if statement and shared:
            scores[path, line] += WORDS * len(shared) / len(statement.words)
            reasons[path, line].append(f"names {', '.join(sorted(shared)[:3])} as the failure does")
    highest = max(scores.values(), default=1.0)
    order = sorted(scores, key=lambda p: (-scores[p], *(-t for t in ties.get(p, (False, 0.0))), p))
    return tuple(
        Suspect(
            path,
            line,
            round(scores[path, line] / highest, 4),
            functions[path, line],
            tuple(reasons[path, line]),
        )
        for path, line in order[:limit]
    )


def _place(
    maps: Mapping[RelPath, FileMap], path: RelPath, line: int, functions: dict[Place, str]
) -> Place | None:
    """The first line of the statement at a line, so that a statement over several lines counts once."""
    statement = maps[path].at(line) if path in maps else None
    if statement is None:
        return None
    functions[path, statement.first] = statement.function
    return path, statement.first


def _imported_suspects(
    failures: Sequence[TestResult], sources: Mapping[RelPath, str], is_locked: IsLocked, limit: int
) -> tuple[Suspect, ...]:
    tests = list(dict.fromkeys(f.node_id.split("::")[0] for f in failures))
    test_maps = maps_of(sources, tests)
    paths = [p for p in sources if p.endswith(".py") and not is_locked(p)]
    named: set[str] = set()
    reached: dict[RelPath, None] = {}
    for test, file in test_maps.items():
        named |= {word for statement in file.statements for word in statement.words}
        named |= {name.rsplit(".", 1)[-1] for name in file.imports}
        reached.update(dict.fromkeys(imported_paths(file.imports, test, paths)))
    found: list[Suspect] = []
    for path, file in maps_of(sources, reached).items():
        for statement in file.statements:
            is_named = statement.function.rsplit(".", 1)[-1] in named
            score = 1.0 if is_named else FALLBACK if statement.function else FALLBACK / 2
            reasons = (
                "in a file that the failing test imports",
                *(("named by the test",) if is_named else ()),
            )
            found.append(Suspect(path, statement.first, score, statement.function, reasons))
    found.sort(key=lambda s: (-s.score, s.path, s.line))
    return tuple(found[:limit])


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"[A-Za-z_]\w+|\d+(?:\.\d+)?", text))


def _last_lines(traceback: str) -> str:
    return "\n".join(line for line in traceback.splitlines() if line.startswith("E"))
