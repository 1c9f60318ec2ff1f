"""Suspects of an opened repository: ranked by what a traced run shows, as the user's marks have them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Final

from core.events import SuspectsRanked
from core.localise.marks import apply_marks, check_place
from core.localise.purify import purified
from core.localise.statements import maps_of
from core.localise.suspects import rank_suspects
from core.localise.text import rank_text_suspects
from core.repo.recent import recent_lines
from core.session.emitter import Emitter
from core.session.sources import Sources
from core.session.workspace import Workspace
from core.testing.base import RunOutcome
from core.types import CodePlace, NodeId, RelPath, Suspect, SuspectMark, TestResult

HISTORY_SECONDS: Final = 1.0
"""For git to say which lines are recent; what it has not said by then is left out."""
MOST_TOLD: Final = 200

IsLocked = Callable[[RelPath], bool]


class Localiser:
    """Belongs to one opened repository, and keeps the user's marks as long as it is open."""

    def __init__(self, workspace: Workspace, emit: Emitter) -> None:
        self._workspace = workspace
        self._emit = emit
        self._marks: dict[CodePlace, SuspectMark] = {}
        self._ranked: tuple[Suspect, ...] | None = None

    def sources(self) -> Sources:
        """The texts of the language that the tests are in."""
        return Sources(self._workspace.copy, self._workspace.language.extensions)

    async def rank(
        self,
        failures: Sequence[TestResult],
        targets: Collection[NodeId],
        traced: RunOutcome,
        is_locked: IsLocked,
    ) -> tuple[Suspect, ...]:
        """Rank and announce the lines that may be at fault; ``failures`` are results of ``targets``."""
        texts = self.sources()
        root = Path(self._workspace.repository.info.path)
        recent = await asyncio.to_thread(recent_lines, root, texts, HISTORY_SECONDS)
        self._ranked = await self._rank(failures, targets, traced, is_locked, texts, recent)
        return self._announce(texts)

    async def rank_in(
        self,
        texts: Mapping[RelPath, str],
        failures: Sequence[TestResult],
        targets: Collection[NodeId],
        traced: RunOutcome,
        is_locked: IsLocked,
    ) -> tuple[Suspect, ...]:
        """The same for the code as a candidate has it, whose lines are not those of the repository: not
        announced, and without what history and marks say of lines."""
        found = await self._rank(failures, targets, traced, is_locked, texts, {})
        whole = {place: mark for place, mark in self._marks.items() if not place.line}
        return apply_marks(found, whole, texts)

    def mark(self, place: CodePlace, mark: SuspectMark | None) -> None:
        """Pin or drop a place for what is ranked from now on, or with ``None`` take that back.

        Announces the list anew where there is one. Raises UsageError for a place that is not there.
        """
        texts = self.sources()
        self._marks.pop(place, None)
        if mark is not None:
            check_place(place, texts)
            self._marks[place] = mark
        if self._ranked is not None:
            self._announce(texts)

    def forget(self) -> None:
        """The tree is not as it was when it was ranked. Marks stay."""
        self._ranked = None

    def _announce(self, texts: Mapping[RelPath, str]) -> tuple[Suspect, ...]:
        found = apply_marks(self._ranked or (), self._marks, texts)
        self._emit(SuspectsRanked(found[:MOST_TOLD], tuple(self._marks.items())))
        return found

    async def _rank(
        self,
        failures: Sequence[TestResult],
        targets: Collection[NodeId],
        traced: RunOutcome,
        is_locked: IsLocked,
        texts: Mapping[RelPath, str],
        recent: Mapping[RelPath, Mapping[int, int]],
    ) -> tuple[Suspect, ...]:
        language = self._workspace.language
        if not language.is_python:
            return await asyncio.to_thread(
                rank_text_suspects, failures, texts, is_locked, language.functions
            )

        def rank() -> tuple[Suspect, ...]:
            paths = [f.node_id.split("::", 1)[0] for f in failures if f.node_id in traced.parts]
            paths += [g.path for f in failures if f.node_id in traced.parts for g in f.frames]
            tests = maps_of(texts, (path for path in paths if is_locked(path)))
            coverage = purified(traced.coverage, traced.parts, failures, tests)
            passing = [node_id for node_id in coverage if node_id not in targets]
            return rank_suspects(failures, passing, coverage, texts, is_locked, recent=recent)

        return await asyncio.to_thread(rank)
