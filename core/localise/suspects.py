"""One ranked list of suspects from all evidence that one run with line tracing gives. Pure.

Each kind of evidence (:mod:`core.localise.evidence`) ranks the lines that failing tests executed, or that
their tracebacks name; reciprocal rank fusion makes one list of these rankings. J. Sohn, S. Yoo, "FLUCCS",
ISSTA 2017, section 5, and D. Zou et al., "An empirical study of fault localization families and their
combinations", IEEE TSE 47(2), 2021, section 4, show how much several kinds together gain over the best of
them.

Where no line was covered or traced (an import error, no coverage), the functions of the files that
the failing tests import are suspects alike, those that the tests name first.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from core.localise.evidence import Evidence, Scene, all_evidence, without_reporting
from core.localise.fusion import Ranking, fuse
from core.localise.shared import shared
from core.localise.spectrum import Place, Spectrum, spectra
from core.localise.statements import FileMap, imported_paths, maps_of
from core.testing.base import Coverage
from core.types import NodeId, Outcome, RelPath, Suspect, TestResult

K: Final = 10.0
"""Of the fusion: smaller than for documents, as of a few hundred lines one is wanted."""
SPREAD: Final = 2.0
"""Fused scores lie close together; their power tells the proposers how much more the first are worth."""
MOST_LINES: Final = 1_500
"""More are not looked at closely: what many passing tests run, too, is hardly ever at fault."""
FALLBACK: Final = 0.5
"""Score of a line known only because its file is imported; lines named by the test get more."""

IsLocked = Callable[[RelPath], bool]
Recent = Mapping[RelPath, Mapping[int, int]]
"""For lines of a file, how many commits ago they changed; 0: not committed yet. Others are older."""


def rank_suspects(
    failures: Sequence[TestResult],
    passing: Collection[NodeId],
    coverage: Coverage,
    sources: Mapping[RelPath, str],
    is_locked: IsLocked,
    limit: int = 200,
    recent: Recent | None = None,
) -> tuple[Suspect, ...]:
    """Rank the lines that may be at fault, most suspicious first, at most ``limit``.

    ``failures`` are red results of the targets. ``sources`` gives the text of the repository's Python
    files, tests included; it may be lazy: only files that evidence names are looked up. Files for
    which ``is_locked`` holds are never suspects.
    """
    counts = spectra(coverage, [f.node_id for f in failures], passing)
    locked = {path for path in {path for path, _ in counts} if is_locked(path)}
    spectrum = _most_suspicious(
        {place: seen for place, seen in counts.items() if seen.failing and place[0] not in locked}
    )
    traced = _traced(failures, is_locked)
    maps = maps_of(sources, (path for path, _ in (*spectrum, *traced)))
    unparsed = _unparsed(traced, maps)
    if unparsed:
        return unparsed[:limit]
    if not any(file.statements for file in maps.values()):
        return _imported_suspects(failures, sources, is_locked, limit)
    passed = {frame.path for f in failures for frame in f.frames if is_locked(frame.path)}
    tests = maps_of(sources, (*(f.node_id.split("::", 1)[0] for f in failures), *sorted(passed)))
    executed = _by_statement(maps, spectrum)
    executed = {**shared(maps, executed), **executed}
    scene = Scene(failures, executed, counts, traced, maps, tests, recent or {})
    scene = replace(scene, spectrum=without_reporting(scene))
    return _merge(scene, all_evidence(scene), limit)


def _most_suspicious(spectrum: Mapping[Place, Spectrum]) -> dict[Place, Spectrum]:
    """The first ``MOST_LINES`` by Ochiai, and those that are as suspicious as the last of them."""
    if len(spectrum) <= MOST_LINES:
        return dict(spectrum)
    scores = {place: seen.ochiai for place, seen in spectrum.items()}
    least = sorted(scores.values(), reverse=True)[MOST_LINES - 1]
    return {place: spectrum[place] for place, score in scores.items() if score >= least}


def _by_statement(
    maps: Mapping[RelPath, FileMap], spectrum: Mapping[Place, Spectrum]
) -> dict[Place, Spectrum]:
    """By first lines of statements, so that a statement over several lines counts once: as its most
    suspicious line."""
    found: dict[Place, Spectrum] = {}
    for (path, line), seen in spectrum.items():
        statement = maps[path].at(line) if path in maps else None
        if statement is None:
            continue
        place = path, statement.first
        if place not in found or seen.ochiai > found[place].ochiai:
            found[place] = seen
    return found


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


def _merge(scene: Scene, evidence: Sequence[Evidence], limit: int) -> tuple[Suspect, ...]:
    fused = fuse((Ranking(kind.weight, kind.scores) for kind in evidence), K)
    highest = max(fused.values(), default=1.0)
    order = sorted(fused, key=lambda place: (-fused[place], place))[:limit]

    def reasons(place: Place) -> Iterator[str]:
        for kind in evidence:
            if reason := kind.reasons.get(place):
                yield reason

    return tuple(
        Suspect(
            path,
            line,
            round((fused[path, line] / highest) ** SPREAD, 4),
            scene.statements[path, line].function,
            tuple(reasons((path, line))),
            scene.statements[path, line].last,
        )
        for path, line in order
    )


def _imported_suspects(
    failures: Sequence[TestResult], sources: Mapping[RelPath, str], is_locked: IsLocked, limit: int
) -> tuple[Suspect, ...]:
    tests = list(dict.fromkeys(f.node_id.split("::")[0] for f in failures))
    test_maps = maps_of(sources, tests)
    paths = [p for p in sources if p.endswith(".py") and not is_locked(p)]
    named: set[str] = set()
    reached: dict[RelPath, None] = {}
    for test, file in test_maps.items():
        named |= {word for statement in file.statements for word in statement.uses.words}
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
            place = path, statement.first
            found.append(Suspect(*place, score, statement.function, reasons, statement.last))
    found.sort(key=lambda s: (-s.score, s.path, s.line))
    return tuple(found[:limit])
