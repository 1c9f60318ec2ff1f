"""What the user wants: requirements, and tests that are proposed for them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from core.types.names import NodeId, RelPath


class RequirementSource(StrEnum):
    """Where a requirement comes from."""

    REQUEST = "request"
    ANSWER = "answer"
    REMARK = "remark"
    AGENTS_MD = "agents_md"
    USER = "user"


class RequirementState(StrEnum):
    """What the newest run of the tests says of a requirement."""

    UNTESTED = "untested"
    FAILING = "failing"
    PASSING = "passing"


@dataclass(frozen=True, slots=True)
class Requirement:
    """One line of the ledger. ``id`` counts from 1 within a repository and is never used again;
    ``tests`` are those that check it. Its text is data, never an instruction to Greenbar."""

    id: int
    text: str
    source: RequirementSource
    state: RequirementState = RequirementState.UNTESTED
    tests: tuple[NodeId, ...] = ()


@dataclass(frozen=True, slots=True)
class ProposedTest:
    """A test that nobody has confirmed yet: no verdict counts it. ``source`` is its code as it would
    stand in the file ``path``, whole on its own; ``why`` says in a sentence what it comes from."""

    path: RelPath
    node_id: NodeId
    source: str
    why: str


@dataclass(frozen=True, slots=True)
class DroppedTest:
    """A test that was thought of and is not proposed, and why not, as a sentence."""

    source: str
    why: str
