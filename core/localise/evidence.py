"""The kinds of evidence against a line, each a ranking of its own with its reasons in words. Pure."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from core.localise.assertion import called_by, words_of
from core.localise.dependence import distances
from core.localise.forgotten import forgotten
from core.localise.fusion import middle_ranks
from core.localise.handlers import passed
from core.localise.spectrum import Place, Spectrum
from core.localise.statements import FileMap, Statement
from core.types import RelPath, TestResult

SINGLE: Final = 1.5
OCHIAI: Final = 0.2
DSTAR: Final = 0.2
BRANCH: Final = 0.6
TRACEBACK: Final = 0.8
DEPENDENCE: Final = 0.5
REACHED: Final = 0.5
FIRST: Final = 5.0
"""Up to which rank a statement counts among the most suspicious ones."""
WORDS: Final = 0.2
RECENT: Final = 0.5
FORGOTTEN: Final = 1.0
KIND: Final = 0.5

_KINDS: Final[Mapping[type[ast.AST], float]] = {
    ast.If: 1.0,
    ast.While: 1.0,
    ast.Assign: 0.9,
    ast.AugAssign: 0.9,
    ast.AnnAssign: 0.9,
    ast.Return: 0.9,
    ast.Expr: 0.9,
    ast.For: 0.7,
    ast.Raise: 0.4,
    ast.Assert: 0.4,
}
OTHER_KIND: Final = 0.2


@dataclass(frozen=True)
class Scene:
    """What is known of the failures. Places are first lines of statements, but for ``counts``
    and ``traced``."""

    failures: Sequence[TestResult]
    spectrum: Mapping[Place, Spectrum]
    counts: Mapping[Place, Spectrum]
    """By lines, those included that only passing tests executed."""
    traced: Mapping[Place, tuple[float, str]]
    """Lines on tracebacks, with closeness to the bottom in 0..1, and why."""
    maps: Mapping[RelPath, FileMap]
    tests: Mapping[RelPath, FileMap]
    """The files of the failing tests, and what else that is locked is on their tracebacks."""
    recent: Mapping[RelPath, Mapping[int, int]]

    @cached_property
    def on_traceback(self) -> Mapping[Place, tuple[float, str]]:
        """By statements, the closest first."""
        found: dict[Place, tuple[float, str]] = {}
        for (path, line), why in sorted(self.traced.items(), key=lambda entry: -entry[1][0]):
            if path in self.maps and (statement := self.maps[path].at(line)) is not None:
                found.setdefault((path, statement.first), why)
        return found

    @cached_property
    def passed(self) -> Mapping[Place, float]:
        """Handlers that did not catch the error on a traceback, with closeness to its bottom."""
        closeness = {place: found[0] for place, found in self.traced.items()}
        return passed(self.maps, closeness)

    @cached_property
    def statements(self) -> Mapping[Place, Statement]:
        """Every statement under suspicion."""
        places = dict.fromkeys([*self.spectrum, *self.on_traceback, *self.passed])
        found = ((place, self.maps[place[0]].at(place[1])) for place in places)
        return {place: statement for place, statement in found if statement is not None}


@dataclass(frozen=True, slots=True)
class Evidence:
    """One kind. ``scores`` as for :class:`core.localise.fusion.Ranking`."""

    weight: float
    scores: Mapping[Place, float]
    reasons: Mapping[Place, str] = field(default_factory=dict)


def all_evidence(scene: Scene) -> tuple[Evidence, ...]:
    """Every kind, in the order in which reasons are told."""
    return (
        _ochiai(scene),
        Evidence(SINGLE, {place: seen.single for place, seen in scene.spectrum.items()}),
        Evidence(DSTAR, {place: min(seen.dstar, 1e9) for place, seen in scene.spectrum.items()}),
        _branches(scene),
        _traceback(scene),
        _dependence(scene),
        _reached(scene),
        _words(scene),
        _recent(scene),
        _forgotten(scene),
        Evidence(KIND, {place: _likelihood(found) for place, found in scene.statements.items()}),
    )


def without_reporting(scene: Scene) -> dict[Place, Spectrum]:
    """The spectrum without what ran because failures were put into words: a ``__repr__``, unless the
    failing lines ask for one."""
    asked = _PUTS_INTO_WORDS & called_by(scene.failures, scene.tests).keys()
    return {
        place: seen
        for place, seen in scene.spectrum.items()
        if asked
        or place in scene.on_traceback
        or scene.statements[place].function.rpartition(".")[2] not in ("__repr__", "__str__")
    }


_PUTS_INTO_WORDS: Final = frozenset({"__repr__", "__str__", "format", "print"})


def _ochiai(scene: Scene) -> Evidence:
    return Evidence(
        OCHIAI,
        {place: seen.ochiai for place, seen in scene.spectrum.items()},
        {
            place: f"run by {seen.failing} failing and {seen.passing} passing tests"
            for place, seen in scene.spectrum.items()
        },
    )


def _branches(scene: Scene) -> Evidence:
    """A condition is as suspicious as the way that failing tests take at it and passing ones do not."""
    scores = {place: seen.ochiai for place, seen in scene.spectrum.items()}
    reasons: dict[Place, str] = {}
    for (path, line), statement in scene.statements.items():
        here = scene.spectrum.get((path, line))
        if here is None or not statement.branches[0]:
            continue
        nobody = Spectrum(0, 0, here.traced)
        body = scene.counts.get((path, statement.branches[0]), nobody)
        ways = {"into its block": body, "past its block": here.without(body)}
        way = max(ways, key=lambda name: ways[name].ochiai)
        if ways[way].ochiai > here.ochiai:
            scores[path, line] = ways[way].ochiai
            reasons[path, line] = f"failing tests go {way}, passing ones hardly"
    return Evidence(BRANCH, scores, reasons)


def _traceback(scene: Scene) -> Evidence:
    scores = {place: closeness for place, (closeness, _) in scene.on_traceback.items()}
    reasons = {place: why for place, (_, why) in scene.on_traceback.items()}
    for place, closeness in scene.passed.items():
        scores[place] = closeness
        reasons[place] = "did not catch the error that came by"
    for (path, line), closeness in list(scores.items()):
        statement = scene.statements[path, line]
        decided = path, statement.within
        if isinstance(statement.node, (ast.Raise, ast.Assert)) and decided in scene.statements:
            # Who raises has found the fault, and seldom is it.
            scores[decided] = max(closeness, scores.get(decided, 0.0))
            reasons.setdefault(decided, "decides on the error that was raised")
            scores[path, line] = closeness / 2
    return Evidence(TRACEBACK, scores, reasons)


def _dependence(scene: Scene) -> Evidence:
    shown = {place: 0 for place, (closeness, _) in scene.on_traceback.items() if closeness == 1.0}
    found = distances(scene.statements, shown, called_by(scene.failures, scene.tests))
    return Evidence(DEPENDENCE, {place: 1 / (1 + steps) for place, steps in found.items()})


def _reached(scene: Scene) -> Evidence:
    """What the most suspicious statements call and depend on: called from elsewhere too, it has been
    exonerated by tests that never came from there."""
    ranks = middle_ranks({place: seen.ochiai for place, seen in scene.spectrum.items()})
    first = {place: 0 for place, rank in ranks.items() if rank <= FIRST}
    found = distances(scene.statements, first, {})
    return Evidence(REACHED, {place: 1 / (1 + steps) for place, steps in found.items()})


def _words(scene: Scene) -> Evidence:
    # Whom the test calls is known by dependence; a call of the same function within says nothing.
    said = words_of(scene.failures, scene.tests) - called_by(scene.failures, scene.tests).keys()
    scores: dict[Place, float] = {}
    reasons: dict[Place, str] = {}
    for place, statement in scene.statements.items():
        if shared := statement.uses.words & said:
            scores[place] = len(shared) / len(statement.uses.words)
            reasons[place] = f"names {', '.join(sorted(shared)[:3])} as the failure does"
    return Evidence(WORDS, scores, reasons)


def _recent(scene: Scene) -> Evidence:
    scores: dict[Place, float] = {}
    reasons: dict[Place, str] = {}
    for (path, line), statement in scene.statements.items():
        ages = scene.recent.get(path, {})
        if not ages:
            continue
        age = min((ages[n] for n in range(line, statement.last + 1) if n in ages), default=None)
        if age is not None:
            scores[path, line] = 1 / (1 + age)
            reasons[path, line] = (
                "not committed yet" if age == 0 else f"changed {age} commit{'s' * (age > 1)} ago"
            )
    return Evidence(RECENT, scores, reasons)


def _forgotten(scene: Scene) -> Evidence:
    found = forgotten(scene.maps, scene.statements.keys())
    return Evidence(
        FORGOTTEN,
        {place: score for place, (score, _) in found.items()},
        {place: why for place, (_, why) in found.items()},
    )


def _likelihood(statement: Statement) -> float:
    """How often statements of a kind are at fault, and how much there is in it to be wrong."""
    return _KINDS.get(type(statement.node), OTHER_KIND) * min(1.0, 0.4 + 0.1 * statement.uses.parts)
