"""The evidence pack: what a journal says of the last fix of a session, put together for people. Pure.

It is a projection of the journal and of nothing else, so a session of last month gives the same pack as
one that is open. Texts in it are of the repository, the model or the user: data, never markup.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Final

from core import events as ev
from core.types import (
    DECIDE,
    OTHER,
    Comparison,
    FileDiff,
    FixResult,
    HunkId,
    NodeId,
    Outcome,
    Proof,
    Question,
    Requirement,
    TestReport,
)

KINDS: Final = frozenset(
    kind.__name__
    for kind in (
        ev.RepositoryOpened,
        ev.SandboxReady,
        ev.TaskRestated,
        ev.RequestDropped,
        ev.LedgerChanged,
        ev.QuestionAsked,
        ev.QuestionAnswered,
        ev.QuestionWithdrawn,
        ev.AnswerTakenBack,
        ev.TestRunFinished,
        ev.FixStarted,
        ev.FixFinished,
        ev.Reranked,
        ev.ReviewReady,
        ev.SelectionVerified,
        ev.Proven,
        ev.Accepted,
        ev.Undone,
        ev.Redone,
    )
)
"""The events that are needed; the others of a journal may stay unread."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with what came of it: ``answer`` in words, empty while it is open."""

    question: Question
    answer: str = ""
    sentence: str = ""


