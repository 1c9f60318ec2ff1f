"""Everything the user can want: one frozen command each. Imports only the vocabulary.

The window and the command line send these; :class:`core.session.engine.Engine` carries them out.
``ACTIONS`` maps the action ids that remedies use to commands without arguments. Each module of the
package has the commands of one area, and their union; they are all to be had from here.
"""

from __future__ import annotations

from typing import Final, TypeAlias

from core.commands.asking import AnswerQuestion as AnswerQuestion
from core.commands.asking import Command as AskingCommand
from core.commands.asking import TakeBackAnswer as TakeBackAnswer
from core.commands.history import Command as HistoryCommand
from core.commands.history import DeleteTasks as DeleteTasks
from core.commands.history import ListHistory as ListHistory
from core.commands.history import ShowTask as ShowTask
from core.commands.history import ShowTestPast as ShowTestPast
from core.commands.models import AddEndpoint as AddEndpoint
from core.commands.models import AddModelFile as AddModelFile
from core.commands.models import CancelDownload as CancelDownload
from core.commands.models import Command as ModelsCommand
from core.commands.models import DeleteKey as DeleteKey
from core.commands.models import DeleteModel as DeleteModel
from core.commands.models import DownloadModel as DownloadModel
from core.commands.models import ListKeys as ListKeys
from core.commands.models import ListModels as ListModels
from core.commands.models import MendTruncation as MendTruncation
from core.commands.models import ProbeModel as ProbeModel
from core.commands.models import SelectModel as SelectModel
from core.commands.models import SetKey as SetKey
from core.commands.models import VerifyModel as VerifyModel
from core.commands.proving import Command as ProvingCommand
from core.commands.proving import CommitAccepted as CommitAccepted
from core.commands.proving import DraftCommit as DraftCommit
from core.commands.proving import DraftPullRequest as DraftPullRequest
from core.commands.proving import Prove as Prove
from core.commands.proving import SaveEvidence as SaveEvidence
from core.commands.remarks import AllowHunk as AllowHunk
from core.commands.remarks import Command as RemarksCommand
from core.commands.remarks import CorrectRemark as CorrectRemark
from core.commands.remarks import DropRemark as DropRemark
from core.commands.remarks import Refine as Refine
from core.commands.remarks import RefuseHunk as RefuseHunk
from core.commands.remarks import Remark as Remark
from core.commands.repository import ChooseSetUp as ChooseSetUp
from core.commands.repository import Command as RepositoryCommand
from core.commands.repository import LookAtSetUp as LookAtSetUp
from core.commands.repository import OpenRepository as OpenRepository
from core.commands.repository import OpenSample as OpenSample
from core.commands.repository import RunTests as RunTests
from core.commands.repository import SetUpEnvironment as SetUpEnvironment
from core.commands.repository import WatchTree as WatchTree
from core.commands.requiring import AddRequirement as AddRequirement
from core.commands.requiring import Command as RequiringCommand
from core.commands.requiring import ConfirmTask as ConfirmTask
from core.commands.requiring import ConfirmTests as ConfirmTests
from core.commands.requiring import DropRequest as DropRequest
from core.commands.requiring import DropRequirement as DropRequirement
from core.commands.requiring import EditRequirement as EditRequirement
from core.commands.requiring import Request as Request
from core.commands.reviewing import Accept as Accept
from core.commands.reviewing import Command as ReviewingCommand
from core.commands.reviewing import Redo as Redo
from core.commands.reviewing import ShowCandidate as ShowCandidate
from core.commands.reviewing import Undo as Undo
from core.commands.reviewing import VerifySelection as VerifySelection
from core.commands.searching import Command as SearchingCommand
from core.commands.searching import FindSuspects as FindSuspects
from core.commands.searching import Fix as Fix
from core.commands.searching import MarkSuspect as MarkSuspect
from core.commands.searching import SelectStrategy as SelectStrategy
from core.commands.searching import Stop as Stop
from core.commands.settings import ChangeSettings as ChangeSettings
from core.commands.settings import Command as SettingsCommand
from core.commands.settings import ExportSettings as ExportSettings
from core.commands.settings import ImportSettings as ImportSettings
from core.commands.settings import ReadSettings as ReadSettings
from core.commands.settings import ResetSettings as ResetSettings
from core.commands.surroundings import AnswerConsent as AnswerConsent
from core.commands.surroundings import Command as SurroundingsCommand
from core.commands.surroundings import RunDoctor as RunDoctor
from core.commands.surroundings import RunSelfTest as RunSelfTest
from core.commands.surroundings import SelectSandbox as SelectSandbox
from core.commands.surroundings import StartDocker as StartDocker
from core.commands.talking import Command as TalkingCommand
from core.commands.talking import FindNames as FindNames
from core.commands.talking import Say as Say
from core.commands.talking import ShowSource as ShowSource
from core.commands.talking import StopAnswer as StopAnswer

Command: TypeAlias = (
    AskingCommand
    | HistoryCommand
    | ModelsCommand
    | ProvingCommand
    | RemarksCommand
    | RepositoryCommand
    | RequiringCommand
    | ReviewingCommand
    | SearchingCommand
    | SettingsCommand
    | SurroundingsCommand
    | TalkingCommand
)

ACTIONS: Final[dict[str, Command]] = {
    "run_tests": RunTests(),
    "fix": Fix(),
    "find_suspects": FindSuspects(),
    "stop": Stop(),
    "undo": Undo(),
    "redo": Redo(),
    "set_up": SetUpEnvironment(),
    "download_model": DownloadModel(use=True),
    "use_docker": SelectSandbox("docker"),
    "use_bubblewrap": SelectSandbox("bubblewrap"),
    "use_host": SelectSandbox("host"),
    "without_model": SelectModel("none"),
    "mend_truncation": MendTruncation(),
    "probe_model": ProbeModel(),
    "start_docker": StartDocker(),
    "run_doctor": RunDoctor(),
    "run_self_test": RunSelfTest(),
    "open_sample": OpenSample(),
}
"""Action ids of remedies that are commands. The window adds its own, such as ``open``."""
