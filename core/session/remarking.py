"""Remarks on candidates of the opened repository: read, shown back, corrected, turned into a round."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final

from core.errors import ModelError, UsageError
from core.events import RemarkDropped, RemarkUnderstood
from core.models.roles import ModelRoles
from core.remark.asking import ask_for_reading
from core.remark.orders import Order, Start, carry_out_all, order_of, start_from
from core.remark.places import resolve
from core.remark.reading import contradiction, plain_doubt, read_remark
from core.remark.refused import holds_refused
from core.remark.wishes import read_wish
from core.repo.patch import file_diffs, hunk_ids, select_hunks
from core.search.door import ModelDoor
from core.search.meter import CostOf, Meter
from core.session.emitter import Emitter
from core.session.refusing import Refusals
from core.session.review import Results
from core.session.sources import Sources
from core.session.workspace import Workspace
from core.types import (
    Budget,
    Candidate,
    FileDiff,
    HunkId,
    Patch,
    RemarkPlace,
    RemarkReading,
    Remedy,
    UnderstoodRemark,
)

READ_SECONDS: Final = 25.0
"""For a model to read a remark; then the rules have the word."""
_GATHER_SECONDS: Final = 0.0


class Remarking:
    """Belongs to one opened repository. ``results`` is shared with the session, which fills it."""

    def __init__(
        self,
        workspace: Workspace,
        results: Results,
        refusals: Refusals,
        models: Callable[[], Awaitable[ModelRoles | None]],
        cost: CostOf,
        emit: Emitter,
    ) -> None:
        """``models`` gives those that may be asked."""
        self._workspace = workspace
        self._results = results
        self._refusals = refusals
        self._models = models
        self._cost = cost
        self._emit = emit
        self._remarks: dict[int, UnderstoodRemark] = {}
        self._last = 0

    def on(self, candidate: int) -> tuple[UnderstoodRemark, ...]:
        """The remarks on a candidate that stand, oldest first."""
        return tuple(one for one in self._remarks.values() if one.candidate == candidate)

    async def remark(self, candidate: int, place: RemarkPlace, text: str) -> UnderstoodRemark:
        """Read a remark and say how it is understood. Raises UsageError for a candidate that is gone."""
        files = self._files(self._candidate(candidate))
        place = resolve(place, files)
        self._last += 1
        number, others = self._last, self.on(candidate)
        texts = Sources(self._workspace.copy, self._workspace.language.extensions)
        made = await asyncio.to_thread(read_remark, number, candidate, place, text, files, others, texts)
        if not made.doubt and read_wish(made.text) is None:
            made = await self._read_by_model(made, files)
        if made.doubt and not made.text:
            self._emit(RemarkUnderstood(made))  # nothing to keep
            return made
        return self._take(made)

    def correct(self, number: int, reading: RemarkReading) -> UnderstoodRemark:
        """Take the user's own reading. Raises UsageError."""
        known = self._known(number)
        files = self._files(self._candidate(known.candidate))
        reading = replace(
            reading, place=resolve(reading.place, files), solution=" ".join(reading.solution.split())
        )
        others = [one for one in self.on(known.candidate) if one.id != number]
        doubt = plain_doubt(reading.solution, reading.place, files) or contradiction(reading, others)
        return self._take(replace(known, reading=reading, by_model=False, doubt=doubt, elsewhere=()))

    def drop(self, number: int) -> None:
        """Take a remark back; the doubts that it gave others go with it."""
        self._remarks.pop(number, None)
        self._emit(RemarkDropped(number))
        for other in list(self._remarks.values()):
            if other.doubt.startswith(f"This contradicts remark {number},"):
                self.correct(other.id, other.reading)

    def orders(self, candidate: int, kept: tuple[HunkId, ...]) -> tuple[Start, tuple[Order, ...]]:
        """What a round starts from, and what it has to carry out. Raises UsageError where a remark is in
        doubt, or there is none."""
        found = self._candidate(candidate)
        remarks = self.on(candidate)
        if not remarks:
            raise UsageError(
                "remark.none",
                f"There is no remark on candidate {candidate}, so a round has nothing to do.",
            )
        for remark in remarks:
            if remark.doubt:
                raise UsageError("remark.doubt", f"Remark {remark.id}: {remark.doubt}")
        start = start_from(self._without_refused(found, kept))
        files = file_diffs(start.patch, self._results.lock.holds)
        return start, tuple(order_of(self._shifted(remark, found, start), files) for remark in remarks)

    def settle(self, candidate: int) -> None:
        """The remarks on a candidate have been carried out."""
        for remark in self.on(candidate):
            del self._remarks[remark.id]
            self._emit(RemarkDropped(remark.id))

    # --- parts -----------------------------------------------------------------------------------

    def _take(self, remark: UnderstoodRemark) -> UnderstoodRemark:
        self._remarks[remark.id] = remark
        self._emit(RemarkUnderstood(remark))
        return remark

    async def _read_by_model(
        self, remark: UnderstoodRemark, files: tuple[FileDiff, ...]
    ) -> UnderstoodRemark:
        try:
            models = await self._models()
            if models is None:
                return remark
            async with asyncio.timeout(READ_SECONDS):
                for client in models.clients[:1]:
                    await client.start()
                meter = Meter(Budget(seconds=READ_SECONDS), self._cost)
                door = ModelDoor(models, meter, self._emit, gather_seconds=_GATHER_SECONDS)
                return await ask_for_reading(remark, files, self._workspace.language.spoken, door)
        except (TimeoutError, ModelError):
            return remark

    def _without_refused(self, candidate: Candidate, kept: tuple[HunkId, ...]) -> Patch:
        """The candidate's own lane without hunks that were refused meanwhile."""
        targets = self._results.targets
        holds = self._results.lock.holds
        chosen = []
        for hunk in hunk_ids(candidate.patch):
            if holds(hunk.rpartition("#")[0]):
                continue
            alone = select_hunks(candidate.patch, {hunk})
            if hunk in kept or holds_refused(alone, self._refusals.against(targets)) is None:
                chosen.append(hunk)
        return select_hunks(candidate.patch, chosen)

    def _shifted(self, remark: UnderstoodRemark, candidate: Candidate, start: Start) -> UnderstoodRemark:
        """The remark in the lines and hunks of the start, which may lack hunks of the candidate."""
        place = remark.reading.place
        if start.patch == candidate.patch or not place.path:
            return remark
        left = {hunk.lines: hunk for file in file_diffs(start.patch, bool) for hunk in file.hunks}
        shift, moved = 0, ""
        for file in self._files(candidate):
            if file.path != place.path:
                continue
            for hunk in file.hunks:
                stays = left.get(hunk.lines)
                if hunk.id == place.hunk and stays is not None:
                    moved = stays.id
                if stays is None and hunk.new_start < place.first and hunk.id != place.hunk:
                    shift -= hunk.new_count - hunk.old_count
        first = place.first + shift if place.first else 0
        last = place.last + shift if place.last else 0
        place = RemarkPlace(place.path, first, last, moved, place.test)
        return replace(remark, reading=replace(remark.reading, place=place))

    def _files(self, candidate: Candidate) -> tuple[FileDiff, ...]:
        return file_diffs(candidate.patch, self._results.lock.holds)

    def _candidate(self, number: int) -> Candidate:
        found = self._results.candidates.get(number)
        if found is None:
            raise UsageError(
                "candidate.unknown",
                f"Candidate {number} belongs to an earlier run of the tests.",
                (Remedy("Run the tests", action="run_tests"),),
            )
        return found

    def _known(self, number: int) -> UnderstoodRemark:
        found = self._remarks.get(number)
        if found is None:
            raise UsageError("remark.unknown", f"There is no remark {number}.")
        return found


def needs_model(start: Start, orders: tuple[Order, ...]) -> bool:
    """Whether a round has something to do that only a model can."""
    done, left = carry_out_all(orders, start)
    return bool(left) or not done
