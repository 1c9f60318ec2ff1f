"""The candidate tree: what each candidate came from, what it does, and which are worked on. Pure.

The source is the root. A candidate that fixes some of the targets and breaks nothing is a place to
search from, as two bugs at once need two patches; the best few are worked on at a time (a beam of
best-first searches: R. Bisiani, "Beam search", in Encyclopedia of Artificial Intelligence, 1987). Those
that behave alike count as one: what leads on from one leads on from the other, so only the first is
worked on (behavioural equivalence; Le Goues et al., "GenProg", TSE 2012, section 3.4 skips equal
variants by text, which sees less).
"""

from __future__ import annotations

import re
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Final

from core.search.base import Tried
from core.types import Evidence, Rung, Verdict

CHANGED_GAIN: Final = 0.02
"""For a failure that nobody has seen: the candidate does something, and breaks nothing."""
_VOLATILE: Final = re.compile(r"0x[0-9a-fA-F]+|\b\d+\.\d+ ?s(?:econds?)?\b|/tmp/\S+")


@dataclass(slots=True)
class Node:
    """A verified candidate. ``twin`` is the first candidate that behaved the same."""

    tried: Tried
    parent: Node | None
    twin: int | None
    fixed: int
    gain: float
    doubtful: bool = False
    worked_on: bool = field(default=False)

    @property
    def candidate(self) -> int:
        return self.tried.candidate

    @property
    def depth(self) -> int:
        """Candidates from the source to here, itself included."""
        return 1 + (self.parent.depth if self.parent else 0)

    def comes_from(self, other: Node) -> bool:
        """Whether ``other`` is this node or one before it."""
        return self is other or (self.parent is not None and self.parent.comes_from(other))


class Tree:
    """Of one search over ``targets`` failing tests."""

    def __init__(self, targets: int, branching: int, depth: int) -> None:
        self._targets = max(targets, 1)
        self._branching = branching
        self._depth = depth
        self._first: dict[Hashable, int] = {}
        self.nodes: dict[int, Node] = {}

    def add(
        self, tried: Tried, evidence: Evidence, parent: int | None, *, doubtful: bool = False
    ) -> Node:
        """Take a verified candidate in, with what it gained over the candidate that it came from. What is
        ``doubtful``, as it looks made for the tests, stands for no other and is not worked on."""
        key = behaviour(evidence)
        if not doubtful:
            self._first.setdefault(key, tried.candidate)
        twin = self._first.get(key, tried.candidate)
        before = self.nodes.get(parent) if parent is not None else None
        fixed = len(evidence.comparison.fixed)
        new = twin == tried.candidate
        gain = self._gain(evidence, before.fixed if before else 0, new=new)
        if doubtful and gain < 1.0:
            gain = 0.0
        node = Node(tried, before, None if new else twin, fixed, gain, doubtful)
        self.nodes[tried.candidate] = node
        return node

    def promise(self, node: Node) -> float:
        """How much of the task is done there, in 0..1."""
        return min(1.0, node.fixed / self._targets)

    def admit(self, node: Node) -> tuple[bool, Node | None]:
        """Whether to work on a node from now on, and which other one to leave for it."""
        if not _leads_on(node) or node.depth > self._depth or self._has_better(node):
            return False, None
        working = [other for other in self.nodes.values() if other.worked_on]
        if len(working) < self._branching:
            node.worked_on = True
            return True, None
        worst = min(working, key=lambda other: (other.fixed, -other.candidate))
        if worst.fixed >= node.fixed:
            return False, None
        worst.worked_on, node.worked_on = False, True
        return True, worst

    def give_up(self, node: Node) -> None:
        """Nothing comes of a node: its place is free for another, also for one that behaved the same."""
        node.worked_on = False
        self._first = {key: first for key, first in self._first.items() if first != node.candidate}

    def _has_better(self, node: Node) -> bool:
        """Whether what it fixes is fixed by one that is worked on, and more."""
        mine = _fixed(node)
        return any(mine < _fixed(other) for other in self.nodes.values() if other.worked_on)

    def _gain(self, evidence: Evidence, before: int, *, new: bool) -> float:
        comparison = evidence.comparison
        if comparison.verdict is Verdict.GREEN and evidence.rung is Rung.SUITE:
            return 1.0
        if comparison.broken or comparison.reasons:
            return 0.0
        if len(comparison.fixed) > before:
            return (len(comparison.fixed) - before) / self._targets
        return CHANGED_GAIN if new and not comparison.fixed else 0.0


def behaviour(evidence: Evidence) -> Hashable:
    """A key that is the same for candidates with the same outcomes and the same words of failure, as
    far as they were run; addresses, durations and temporary paths do not count."""
    comparison, failure = evidence.comparison, evidence.failure
    words = ("", "", "")
    if failure is not None:
        words = (failure.node_id, failure.outcome.value, _VOLATILE.sub("", failure.message))
    return (
        evidence.rung,
        comparison.verdict,
        frozenset(comparison.fixed),
        frozenset(comparison.broken),
        comparison.reasons,
        words,
    )


def _leads_on(node: Node) -> bool:
    """Whether it fixes more than its parent, breaks nothing, and no other behaved the same before."""
    evidence = node.tried.evidence
    return (
        evidence is not None
        and node.twin is None
        and not node.doubtful
        and evidence.comparison.verdict is Verdict.IMPROVED
        and bool(evidence.comparison.still_failing)
        and bool(_fixed(node) - (_fixed(node.parent) if node.parent else frozenset()))
    )


def _fixed(node: Node) -> frozenset[str]:
    return frozenset(node.tried.evidence.comparison.fixed) if node.tried.evidence else frozenset()
