"""How far each executed statement is from where a failure shows, along data, control and calls. Pure.

Sources: M. Weiser, "Program slicing", ICSE 1981; E. Soremekun, L. Kirschner, M. Boehme, A. Zeller,
"Locating faults with program slicing: an empirical analysis", Empirical Software Engineering 26, 2021,
section 3: for a single fault, walking backward from the failure along dependences finds it sooner
than ranking by spectrum alone, and the two together sooner still. An approximation of a dynamic slice:
dependences are those that the text shows within a function, calls are resolved by name, and only
what failing tests executed takes part.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Final, TypeAlias

from core.localise.spectrum import Place
from core.localise.statements import Statement
from core.types import RelPath

_Node: TypeAlias = tuple[RelPath, Statement]
FARTHEST: Final = 8
"""Steps; what is farther away has as good as no distance."""


def distances(
    executed: Mapping[Place, Statement],
    shown: Mapping[Place, int],
    called: Mapping[str, int],
) -> dict[Place, int]:
    """Steps from the failure to those of the ``executed`` statements that it can be reached from.

    Places are first lines of statements. ``shown`` are those where the failure shows itself, ``called``
    the names of functions whose results it judges, both with their own distance.
    """
    graph = _Graph(executed)
    found: dict[Place, int] = {}
    waiting: list[list[_Node]] = [[] for _ in range(FARTHEST + 1)]
    for place, distance in shown.items():
        if (node := graph.node(place)) is not None and distance <= FARTHEST:
            waiting[distance].append(node)
    for name, distance in called.items():
        if distance <= FARTHEST:
            waiting[distance] += graph.results(name)
    for distance in range(FARTHEST + 1):
        for path, statement in waiting[distance]:
            if (path, statement.first) in found:
                continue
            found[path, statement.first] = distance
            if distance < FARTHEST:
                waiting[distance + 1] += graph.sources(path, statement)
    return found


class _Graph:
    """The executed statements, by what can be asked of them."""

    def __init__(self, executed: Mapping[Place, Statement]) -> None:
        self._nodes: dict[Place, _Node] = {}
        self._writers: dict[tuple[RelPath, str, str], list[_Node]] = defaultdict(list)
        self._results: dict[str, list[_Node]] = defaultdict(list)
        self._bodies: dict[str, list[_Node]] = defaultdict(list)
        for (path, line), statement in executed.items():
            node = self._nodes[path, line] = (path, statement)
            for name in statement.uses.writes:
                self._writers[path, _scope(statement, name), name].append(node)
            function = called_name(statement.function)
            if isinstance(statement.node, (ast.Return, ast.Raise)) or statement.uses.yields:
                self._results[function].append(node)
            self._bodies[function].append(node)

    def node(self, place: Place) -> _Node | None:
        return self._nodes.get(place)

    def results(self, name: str) -> list[_Node]:
        """Where the functions of a name give their results; all of those that give none."""
        return self._results.get(name) or self._bodies.get(name, [])

    def sources(self, path: RelPath, statement: Statement) -> Iterator[_Node]:
        """What a statement depends on directly."""
        for name in statement.uses.reads:
            yield from self._writers.get((path, _scope(statement, name), name), ())
        if (above := self._nodes.get((path, statement.within))) is not None:
            yield above
        if isinstance(statement.node, ast.ExceptHandler):
            yield from self._guarded(path, statement.within)
        for name in statement.uses.calls:
            yield from self.results(name)

    def _guarded(self, path: RelPath, line: int) -> Iterator[_Node]:
        """The statements of the ``try`` block at a line: one of them has raised what was caught."""
        guard = self._nodes.get((path, line))
        if guard is not None and isinstance(guard[1].node, ast.Try):
            for inner in guard[1].node.body:
                if (node := self._nodes.get((path, inner.lineno))) is not None:
                    yield node


def _scope(statement: Statement, name: str) -> str:
    """Whose a variable is: the function's, or the class's where it is an attribute of ``self``."""
    owner = statement.function
    return owner.rpartition(".")[0] if name.startswith("self.") else owner


def called_name(function: str) -> str:
    """The name by which a dotted function is called: a constructor by that of its class."""
    owner, _, name = function.rpartition(".")
    return owner.rpartition(".")[2] if name in ("__init__", "__new__") else name
