"""What failing tests say of where their fault lies, before any patch is tried."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from core.types.names import NodeId


class DiagnosisKind(StrEnum):
    """What a diagnosis is about."""

    NO_GREEN = "nothing passes"
    COLLECTION = "collection"
    SYNTAX = "syntax"
    NETWORK = "network"
    DEPENDENCY = "dependency"
    COMPILED = "compiled code"
    GENERATED = "generated code"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One observation on some failing tests.

    ``sentence`` says it and why, for the user; ``tests`` are those it is about. ``aside``: no patch of
    the code can be the answer, so the tests are searched a patch for only where the user names them.
    """

    kind: DiagnosisKind
    sentence: str
    tests: tuple[NodeId, ...]
    aside: bool = False
