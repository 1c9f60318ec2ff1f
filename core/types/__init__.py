"""The vocabulary: value types that every room of core, the window and the command line share.

Everything here is frozen and slotted, knows no behaviour beyond simple derivations, and imports
nothing else of core. Paths inside a repository are POSIX strings relative to its root
(:data:`RelPath`); durations are seconds; sizes are bytes.
"""

from __future__ import annotations

from core.types.diagnoses import Diagnosis, DiagnosisKind
from core.types.models import (
    FormatScore,
    Grade,
    KeyRow,
    KeySource,
    MemoryFit,
    ModelKind,
    ModelRow,
    ModelState,
    ProbeResult,
)
from core.types.names import (
    HunkId,
    NodeId,
    RelPath,
)
from core.types.patches import (
    FileChange,
    FileDiff,
    Hunk,
    LockedFile,
    Patch,
    RepositoryInfo,
)
from core.types.searching import (
    Budget,
    Candidate,
    Choice,
    CodePlace,
    EditFormat,
    Evidence,
    FixResult,
    ProposerUsage,
    Role,
    RoleUsage,
    Rung,
    StrategyRow,
    Suspect,
    SuspectMark,
    TokenUsage,
)
from core.types.surroundings import (
    ConsentKind,
    ConsentRequest,
    ReadinessRow,
    ReadinessState,
    Remedy,
    SandboxKind,
    SelfTestCheck,
    SelfTestReport,
    SetUpChoice,
    SetUpInfo,
)
from core.types.testing import (
    Comparison,
    FlakyTest,
    Frame,
    Outcome,
    RunEnd,
    TestReport,
    TestResult,
    Verdict,
)

__all__ = [
    "Budget",
    "Candidate",
    "Choice",
    "CodePlace",
    "Comparison",
    "ConsentKind",
    "ConsentRequest",
    "Diagnosis",
    "DiagnosisKind",
    "EditFormat",
    "Evidence",
    "FileChange",
    "FileDiff",
    "FixResult",
    "FlakyTest",
    "FormatScore",
    "Frame",
    "Grade",
    "Hunk",
    "HunkId",
    "KeyRow",
    "KeySource",
    "LockedFile",
    "MemoryFit",
    "ModelKind",
    "ModelRow",
    "ModelState",
    "NodeId",
    "Outcome",
    "Patch",
    "ProbeResult",
    "ProposerUsage",
    "ReadinessRow",
    "ReadinessState",
    "RelPath",
    "Remedy",
    "RepositoryInfo",
    "Role",
    "RoleUsage",
    "RunEnd",
    "Rung",
    "SandboxKind",
    "SelfTestCheck",
    "SelfTestReport",
    "SetUpChoice",
    "SetUpInfo",
    "StrategyRow",
    "Suspect",
    "SuspectMark",
    "TestReport",
    "TestResult",
    "TokenUsage",
    "Verdict",
]