@dataclass(slots=True)
class Pack:
    """Everything about one fix, as far as it went. Changed only by :meth:`apply`."""

    session: str = ""
    time: float = 0.0
    """Of the start of the fix, or of the session; seconds since the epoch (UTC)."""
    path: str = ""
    name: str = ""
    branch: str = ""
    sandbox: str = ""
    request: str = ""
    restated: str = ""
    requirements: tuple[Requirement, ...] = ()
    asked: dict[int, Asked] = field(default_factory=dict)
    started: ev.FixStarted | None = None
    result: FixResult | None = None
    accepted: ev.Accepted | None = None
    undone: bool = False
    before: TestReport | None = None
    after: TestReport | None = None
    """Of the user's tree once the fix was in it; ``None`` where nobody ran that."""
    _newest: TestReport | None = None
    _proofs: dict[int, Proof] = field(default_factory=dict)
    _parts: dict[frozenset[HunkId], Proof] = field(default_factory=dict)
    _reviews: dict[int, ev.ReviewReady] = field(default_factory=dict)
    _selections: dict[frozenset[HunkId], Comparison] = field(default_factory=dict)

    # --- what it says ----------------------------------------------------------------------------

    @property
    def candidate(self) -> int:
        """The accepted one, else the best; 0 where there is none."""
        if self.accepted is not None and self.accepted.candidate:
            return self.accepted.candidate
        best = self.result.best if self.result else None
        return best.id if best else 0

    @property
    def title(self) -> str:
        """What the candidate changes, in a line."""
        review = self._reviews.get(self.candidate)
        return review.title if review else ""

    @property
    def files(self) -> tuple[FileDiff, ...]:
        """The diff of the candidate; of each file the hunks that were accepted, or could be."""
        review = self._reviews.get(self.candidate)
        if review is None:
            return ()
        hunks = self._chosen
        kept = []
        for file in review.files:
            mine = tuple(
                h for h in file.hunks if (h.id in hunks if hunks is not None else file.is_offered)
            )
            if mine:
                kept.append(replace(file, before="", after="", hunks=mine))
        return tuple(kept)

    @property
    def comparison(self) -> Comparison | None:
        if self._chosen is not None and self._chosen in self._selections:
            return self._selections[self._chosen]
        review = self._reviews.get(self.candidate)
        return review.evidence.comparison if review and review.evidence else None

    @property
    def proof(self) -> Proof | None:
        """Of what was accepted, else of the whole candidate."""
        whole = self._proofs.get(self.candidate)
        if self._chosen is None:
            return whole
        of_part = self._parts.get(self._chosen)
        covers = whole is not None and {need.hunk for need in whole.hunks} <= self._chosen
        return of_part or (whole if covers else None)

    def outcomes(self) -> dict[NodeId, tuple[Outcome | None, Outcome | None]]:
        """Each test with what it was before and after; ``None`` where it was not there."""
        before = {r.node_id: r.outcome for r in self.before.results} if self.before else {}
        if self.after is not None:
            after = {r.node_id: r.outcome for r in self.after.results}
        else:
            after = dict(before)
            if (comparison := self.comparison) is not None:
                after |= dict.fromkeys(comparison.fixed, Outcome.PASSED)
                after |= dict.fromkeys(comparison.broken, Outcome.FAILED)
                after |= dict.fromkeys(comparison.newly_skipped, Outcome.SKIPPED)
                for node_id in comparison.vanished:
                    after.pop(node_id, None)
        return {node: (before.get(node), after.get(node)) for node in dict.fromkeys([*before, *after])}

    @property
    def _chosen(self) -> frozenset[HunkId] | None:
        """The hunks that were accepted; ``None``: all that verdicts are about."""
        hunks = self.accepted.hunks if self.accepted else None
        return None if hunks is None else frozenset(hunks)

    # --- events ----------------------------------------------------------------------------------

    def apply(self, event: ev.Event) -> None:
        """Take one event in; those of other kinds say nothing here."""
        self.session = event.session
        self.time = self.time or event.time
        match event.body:
            case ev.RepositoryOpened(repository):
                self.path, self.name, self.branch = repository.path, repository.name, repository.branch
                self.requirements, self.request, self.restated = (), "", ""
                self.asked.clear()
                self._forget()
            case ev.SandboxReady(sentence=sentence):
                self.sandbox = sentence
            case ev.TaskRestated(request=request, text=text):
                self.request, self.restated = request, text
            case ev.RequestDropped():
                self.request, self.restated = "", ""
            case ev.LedgerChanged(requirements):
                self.requirements = requirements
            case (
                ev.QuestionAsked() | ev.QuestionAnswered() | ev.QuestionWithdrawn() | ev.AnswerTakenBack()
            ):
                self._apply_question(event.body)
            case ev.TestRunFinished(purpose, report):
                if purpose == "accepted" and self.accepted is not None:
                    self.after = report
                if purpose != "selection":
                    self._newest = report
            case ev.FixStarted():
                self._forget()
                self.time, self.started, self.before = event.time, event.body, self._newest
            case _:
                self._apply_result(event.body)

    def _forget(self) -> None:
        self.started, self.result, self.before, self.after = None, None, None, None
        self.accepted, self.undone = None, False
        for known in (self._proofs, self._parts, self._reviews, self._selections):
            known.clear()

    def _apply_question(self, body: ev.Body) -> None:
        match body:
            case ev.QuestionAsked(question):
                self.asked.setdefault(question.id, Asked(question))
            case ev.QuestionAnswered(number, choice, text, sentence) if number in self.asked:
                question = self.asked[number].question
                self.asked[number] = Asked(question, _answer(question, choice, text), sentence)
            case ev.QuestionWithdrawn(number, reason) if number in self.asked:
                self.asked[number] = Asked(self.asked[number].question, "", reason)
            case ev.AnswerTakenBack(number) if number in self.asked:
                self.asked[number] = Asked(self.asked[number].question)
            case _:
                pass

    def _apply_result(self, body: ev.Body) -> None:
        match body:
            case ev.FixFinished(result) | ev.Reranked(result):
                self.result = result
            case ev.ReviewReady():
                self._reviews[body.candidate] = body
            case ev.SelectionVerified(hunks=hunks, comparison=comparison):
                self._selections[frozenset(hunks)] = comparison
            case ev.Proven(candidate, proof, whole):
                if whole:
                    self._proofs[candidate] = proof
                else:
                    self._parts[frozenset(need.hunk for need in proof.hunks)] = proof
            case ev.Accepted():
                self.accepted, self.undone = body, False
            case ev.Undone(accept) if self.accepted is not None and accept == self.accepted.accept:
                self.undone = True
            case ev.Redone(accept) if self.accepted is not None and accept == self.accepted.accept:
                self.undone = False
            case _:
                pass


def pack_of(events: Iterable[ev.Event]) -> Pack:
    """What these events, oldest first, come to."""
    pack = Pack()
    for event in events:
        pack.apply(event)
    return pack


def _answer(question: Question, choice: int, text: str) -> str:
    if choice == DECIDE:
        return "left to Greenbar"
    if choice == OTHER:
        return text
    options = question.options
    return options[choice - 1].label if 0 < choice <= len(options) else text
