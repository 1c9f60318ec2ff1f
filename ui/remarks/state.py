"""What the window knows of remarks and refused hunks: a projection of the events. Imports no Qt."""

from __future__ import annotations

from core import events as ev
from core.types import Hunk, HunkId, Refusal, RemarkPlace, UnderstoodRemark
from ui.coalesce import Shown


class RemarksState:
    """Part of :class:`ui.session.Session`, which feeds it every event."""

    def __init__(self) -> None:
        self.remarks: dict[int, UnderstoodRemark] = {}
        """Those that stand, and such that could not be read, by number."""
        self.refusals: tuple[Refusal, ...] = ()
        self.round: ev.RoundStarted | None = None
        """The round that was begun last, of the repository that is open."""
        self.version = 0
        """Grows with every change of what is shown."""

    def apply(self, body: Shown) -> None:
        match body:
            case ev.RepositoryOpened():
                self.remarks.clear()
                self.refusals, self.round = (), None
            case ev.RemarkUnderstood(remark):
                self.remarks[remark.id] = remark
            case ev.RemarkDropped(number):
                self.remarks.pop(number, None)
            case ev.RefusalsChanged(refusals):
                self.refusals = refusals
            case ev.RoundStarted():
                self.round = body
            case ev.Accepted() | ev.Undone() | ev.Redone():
                self.remarks.clear()  # the candidates that they are on are gone
            case _:
                return
        self.version += 1

    def on(self, candidate: int) -> list[UnderstoodRemark]:
        """The remarks on a candidate, oldest first."""
        return [remark for remark in self.remarks.values() if remark.candidate == candidate]

    def ready(self, candidate: int) -> bool:
        """Whether a round from this candidate has something to do and nothing in doubt."""
        remarks = self.on(candidate)
        return bool(remarks) and not any(remark.doubt for remark in remarks)

    def can_refine(self, review: ev.ReviewReady) -> bool:
        """Whether there are remarks without doubt, or none and a hunk of what is shown is refused."""
        if self.on(review.candidate):
            return self.ready(review.candidate)
        return any(self.refusal_of(hunk) for file in review.files for hunk in file.hunks)

    def refusal_of(self, hunk: Hunk) -> Refusal | None:
        lines = tuple(line for line in hunk.lines if line[:1] in "+-")
        found = (one for one in self.refusals if one.path == hunk.path and one.lines == lines)
        return next(found, None)

    def kept(self, candidate: int, chosen: tuple[HunkId, ...]) -> tuple[HunkId, ...]:
        """The chosen hunks that a round must leave as they are: all that no remark is about."""
        places = [remark.reading.place for remark in self.on(candidate)]
        return tuple(hunk for hunk in chosen if not any(_about(place, hunk) for place in places))


def _about(place: RemarkPlace, hunk: HunkId) -> bool:
    if place.hunk:
        return place.hunk == hunk
    return not place.path or place.path == hunk.rpartition("#")[0]
