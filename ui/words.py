"""The window's voice: the translation helper, signs, and the sentences that several panes share.

Every visible string goes through :func:`tr`. Meaning is never carried by colour alone: each
outcome and verdict has a sign as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QCoreApplication

from core.types import Comparison, Outcome, Rung, Verdict


def tr(text: str, /, **values: object) -> str:
    """``text`` in the user's language, with ``{name}`` fields filled in."""
    translated = QCoreApplication.translate("greenbar", text)
    return translated.format(**values) if values else translated


def counted(number: int, one: str, many: str) -> str:
    """``1 test`` or ``1,200 tests``; both forms hold ``{n}``."""
    return tr(one if number == 1 else many, n=f"{number:,}")


_SIGNS: Final = {
    Outcome.PASSED: "✓",
    Outcome.XPASSED: "✓",
    Outcome.FAILED: "✗",
    Outcome.ERROR: "✗",
    Outcome.TIMEOUT: "✗",
    Outcome.CRASHED: "✗",
    Outcome.COLLECT_ERROR: "✗",
    Outcome.SKIPPED: "–",
    Outcome.XFAILED: "–",
}
_VERDICT_SIGNS: Final = {
    Verdict.GREEN: "✓",
    Verdict.IMPROVED: "!",
    Verdict.UNCHANGED: "✗",
    Verdict.WORSE: "✗",
    Verdict.SUSPICIOUS: "!",
}


def outcome_sign(outcome: Outcome | None) -> str:
    """``None`` is a test that has not run."""
    return "·" if outcome is None else _SIGNS[outcome]


def outcome_word(outcome: Outcome | None) -> str:
    match outcome:
        case None:
            return tr("not run")
        case Outcome.PASSED:
            return tr("passed")
        case Outcome.FAILED:
            return tr("failed")
        case Outcome.ERROR:
            return tr("error outside the test")
        case Outcome.TIMEOUT:
            return tr("over its time limit")
        case Outcome.CRASHED:
            return tr("crashed the process")
        case Outcome.COLLECT_ERROR:
            return tr("cannot be collected")
        case Outcome.SKIPPED:
            return tr("skipped")
        case Outcome.XFAILED:
            return tr("failed as expected")
        case Outcome.XPASSED:
            return tr("passed unexpectedly")


def verdict_sign(verdict: Verdict) -> str:
    return _VERDICT_SIGNS[verdict]


def verdict_word(verdict: Verdict) -> str:
    match verdict:
        case Verdict.GREEN:
            return tr("green")
        case Verdict.IMPROVED:
            return tr("improved")
        case Verdict.UNCHANGED:
            return tr("no change")
        case Verdict.WORSE:
            return tr("worse")
        case Verdict.SUSPICIOUS:
            return tr("suspicious")


def rung_word(rung: Rung) -> str:
    match rung:
        case Rung.PARSES:
            return tr("parses")
        case Rung.TARGET:
            return tr("target tests")
        case Rung.TOUCHED:
            return tr("tests that touch the changed lines")
        case Rung.SUITE:
            return tr("whole suite")


def flaky_lines(comparison: Comparison, most: int = 3) -> list[str]:
    """A sentence for each flaky test, and how many more there are."""
    lines = [
        tr(
            "{test} is flaky: it passed {passed} of {runs} times.",
            test=short_name(test.node_id),
            passed=test.passed,
            runs=test.runs,
        )
        for test in comparison.flaky[:most]
    ]
    more = len(comparison.flaky) - most
    return [*lines, counted(more, "{n} more is flaky.", "{n} more are flaky.")] if more > 0 else lines


def made_for_tests(signs: Sequence[str]) -> str:
    """What speaks against a candidate that passes."""
    return tr("It may be made for the tests: {signs}. Read it with care.", signs="; ".join(signs))


def verdict_line(
    comparison: Comparison, tests_touched: bool = False, tests_confirmed: bool = False
) -> str:
    """``6 fixed, 0 broken, tests untouched``: numbers first, then what is in doubt. ``tests_confirmed``:
    it comes with tests that the user has confirmed."""
    parts = [
        tr("{n} fixed", n=len(comparison.fixed)),
        tr("{n} broken", n=len(comparison.broken)),
    ]
    if comparison.still_failing:
        parts.append(tr("{n} still failing", n=len(comparison.still_failing)))
    if comparison.vanished:
        parts.append(tr("{n} vanished", n=len(comparison.vanished)))
    if comparison.newly_skipped:
        parts.append(tr("{n} newly skipped", n=len(comparison.newly_skipped)))
    if comparison.flaky:
        parts.append(tr("{n} flaky", n=len(comparison.flaky)))
    if tests_touched:
        parts.append(tr("edits tests"))
    else:
        parts.append(tr("tests as you confirmed") if tests_confirmed else tr("tests untouched"))
    return ", ".join(parts)


def clock(seconds: float) -> str:
    """``0:18``, ``12:04``."""
    whole = int(seconds)
    return f"{whole // 60}:{whole % 60:02d}"


def duration(seconds: float) -> str:
    """``12 ms``, ``3.4 s``, ``2:05``."""
    if seconds < 0.0995:
        return tr("{n} ms", n=round(seconds * 1000))
    if seconds < 60:
        return tr("{n} s", n=f"{seconds:.1f}")
    return clock(seconds)


def amount(tokens: int) -> str:
    """``840``, ``2.1k``, ``1.3M``."""
    if tokens < 1000:
        return str(tokens)
    if tokens < 1_000_000:
        return f"{tokens / 1000:.1f}k"
    return f"{tokens / 1_000_000:.1f}M"


def short_name(node_id: str) -> str:
    """``test_b[1]`` of ``tests/test_a.py::TestX::test_b[1]``; a path keeps its last part."""
    head, separator, parameters = node_id.partition("[")
    name = head.rsplit("::", 1)[-1]
    if "::" not in head:
        name = head.rsplit("/", 1)[-1]
    return name + separator + parameters


def first_line(text: str) -> str:
    """The first line of ``text`` that says something."""
    return next((line.strip() for line in text.splitlines() if line.strip()), "")


def file_of(node_id: str) -> str:
    """The file part of a node id."""
    return node_id.partition("::")[0]
