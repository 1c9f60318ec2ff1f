"""How a task ended, in a sentence that can stand in a conversation for good. Pure."""

from __future__ import annotations

from core.types import FixResult, Verdict


def outcome_words(result: FixResult) -> str:
    """``Fix of 6 tests: 6 fixed, 0 broken, tests untouched. …``"""
    wanted = "1 test" if len(result.targets) == 1 else f"{len(result.targets)} tests"
    tried = "1 candidate" if result.candidates == 1 else f"{result.candidates} candidates"
    spent = f"{tried}, {result.seconds:.1f} s."
    if result.verdict is Verdict.GREEN and result.evidence is not None:
        fixed = len(result.evidence.comparison.fixed)
        title = f" {result.best.title}." if result.best is not None else ""
        return f"Fix of {wanted}: {fixed} fixed, 0 broken, tests untouched.{title} {spent}"
    if result.stopped:
        return f"Fix of {wanted}: stopped. {spent}"
    return f"Fix of {wanted}: no confident fix. {result.shortfall} {spent}".replace("  ", " ")
