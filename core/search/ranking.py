"""Everything that was verified in one search, best first, and what the best of it falls short of."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Final

from core.properties.catalogue import STRONG
from core.properties.judging import Judgement, judge
from core.properties.telling import told
from core.search.base import Tried
from core.search.select.asked import Asked, Held
from core.search.select.choosing import Finalist, decide, finalist
from core.search.select.merit import merit, passes
from core.types import Candidate, Choice, NodeId, Patch, Rung, Verdict

log = logging.getLogger("greenbar.search")

COMPARE_SECONDS: Final = 10.0
"""For comparing those that pass with each other."""

Agree = Callable[[Mapping[int, Patch], Mapping[int, Patch]], Awaitable[Asked]]
"""How candidates that pass behave on other inputs than those of the tests, by number, and so some that do
not pass; the best come first."""


class Ranking:
    """Of one search for ``targets``; ``tests`` are the texts of their files."""

    def __init__(self, targets: Sequence[NodeId], tests: Collection[str]) -> None:
        self._targets = targets
        self._tests = tests
        self._merits: dict[int, tuple[int, ...]] = {}
        self._finalists: dict[int, Finalist] = {}
        self._signs: dict[int, tuple[str, ...]] = {}
        self._places: dict[int, int] = {}
        self._choice: Choice | None = None
        self._tried: list[Tried] = []
        self._held: tuple[Held, ...] = ()
        self._judgement = Judgement()
        self.asked = Asked()
        """What those that pass gave for other inputs than those of the tests, if they were asked."""

    async def take(self, candidate: Candidate, tried: Tried) -> bool:
        """Rank a verified candidate, in the place of an earlier look at it; True where it is the best."""
        evidence = tried.evidence
        assert evidence is not None, "it was verified"
        self._merits[candidate.id] = merit(evidence, candidate.patch)
        self._tried = [known for known in self._tried if known.candidate != candidate.id]
        self._tried.append(tried)
        is_fix = passes(evidence)
        if is_fix:
            # It counts from now on, whatever stops the search while it is looked at.
            self._finalists.setdefault(candidate.id, Finalist(candidate.id))
            self._decide()
        self._tried.sort(key=self._rank, reverse=True)
        if is_fix or evidence.comparison.verdict is Verdict.IMPROVED:
            # Looking at a large file takes a moment.
            found = await asyncio.to_thread(finalist, candidate.id, candidate.patch, self._tests)
            self._signs[candidate.id] = found.signs
            if is_fix:
                self._finalists[candidate.id] = found
                self._decide()
            self._tried.sort(key=self._rank, reverse=True)
        return self._tried[0] is tried

    async def compare(self, agree: Agree, seconds_left: float) -> None:
        """See how those that pass behave on other inputs, and decide among them anew."""
        if len(self._finalists) < 2:
            return
        patches = {
            tried.candidate: tried.patch for tried in self._tried if tried.candidate in self._places
        }
        wrong = {
            tried.candidate: tried.patch
            for tried in self._tried
            if tried.candidate not in self._places
            and tried.evidence is not None
            and tried.evidence.rung is Rung.TARGET
        }
        try:
            async with asyncio.timeout(min(COMPARE_SECONDS, seconds_left)):
                # Those that pass first: what they gave is worth something also where time runs out.
                for refused in ({}, wrong):
                    self.asked = await agree(patches, refused)
                    self._judgement = await asyncio.to_thread(_judged, self.asked)
                    self._decide()
        except TimeoutError:
            log.info("comparing those that pass took too long")
        except Exception:
            # The boundary of a task: those that pass do so, however they compare.
            log.exception("those that pass could not be compared")
        self._tried.sort(key=self._rank, reverse=True)

    def hold(self, held: Sequence[Held]) -> bool:
        """Put those that give what is held before the others; True where another is the best now."""
        before, self._held = self.best, tuple(held)
        if self._finalists:
            self._decide()
            self._tried.sort(key=self._rank, reverse=True)
        return self.best is not before

    @property
    def passing(self) -> tuple[int, ...]:
        """Those that pass, the best first."""
        return tuple(tried.candidate for tried in self._tried if tried.candidate in self._places)

    @property
    def refuted(self) -> frozenset[int]:
        """Those that contradict what is held, as far as they were asked."""
        return self.asked.refuted(self._held)

    def tried(self) -> tuple[Tried, ...]:
        """Everything, best first."""
        return tuple(self._tried)

    @property
    def best(self) -> Tried | None:
        return self._tried[0] if self._tried else None

    @property
    def choice(self) -> Choice | None:
        """Why the best is the best; ``None`` where nobody passes."""
        return self._choice

    def looks_made_for_tests(self, candidate: int) -> bool:
        """Of one that passes, or fixes some."""
        return bool(self._signs.get(candidate))

    def doubted(self, candidate: int) -> bool:
        """Whether the proposed checks have more than a little against one that passes."""
        return self._judgement.weight(candidate) >= STRONG

    def shortfall(self) -> str:
        """Why there is no confident fix, where the best does not pass."""
        best = self.best
        count = len(self._targets)
        if best is None or best.evidence is None:
            return "No candidate was verified."
        comparison = best.evidence.comparison
        if comparison.reasons:
            return f"The best candidate is {comparison.verdict}: {comparison.reasons[0]}"
        if comparison.broken:
            return (
                f"The best candidate fixes {len(comparison.fixed)} of {count} "
                f"and breaks {', '.join(comparison.broken[:3])}."
            )
        if comparison.fixed:
            return f"The best candidate fixes {len(comparison.fixed)} of {count} failing tests."
        if len(self._tried) == 1:
            return "The only candidate made no failing test pass."
        return f"None of {len(self._tried)} candidates made a failing test pass."

    def _decide(self) -> None:
        refuted = self.refuted
        against = [one.by for one in self._held if self.asked.refuted([one])]
        if against and self.asked.answers.keys() - refuted:
            # Some are known to give what is held; who was not asked must not overtake them.
            refuted |= self._finalists.keys() - self.asked.answers.keys()
        decision = decide(
            tuple(self._finalists.values()),
            self.asked.matrix,
            refuted,
            against[0] if against else "",
            {candidate: self._judgement.weight(candidate) for candidate in self._finalists},
        )
        self._places = {one.candidate: -place for place, one in enumerate(decision.order)}
        order = [one.candidate for one in decision.order]
        name = self.asked.function.name if self.asked.function else ""
        self._choice = replace(decision.choice, proposed=told(self._judgement, name, order))

    def _rank(self, tried: Tried) -> tuple[int, ...]:
        """Higher is better: what its tests show, then what was decided among those that pass."""
        verdict, fixed, unharmed, small = self._merits[tried.candidate]
        place = self._places.get(tried.candidate, -len(self._places))
        return verdict, place, fixed, unharmed, -len(self._signs.get(tried.candidate, ())), small


def _judged(asked: Asked) -> Judgement:
    return judge(asked.inputs, asked.tested, asked.answers, asked.refused, asked.today)
