"""Everything that happens: one frozen event body each, in one envelope. Imports only the vocabulary.

The journal of events is the truth; views, resume and reports are projections of it. An envelope
is ``Event(session, seq, time, body)``; the kind is the body's class name. Each module of the package
has the bodies of one area, and their union; they are all to be had from here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from core.events.asking import AnswerRefused as AnswerRefused
from core.events.asking import AnswerTakenBack as AnswerTakenBack
from core.events.asking import Body as AskingBody
from core.events.asking import QuestionAnswered as QuestionAnswered
from core.events.asking import QuestionAsked as QuestionAsked
from core.events.asking import QuestionWithdrawn as QuestionWithdrawn
from core.events.asking import Reranked as Reranked
from core.events.history import Body as HistoryBody
from core.events.history import HistoryListed as HistoryListed
from core.events.history import TaskCutOff as TaskCutOff
from core.events.history import TaskShown as TaskShown
from core.events.history import TestPastRead as TestPastRead
from core.events.models import Body as ModelsBody
from core.events.models import KeysChanged as KeysChanged
from core.events.models import ModelAnswered as ModelAnswered
from core.events.models import ModelAsked as ModelAsked
from core.events.models import ModelProbed as ModelProbed
from core.events.models import ModelReady as ModelReady
from core.events.models import ModelsChanged as ModelsChanged
from core.events.models import ModelStreamed as ModelStreamed
from core.events.models import PromptDropped as PromptDropped
from core.events.proving import Body as ProvingBody
from core.events.proving import CommitDrafted as CommitDrafted
from core.events.proving import Committed as Committed
from core.events.proving import EvidenceSaved as EvidenceSaved
from core.events.proving import Proven as Proven
from core.events.proving import PullRequestDrafted as PullRequestDrafted
from core.events.remarks import Body as RemarksBody
from core.events.remarks import RefusalsChanged as RefusalsChanged
from core.events.remarks import RemarkDropped as RemarkDropped
from core.events.remarks import RemarkUnderstood as RemarkUnderstood
from core.events.remarks import RoundStarted as RoundStarted
from core.events.requiring import Body as RequiringBody
from core.events.requiring import LedgerChanged as LedgerChanged
from core.events.requiring import RequestDropped as RequestDropped
from core.events.requiring import TaskRestated as TaskRestated
from core.events.requiring import TestsConfirmed as TestsConfirmed
from core.events.requiring import TestsProposed as TestsProposed
from core.events.reviewing import Accepted as Accepted
from core.events.reviewing import AcceptsFound as AcceptsFound
from core.events.reviewing import Body as ReviewingBody
from core.events.reviewing import Redone as Redone
from core.events.reviewing import ReviewReady as ReviewReady
from core.events.reviewing import SelectionVerified as SelectionVerified
from core.events.reviewing import Undone as Undone
from core.events.searching import Body as SearchingBody
from core.events.searching import BudgetSpent as BudgetSpent
from core.events.searching import CandidateProposed as CandidateProposed
from core.events.searching import CandidateVerified as CandidateVerified
from core.events.searching import FailuresTraced as FailuresTraced
from core.events.searching import FixFinished as FixFinished
from core.events.searching import FixStarted as FixStarted
from core.events.searching import StrategiesListed as StrategiesListed
from core.events.searching import SuspectsRanked as SuspectsRanked
from core.events.settings import Body as SettingsBody
from core.events.settings import SettingsChanged as SettingsChanged
from core.events.surroundings import Body as SurroundingsBody
from core.events.surroundings import ConsentGiven as ConsentGiven
from core.events.surroundings import ConsentNeeded as ConsentNeeded
from core.events.surroundings import Noticed as Noticed
from core.events.surroundings import Progress as Progress
from core.events.surroundings import ReadinessChanged as ReadinessChanged
from core.events.surroundings import RepositoryChanged as RepositoryChanged
from core.events.surroundings import RepositoryOpened as RepositoryOpened
from core.events.surroundings import SandboxReady as SandboxReady
from core.events.surroundings import SelfTested as SelfTested
from core.events.surroundings import SetUpFound as SetUpFound
from core.events.surroundings import TroubleRaised as TroubleRaised
from core.events.surroundings import WorkEnded as WorkEnded
from core.events.talking import AnswerEnded as AnswerEnded
from core.events.talking import AnswerStarted as AnswerStarted
from core.events.talking import AnswerStreamed as AnswerStreamed
from core.events.talking import Body as TalkingBody
from core.events.talking import ConversationOpened as ConversationOpened
from core.events.talking import MessageAdded as MessageAdded
from core.events.talking import MessagesFolded as MessagesFolded
from core.events.talking import NamesFound as NamesFound
from core.events.talking import SourceShown as SourceShown
from core.events.testing import Body as TestingBody
from core.events.testing import Diagnosed as Diagnosed
from core.events.testing import TestFinished as TestFinished
from core.events.testing import TestRunFinished as TestRunFinished
from core.events.testing import TestRunStarted as TestRunStarted
from core.events.testing import TestsCollected as TestsCollected
from core.events.testing import TestsLocked as TestsLocked
from core.events.testing import WatchingChanged as WatchingChanged

Body: TypeAlias = (
    AskingBody
    | HistoryBody
    | ModelsBody
    | ProvingBody
    | RemarksBody
    | RequiringBody
    | ReviewingBody
    | SearchingBody
    | SettingsBody
    | SurroundingsBody
    | TalkingBody
    | TestingBody
)


@dataclass(frozen=True, slots=True)
class Event:
    """The envelope. ``seq`` counts from 1 without gaps; ``time`` is seconds since the epoch (UTC)."""

    session: str
    seq: int
    time: float
    body: Body

    @property
    def kind(self) -> str:
        return type(self.body).__name__
