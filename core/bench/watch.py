"""What a bench reads off a session's events: the rank of the fault, the work of each proposer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from core.bench.values import Lines, ProposerRecord
from core.events import (
    CandidateProposed,
    CandidateVerified,
    Event,
    ModelAnswered,
    ModelAsked,
    SandboxReady,
    SuspectsRanked,
)
from core.types import Rung, Suspect, Verdict


class Watch:
    """Feed it every event of one fix."""

    def __init__(self, truth: Lines) -> None:
        self._truth = truth
        self._by_candidate: dict[int, str] = {}
        self._by_request: dict[int, str] = {}
        self._records: dict[str, ProposerRecord] = {}
        self.rank: int | None = None
        self.sandbox = ""

    @property
    def proposers(self) -> tuple[ProposerRecord, ...]:
        """Those that had ideas or asked, by name."""
        return tuple(self._records[name] for name in sorted(self._records))

    def __call__(self, event: Event) -> None:
        match event.body:
            case SuspectsRanked(suspects=suspects) if self._truth and self.rank is None:
                self.rank = rank_of_truth(suspects, self._truth)
            case CandidateProposed(candidate=candidate, proposer=proposer):
                self._by_candidate[candidate] = proposer
                record = self._record(proposer)
                self._records[proposer] = replace(record, candidates=record.candidates + 1)
            case CandidateVerified(evidence=evidence):
                record = self._record(self._by_candidate.get(evidence.candidate, ""))
                found = evidence.comparison
                self._records[record.name] = replace(
                    record,
                    helped=record.helped + bool(found.fixed and not found.broken),
                    green=record.green + (found.verdict is Verdict.GREEN and evidence.rung is Rung.SUITE),
                    seconds=round(record.seconds + evidence.seconds, 3),
                )
            case ModelAsked(request=request, proposer=proposer):
                self._by_request[request] = proposer
            case ModelAnswered(request=request, usage=usage):
                record = self._record(self._by_request.get(request, ""))
                self._records[record.name] = replace(
                    record,
                    prompt=record.prompt + usage.prompt,
                    completion=record.completion + usage.completion,
                )
            case SandboxReady(kind=kind):
                self.sandbox = kind.value
            case _:
                pass

    def _record(self, name: str) -> ProposerRecord:
        return self._records.get(name, ProposerRecord(name))


def rank_of_truth(suspects: Iterable[Suspect], truth: Lines) -> int | None:
    """The place (from 1) of the first suspect with a true line in its statement; ``None``: nowhere."""
    for place, suspect in enumerate(suspects, 1):
        last = max(suspect.line, suspect.last)
        if any(suspect.line <= line <= last for line in truth.get(suspect.path, ())):
            return place
    return None
