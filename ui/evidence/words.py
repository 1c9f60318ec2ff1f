"""A proof in the user's language: a sentence for the verdict, a note for each hunk. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from core.types import HunkNeed, Proof, Requirement, WithoutFix
from ui.words import counted, short_name, tr

MOST_NAMED = 2
"""Tests that a note names."""


def proof_sentence(proof: Proof) -> str:
    """What leaving the fix out has shown."""
    parts = (reverted(proof.reverted), tests_alone(proof.with_tests_only), hunks(proof.hunks))
    return " ".join(part for part in parts if part)


def is_sound(proof: Proof) -> bool:
    """Whether nothing of it asks for a second look."""
    return proof.bites and not any(map(is_unneeded, proof.hunks))


def is_unneeded(need: HunkNeed) -> bool:
    """Whether it was left out and no test noticed."""
    return need.looked and not need.tests


def reverted(tests: Sequence[WithoutFix]) -> str:
    """What the tests that it turns green do without it."""
    if not tests:
        return ""
    failed = [test for test in tests if test.cause]
    if not failed:
        return tr("Without the fix its tests pass all the same: that is no proof.")
    if all(test.on_assertion for test in failed):
        said = counted(
            len(failed),
            "Reverting it makes {n} test fail on its assertion.",
            "Reverting it makes {n} tests fail on their assertion.",
        )
    elif all(test.proves for test in failed):
        said = counted(
            len(failed),
            "Reverting it makes {n} test fail as before.",
            "Reverting it makes {n} tests fail as before.",
        )
    else:
        said = counted(
            len(failed),
            "Reverting it makes {n} test fail, but not as before.",
            "Reverting it makes {n} tests fail, some not as before.",
        )
    if passed := len([test for test in tests if test.outcome is not None and not test.cause]):
        said += " " + counted(passed, "{n} passes without it.", "{n} pass without it.")
    return said


def tests_alone(tests: Sequence[WithoutFix]) -> str:
    """What changed tests do without the rest of the patch."""
    if not tests:
        return ""
    failed = sum(1 for test in tests if test.cause)
    return counted(
        failed,
        "With only the changes to tests, {n} test fails.",
        "With only the changes to tests, {n} tests fail.",
    )


def hunks(needs: Sequence[HunkNeed]) -> str:
    """How many hunks are needed."""
    idle = [need for need in needs if is_unneeded(need)]
    left = sum(1 for need in needs if not need.looked)
    if not needs:
        return ""
    if not idle and not left:
        return counted(len(needs), "Its hunk is needed by a test.", "Each of its {n} hunks is needed.")
    parts = []
    if idle:
        whole = all(need.whole_suite for need in idle)
        which = tr("no test") if whole else tr("none of the tests that ran")
        parts.append(
            tr("{n} of {total} hunks needed by {which}.", n=len(idle), total=len(needs), which=which)
        )
    if left:
        parts.append(tr("{n} of {total} hunks not looked at.", n=left, total=len(needs)))
    return " ".join(parts)


def note(need: HunkNeed, requirements: Sequence[Requirement] = ()) -> str:
    """Who needs a hunk, in a few words; with the numbers of the requirements that its tests check."""
    if not need.looked:
        return tr("not looked at")
    if not need.tests:
        return tr("needed by no test") if need.whole_suite else tr("needed by none of the tests that ran")
    named = ", ".join(short_name(node) for node in need.tests[:MOST_NAMED])
    more = len(need.tests) - MOST_NAMED
    said = tr("needed by {tests}", tests=named + (tr(" and {n} more", n=more) if more > 0 else ""))
    numbers = [str(one.id) for one in requirements if not frozenset(one.tests).isdisjoint(need.tests)]
    if not numbers:
        return said
    listed = ", ".join(numbers)
    if len(numbers) == 1:
        return tr("{said}, for requirement {numbers}", said=said, numbers=listed)
    return tr("{said}, for requirements {numbers}", said=said, numbers=listed)
