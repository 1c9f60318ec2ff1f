"""What the window knows of the task at hand: a projection of the events. Imports no Qt.

:class:`Session` is changed only by :meth:`Session.apply` and the few ``begin_*`` notes that the
window makes when it sends a command. Panes read it; they never write it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from core import events as ev
from core.types import (
    Budget,
    CodePlace,
    Comparison,
    Diagnosis,
    Evidence,
    FixResult,
    HunkId,
    KeyRow,
    ModelRow,
    NodeId,
    Outcome,
    ProbeResult,
    ReadinessRow,
    RepositoryInfo,
    RoleUsage,
    SelfTestReport,
    SettingOverride,
    Settings,
    SetUpInfo,
    StrategyRow,
    Suspect,
    SuspectMark,
    TestResult,
    TokenUsage,
)
from ui.coalesce import ResultBatch, Shown
from ui.conversation.state import Talk
from ui.evidence.state import EvidenceState
from ui.history.state import HistoryState
from ui.ledger.state import LedgerState
from ui.matrix.state import MatrixState
from ui.questions.state import QuestionsState
from ui.remarks.state import RemarksState
from ui.standing import Shade, Standing

MODEL_JOB = "model:"
"""What the job of a progress begins with that is about a model; its spec follows."""
MOST_CALLS = 500
"""Requests whose prompts are kept at hand, some two megabytes; the journal has all of them."""


class Busy(StrEnum):
    """What runs now; NOTHING is the idle state."""

    NOTHING = ""
    OPENING = "opening"
    TESTING = "testing"
    FIXING = "fixing"
    VERIFYING = "verifying"
    WRITING = "writing"
    PREPARING = "preparing"


@dataclass(slots=True)
class CandidateRecord:
    """One candidate as the window shows it."""

    id: int
    proposer: str
    title: str
    paths: tuple[str, ...]
    added: int
    removed: int
    parent: int | None = None
    evidence: Evidence | None = None
    request: int = 0
    """Of the call that it came of; 0 where no model was asked."""
    diff: str = ""
    """What it removes and adds, for a glance."""


@dataclass(slots=True)
class CallRecord:
    """One request to the model: what was sent, letter by letter, and what came back."""

    request: int
    proposer: str
    prompt: str
    answer: str = ""
    answered: ev.ModelAnswered | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """Tests by colour. ``seconds`` is the sum of the run, 0 while it is under way."""

    total: int = 0
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    waiting: int = 0


class Session:
    """The state of one window's task."""

    def __init__(self) -> None:
        self.repository: RepositoryInfo | None = None
        self.settings = Settings()
        self.overrides: tuple[SettingOverride, ...] = ()
        """What the open repository says instead of the settings."""
        self.busy = Busy.NOTHING
        self.readiness: tuple[ReadinessRow, ...] = ()
        self.self_test: SelfTestReport | None = None
        self.self_testing = ""
        """What the self-test is doing; empty where none runs."""
        self.sandbox = ""
        self.model = ""
        self.model_spec = ""
        self.context = 0
        """The model's context window in tokens; 0 where it is unknown."""
        self.set_up: SetUpInfo | None = None
        self.models: tuple[ModelRow, ...] | None = None
        """``None`` while nobody has looked."""
        self.keys: tuple[KeyRow, ...] | None = None
        self.keys_trouble = ""
        """Why the keyring cannot keep any."""
        self.fetching: dict[str, ev.Progress] = {}
        """Downloads and checks of models under way, by spec."""
        self.model_said = ""
        """What came of the last thing done with a model, in a sentence."""
        self.probe: ProbeResult | None = None
        """What measuring the model in use has shown; ``None`` while it has not been."""
        self.probing = ""
        """What the probe is doing; empty where none runs."""
        self.tokens_per_second = 0.0
        self.roles: tuple[RoleUsage, ...] = ()
        """What each role of the fix has cost so far."""
        self.watching = False
        """Whether the tests are run again when a file changes."""
        self.strategies: tuple[StrategyRow, ...] = ()
        self.strategy = ""
        """The name of the one that the next fix takes."""
        self.ledger = LedgerState()
        """Requirements, and the request at hand."""
        self.undoable = 0
        self.redoable = 0
        self.history = HistoryState()
        self.evidence = EvidenceState()
        self.matrix = MatrixState()
        self.remarks = RemarksState()
        self.questions = QuestionsState()
        self.talk = Talk()
        self._forget_tests()
        self._forget_fix()

    def _forget_tests(self) -> None:
        self.standing = Standing()
        self.baseline: dict[NodeId, TestResult] = {}
        self._before: dict[NodeId, TestResult] | None = None
        self._after: dict[NodeId, TestResult] | None = None
        self.purpose = ""
        self.run_started = 0.0
        self.run_ended = 0.0
        self.run_seconds = 0.0
        self.run_detail = ""
        self.diagnoses: tuple[Diagnosis, ...] = ()

    def _forget_fix(self) -> None:
        self.targets: tuple[NodeId, ...] = ()
        self.proposers: tuple[str, ...] = ()
        self.fix_model = ""
        self.fix_strategy = ""
        self.suspects: tuple[Suspect, ...] = ()
        self.marks: dict[CodePlace, SuspectMark] = {}
        """What the user has pinned and dropped."""
        self.candidates: dict[int, CandidateRecord] = {}
        self.calls: dict[int, CallRecord] = {}
        """The last requests to the model, oldest first, by their numbers."""
        self.best: int | None = None
        self.budget = Budget()
        self.spent_seconds = 0.0
        self.spent_tokens = TokenUsage()
        self.result: FixResult | None = None
        self.review: ev.ReviewReady | None = None
        self.selection: ev.SelectionVerified | None = None
        self.accepted: ev.Accepted | None = None
        self.accepted_candidate: int | None = None
        self.chosen_as_verified = True
        """False while the choice of hunks differs from what the evidence is about."""

    # --- derived ---------------------------------------------------------------------------------

    @property
    def order(self) -> list[NodeId]:
        """The tests of the run that is shown, each once."""
        return self.standing.order

    @property
    def results(self) -> dict[NodeId, TestResult]:
        """What is known of them so far."""
        return self.standing.results

    def counts(self) -> Counts:
        """Counts of the run that is shown."""
        count = self.standing.shades.count
        return Counts(
            len(self.order),
            count(Shade.PASSED),
            count(Shade.FAILED),
            count(Shade.SKIPPED),
            count(Shade.WAITING),
        )

    def failing(self) -> tuple[NodeId, ...]:
        return self.standing.failing()

    def aside(self) -> tuple[NodeId, ...]:
        """Failing tests that no patch of the code can mend, by what they say themselves."""
        return tuple(dict.fromkeys(node for d in self.diagnoses if d.aside for node in d.tests))

    def outcome(self, node: NodeId) -> Outcome | None:
        result = self.results.get(node)
        return result.outcome if result else None

    def judged(self) -> Comparison | None:
        """How what is chosen under review, or else the best candidate so far, fares.

        ``None`` where nobody knows.
        """
        if self.review is not None and self.selection is not None:
            return self.selection.comparison
        if self.review is not None and not self.chosen_as_verified:
            return None
        if self.review is not None:
            return self.review.evidence.comparison if self.review.evidence else None
        record = self.candidates.get(self.best) if self.best is not None else None
        return record.evidence.comparison if record and record.evidence else None

    def signs(self) -> tuple[str, ...]:
        """What of the candidate under review looks made for the tests, as clauses."""
        result, review = self.result, self.review
        if result is None or result.choice is None or result.best is None or review is None:
            return ()
        return result.choice.signs if review.candidate == result.best.id else ()

    def may_accept(self) -> bool:
        """Whether something may be written now: nothing runs, or nothing but the proof of a fix."""
        proving = self.busy is Busy.FIXING and self.result is not None
        return self.accepted is None and (not self.is_busy() or proving)

    def wanted_budget(self, seconds: float | None = None) -> Budget:
        """What the user has set for a search; ``seconds`` in the place of its time."""
        chosen = self.settings
        return Budget(seconds or chosen.search_seconds, chosen.search_tokens, chosen.search_dollars)

    def is_busy(self) -> bool:
        return self.busy is not Busy.NOTHING

    # --- notes by the window ---------------------------------------------------------------------

    def begin(self, busy: Busy) -> None:
        """The window has sent a command; ``WorkEnded`` says when all that was sent is over.

        Opening another repository ends what ran for the first one.
        """
        if busy is Busy.OPENING or not self.is_busy():
            self.busy = busy

    def choose(self, hunks: tuple[HunkId, ...], *, as_verified: bool) -> None:
        """The choice of hunks changed: what was verified may no longer be what is chosen."""
        self.chosen_as_verified = as_verified
        if self.selection is not None and set(self.selection.hunks) != set(hunks):
            self.selection = None

    # --- events ----------------------------------------------------------------------------------

    def apply(self, body: Shown, time: float) -> None:
        """Take one event in. ``time`` is seconds since the epoch."""
        self.ledger.apply(body)
        self.talk.apply(body)
        self.history.apply(body)
        self.evidence.apply(body)
        self.matrix.apply(body)
        self.remarks.apply(body)
        self.questions.apply(body)
        match body:
            case ResultBatch(results):
                self.standing.take(results)
            case ev.RepositoryOpened(repository):
                if self.repository is None or self.repository.path != repository.path:
                    self.undoable = self.redoable = 0
                self.repository = repository
                self.set_up = None
                self._forget_tests()
                self._forget_fix()
            case ev.RepositoryChanged(repository):
                self.repository = repository
            case ev.ReadinessChanged(rows):
                self.readiness = rows
            case ev.SelfTested(report):
                self.self_test = report
            case ev.Progress(job="self_test", text=text, done=done):
                self.self_testing = "" if done else text
            case ev.SetUpFound(found):
                self.set_up = found
            case ev.SandboxReady(sentence=sentence):
                self.sandbox = sentence
            case ev.ModelReady(spec, name, context):
                if spec != self.model_spec and (self.probe is None or self.probe.spec != spec):
                    self.probe = None
                self.model, self.model_spec, self.context = name, spec, context
            case ev.SettingsChanged(settings, overrides):
                self.settings, self.overrides = settings, overrides
            case ev.StrategiesListed(strategies, chosen):
                self.strategies, self.strategy = strategies, chosen
            case ev.ModelProbed(result):
                self.probe = result
            case ev.Progress(job="probe", text=text, done=done):
                self.probing = "" if done else text
            case ev.ModelsChanged(rows):
                self.models = rows
            case ev.KeysChanged(rows, trouble):
                self.keys, self.keys_trouble = rows, trouble
            case ev.Progress(job=job, done=done) if job.startswith(MODEL_JOB):
                if done:
                    self.fetching.pop(job.removeprefix(MODEL_JOB), None)
                    self.model_said = body.text
                else:
                    self.fetching[job.removeprefix(MODEL_JOB)] = body
            case ev.ModelAsked() | ev.ModelStreamed() | ev.ModelAnswered():
                self._apply_call(body)
            case ev.WorkEnded():
                self.busy = Busy.NOTHING
            case _:
                self._apply_tests(body, time)
                self._apply_fix(body)

    def _apply_tests(self, body: Shown, time: float) -> None:
        match body:
            case ev.TestRunStarted(purpose):
                self.purpose = purpose
                self.standing.show(self.order, self.baseline if purpose == "some" else {})
                self.run_started, self.run_ended, self.run_seconds = time, 0.0, 0.0
                self.run_detail = ""
                if purpose != "selection":
                    self.busy = self.busy if self.is_busy() else Busy.TESTING
                    self.diagnoses = ()
            case ev.WatchingChanged(on):
                self.watching = on
            case ev.Diagnosed(diagnoses):
                self.diagnoses = diagnoses
            case ev.TestsCollected(node_ids) if self.purpose == "some":
                again = frozenset(node_ids)
                others = {node: r for node, r in self.baseline.items() if node not in again}
                self.standing.show((*self.order, *node_ids), others)
            case ev.TestsCollected(node_ids):
                # A selection may run fewer tests than there are; the others stay in the bar as not run.
                kept = self.order if self.purpose == "selection" else ()
                # A command says only at its end what it has run, and has told results by then.
                self.standing.show((*kept, *node_ids), self.results)
            case ev.TestRunFinished("some", report):
                self.baseline |= report.by_id()
                self.standing.show((*self.order, *report.collected), self.baseline)
                self.run_ended, self.run_seconds, self.run_detail = time, report.seconds, report.detail
            case ev.TestRunFinished(purpose, report):
                kept = self.baseline if purpose == "selection" else ()
                self.standing.show((*kept, *report.collected), report.by_id())
                if purpose != "selection":
                    self.baseline = dict(self.results)
                self.run_ended, self.run_seconds = time, report.seconds
                self.run_detail = report.detail
            case _:
                pass

    def _apply_call(self, body: ev.ModelAsked | ev.ModelStreamed | ev.ModelAnswered) -> None:
        match body:
            case ev.ModelAsked(request, proposer, prompt):
                self.calls[request] = CallRecord(request, proposer, prompt)
                if len(self.calls) > MOST_CALLS:
                    del self.calls[next(iter(self.calls))]
            case ev.ModelStreamed(request, text) if request in self.calls:
                self.calls[request].answer += text
            case ev.ModelAnswered(request=request, tokens_per_second=speed):
                self.tokens_per_second = speed or self.tokens_per_second
                if request in self.calls:
                    self.calls[request].answered = body

    def _apply_fix(self, body: Shown) -> None:
        match body:
            case ev.FixStarted(targets, budget, proposers, model, strategy):
                if self.purpose == "selection":
                    self._show_baseline()
                self._forget_fix()
                self.busy = Busy.FIXING
                self.targets, self.budget, self.proposers = targets, budget, proposers
                self.fix_model, self.fix_strategy = model, strategy
            case ev.FailuresTraced(results):
                self.baseline.update({result.node_id: result for result in results})
                self.standing.take(results)
            case ev.SuspectsRanked(suspects, marks):
                self.suspects, self.marks = suspects, dict(marks)
            case ev.CandidateProposed():
                self.candidates[body.candidate] = CandidateRecord(
                    body.candidate,
                    body.proposer,
                    body.title,
                    body.paths,
                    body.added,
                    body.removed,
                    body.parent,
                    request=body.request,
                    diff=body.diff,
                )
            case ev.CandidateVerified(evidence, best):
                record = self.candidates.get(evidence.candidate)
                if record is not None:
                    record.evidence = evidence
                if best:
                    self.best = evidence.candidate
            case ev.BudgetSpent(seconds, tokens, budget, _, roles):
                self.roles = roles
                self.spent_seconds, self.spent_tokens, self.budget = seconds, tokens, budget
            case ev.Reranked(result):
                self.result = result
                self.best = result.best.id if result.best is not None else self.best
            case ev.FixFinished(result):
                self.result = result
                self.spent_seconds, self.spent_tokens = result.seconds, result.tokens
                if result.best is not None:
                    self.best = result.best.id
            case ev.ReviewReady():
                self.review, self.selection = body, None
                self.chosen_as_verified = True
            case ev.SelectionVerified():
                self.selection = body
            case ev.Accepted():
                self.accepted = body
                self.accepted_candidate = self.review.candidate if self.review else None
                self.undoable, self.redoable = self.undoable + 1, 0
                self._take_over_proof()
            case ev.AcceptsFound(undoable, redoable):
                self.undoable, self.redoable = undoable, redoable
            case ev.Undone():
                self.accepted = None
                self.undoable, self.redoable = max(0, self.undoable - 1), self.redoable + 1
                self._stand(self._before)
            case ev.Redone():
                self.undoable, self.redoable = self.undoable + 1, max(0, self.redoable - 1)
                self._stand(self._after)
            case _:
                pass

    def _show_baseline(self) -> None:
        self.standing.show(self.order, self.baseline)
        self.purpose = "baseline"

    def _stand(self, results: dict[NodeId, TestResult] | None) -> None:
        if results is not None:
            self.baseline = dict(results)
            self._show_baseline()

    def _take_over_proof(self) -> None:
        """What was verified in the private copy now stands in the user's tree: show that."""
        proof = self.judged()
        after = dict(self.baseline)
        if proof is not None:
            after.update({node: TestResult(node, Outcome.PASSED) for node in proof.fixed})
            after.update({node: TestResult(node, Outcome.FAILED) for node in proof.broken})
        self._before, self._after = dict(self.baseline), after
        self._stand(after)
