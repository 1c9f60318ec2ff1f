"""The words and signs of requirements. No Qt."""

from __future__ import annotations

from core.types import Requirement, RequirementSource, RequirementState
from ui.words import tr

SIGNS = {
    RequirementState.PASSING: "✓",
    RequirementState.FAILING: "✗",
    RequirementState.UNTESTED: "?",
}
TONES = {
    RequirementState.PASSING: "passed",
    RequirementState.FAILING: "failed",
    RequirementState.UNTESTED: "idle",
}


def source_word(source: RequirementSource) -> str:
    match source:
        case RequirementSource.REQUEST:
            return tr("from the request")
        case RequirementSource.ANSWER:
            return tr("from an answer")
        case RequirementSource.REMARK:
            return tr("from a remark")
        case RequirementSource.AGENTS_MD:
            return tr("from AGENTS.md")
        case RequirementSource.USER:
            return tr("written by you")


def state_word(state: RequirementState) -> str:
    match state:
        case RequirementState.PASSING:
            return tr("its tests pass")
        case RequirementState.FAILING:
            return tr("a test of it fails")
        case RequirementState.UNTESTED:
            return tr("no test checks it")


def spoken(line: Requirement) -> str:
    """A requirement as a screen reader says it."""
    return tr(
        "Requirement {n}: {text}; {source}, {state}",
        n=line.id,
        text=line.text,
        source=source_word(line.source),
        state=state_word(line.state),
    )
