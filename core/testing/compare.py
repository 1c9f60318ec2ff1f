"""Baseline against after, test by test, and the verdict; pure.

Definitions. *Fixed*: red before, green after. *Broken*: not red before, red after. *Vanished*:
had a result before and has none after. *Newly skipped*: ran before (red or green), is skipped or
expected to fail after, whether it then fails or not. A file that could not be collected stands in
the baseline under its path; it is fixed when tests from it appear and none of them is red.
*Flaky*: passed and failed on the same code (:mod:`core.testing.flaky`); stands in no other list.
*Interference*: a sign of other hands in the run than the framework's, and none of the baseline's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

from core.types import Comparison, FlakyTest, NodeId, Outcome, RunEnd, TestReport, TestResult, Verdict

_AWAY = frozenset({Outcome.SKIPPED, Outcome.XFAILED, Outcome.XPASSED})


def compare(
    baseline: TestReport,
    after: TestReport,
    targets: Collection[NodeId] = (),
    only: Collection[NodeId] | None = None,
    flaky: Sequence[FlakyTest] = (),
) -> Comparison:
    """Judge ``after`` against ``baseline``.

    ``targets`` are the red tests that should turn green; empty means every red one. ``only``
    restricts the judgement to these tests where ``after`` ran no others; ``None`` means the whole
    suite. A green verdict needs every target fixed, nothing broken, nothing gone, a finished run.
    What becomes of a ``flaky`` test plays no part, but it has to be there.
    """
    unsteady = {test.node_id for test in flaky}
    before = {r.node_id: r for r in baseline.results if only is None or r.node_id in only}
    now = after.by_id()
    wanted = set(targets) or {r.node_id for r in baseline.results if r.outcome.is_red}
    wanted -= unsteady

    fixed: list[NodeId] = []
    broken: list[NodeId] = []
    still: list[NodeId] = []
    vanished: list[NodeId] = []
    away: list[NodeId] = []
    for node_id, old in before.items():
        new = now.get(node_id)
        if new is None and old.outcome is Outcome.COLLECT_ERROR:
            (fixed if _collects_now(node_id, now) else still).append(node_id)
        elif new is None and after.end is RunEnd.FAILED_FAST:
            # Not reached: says nothing of a green test, and a red one is not fixed.
            if old.outcome.is_red:
                still.append(node_id)
        elif new is None:
            vanished.append(node_id)
        elif node_id in unsteady and new.outcome not in _AWAY:
            continue
        elif old.outcome.is_red and new.outcome.is_red:
            still.append(node_id)
        elif not old.outcome.is_red and new.outcome.is_red:
            broken.append(node_id)
        elif old.outcome not in _AWAY and new.outcome in _AWAY:
            away.append(node_id)
        elif old.outcome.is_red:
            fixed.append(node_id)
    new_ids = [node_id for node_id in now if node_id not in before]
    uncollected = {r.node_id for r in before.values() if r.outcome is Outcome.COLLECT_ERROR}
    broken.extend(
        node_id
        for node_id in new_ids
        if now[node_id].outcome.is_red
        and node_id.split("::", 1)[0] not in uncollected
        and node_id not in unsteady
    )

    reasons = _doubts(baseline, after, vanished, away, whole=only is None)
    verdict = _judge(wanted, fixed, broken, still, reasons)
    return Comparison(
        verdict=verdict,
        fixed=tuple(fixed),
        broken=tuple(broken),
        still_failing=tuple(still),
        new=tuple(new_ids),
        vanished=tuple(vanished),
        newly_skipped=tuple(away),
        reasons=tuple(reasons),
        flaky=tuple(flaky),
        duplicates=tuple(n for n, times in Counter(after.collected).items() if times > 1),
    )


def _collects_now(path: NodeId, now: dict[NodeId, TestResult]) -> bool:
    """Whether tests of a file that could not be collected ran, and none of them is red."""
    inside = [r for node_id, r in now.items() if node_id.startswith(f"{path}::")]
    return bool(inside) and not any(r.outcome.is_red for r in inside)


def _doubts(
    baseline: TestReport,
    after: TestReport,
    vanished: Collection[NodeId],
    away: Collection[NodeId],
    *,
    whole: bool,
) -> list[str]:
    reasons = interference(baseline, after)
    if vanished:
        reasons.append(f"{_tests(len(vanished))} of the baseline did not run: {_some(vanished)}.")
    if away:
        reasons.append(f"{_tests(len(away))} that ran before are skipped now: {_some(away)}.")
    if whole and len(after.collected) < len(baseline.collected) and after.collected:
        reasons.append(
            f"{len(baseline.collected)} tests were collected before, {len(after.collected)} now."
        )
    unreported = [node_id for node_id in after.collected if node_id not in after.by_id()]
    if unreported and after.end is RunEnd.FINISHED:
        reasons.append(f"{_tests(len(unreported))} were collected and never reported.")
    if after.end not in (RunEnd.FINISHED, RunEnd.FAILED_FAST):
        words = {
            RunEnd.CRASHED: "The test process ended early",
            RunEnd.OUT_OF_MEMORY: "The tests were killed: out of memory",
            RunEnd.TIME_LIMIT: "The tests ran into the time limit",
            RunEnd.STOPPED: "The run was stopped",
        }
        reasons.append(f"{words[after.end]}.")
    return reasons


def interference(baseline: TestReport, after: TestReport) -> list[str]:
    """Reasons (none or one sentence) from the signs of interference that the baseline lacks."""
    signs = [sign for sign in after.interference if sign not in baseline.interference]
    if not signs:
        return []
    more = f"; and {len(signs) - 3} more" if len(signs) > 3 else ""
    return [f"The run was tampered with: {'; '.join(signs[:3])}{more}."]


def _judge(
    wanted: set[NodeId],
    fixed: Collection[NodeId],
    broken: Collection[NodeId],
    still: Collection[NodeId],
    reasons: Collection[str],
) -> Verdict:
    if broken:
        return Verdict.WORSE
    if reasons:
        return Verdict.SUSPICIOUS
    if not fixed:
        return Verdict.UNCHANGED
    return Verdict.GREEN if wanted <= set(fixed) else Verdict.IMPROVED


def _tests(count: int) -> str:
    return "1 test" if count == 1 else f"{count} tests"


def _some(node_ids: Collection[NodeId]) -> str:
    shown = list(node_ids)[:3]
    return ", ".join(shown) + (", ..." if len(node_ids) > len(shown) else "")
