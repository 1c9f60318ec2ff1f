"""A proof in English sentences, for the command line, the evidence pack and a commit message. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from core.types import HunkNeed, Proof, WithoutFix


def proof_lines(proof: Proof) -> tuple[str, ...]:
    """What was shown, a sentence each; empty where nothing was."""
    lines = [reverted_line(proof.reverted), only_tests_line(proof.with_tests_only)]
    lines.append(hunks_line(proof.hunks))
    return tuple(line for line in lines if line)


def reverted_line(tests: Sequence[WithoutFix]) -> str:
    """What the tests that a fix turns green do without it."""
    if not tests:
        return ""
    failed = [test for test in tests if test.cause]
    if not failed:
        return f"Without the fix, {_tests(len(tests), 'passes', 'pass')} all the same: no proof."
    head = f"Reverting it makes {_tests(len(failed), 'fail', 'fail')}{_how(failed)}"
    passed = [test.node_id for test in tests if test.outcome is not None and test.outcome.is_green]
    if passed:
        head += f"; {_tests(len(passed), 'passes', 'pass')} without it"
    return f"{head}."


def only_tests_line(tests: Sequence[WithoutFix]) -> str:
    """What changed tests do without the rest of the patch."""
    if not tests:
        return ""
    failed = [test for test in tests if test.cause]
    line = f"With only the changes to tests, {_tests(len(failed), 'fails', 'fail')}{_how(failed)}"
    if passed := len(tests) - len(failed):
        line += f"; {passed} new {'one passes' if passed == 1 else 'ones pass'} without the fix"
    return f"{line}."


def hunks_line(hunks: Sequence[HunkNeed]) -> str:
    """How many hunks are needed."""
    if not hunks:
        return ""
    looked = [need for need in hunks if need.looked]
    idle = [need for need in looked if not need.tests]
    left = len(hunks) - len(looked)
    parts = []
    if looked and not idle and not left:
        one = "Its one hunk is" if len(hunks) == 1 else f"Each of its {len(hunks)} hunks is"
        return f"{one} needed by a test."
    if idle:
        are = "is" if len(idle) == 1 else "are"
        which = "no test" if all(need.whole_suite for need in idle) else "none of the tests that ran"
        parts.append(f"{len(idle)} of {_hunks(len(hunks))} {are} needed by {which}.")
    if left:
        parts.append(f"{left} of {_hunks(len(hunks))} {'was' if left == 1 else 'were'} not looked at.")
    return " ".join(parts)


def need_line(need: HunkNeed) -> str:
    """Who needs one hunk."""
    if not need.looked:
        return "not looked at"
    if need.tests:
        return f"needed by {', '.join(need.tests)}"
    return "needed by no test" if need.whole_suite else "needed by none of the tests that ran"


def ran_line(proof: Proof) -> str:
    """What was run for a proof."""
    runs = "1 run" if proof.runs == 1 else f"{proof.runs} runs"
    ended = "" if proof.finished else "; the time ended first"
    return f"{runs} in {proof.seconds:.1f} s{ended}."


def _how(failed: Sequence[WithoutFix]) -> str:
    """`` on their assertion``; with several causes how many of each."""
    counts = Counter(_reason(test) for test in failed)
    if not counts:
        return ""
    if set(counts) == {"assertion"}:
        return " on its assertion" if len(failed) == 1 else " on their assertion"
    named = [
        f"{number} on {'its' if number == 1 else 'their'} assertion"
        if reason == "assertion"
        else f"{number} with {reason}"
        for reason, number in counts.most_common()
    ]
    return f": {', '.join(named)}" if len(named) > 1 else f" with {next(iter(counts))}"


def _reason(test: WithoutFix) -> str:
    if test.on_assertion:
        return "assertion"
    return f"{test.cause}, as before" if test.as_before else f"{test.cause}, which is new"


def _tests(count: int, one: str, many: str) -> str:
    return f"1 test {one}" if count == 1 else f"{count:,} tests {many}"


def _hunks(count: int) -> str:
    return "1 hunk" if count == 1 else f"{count} hunks"
