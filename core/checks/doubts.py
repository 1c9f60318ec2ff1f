"""What speaks against a patch before and beside its test run; pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from core.checks.doctests import weakens_doctests
from core.checks.static import doubts, files_with_doctests, files_with_tests, shadows
from core.repo.locked import lanes
from core.types import FileChange, NodeId, Outcome, Patch, RelPath, TestReport

CONTROLS = 25
"""How many tests a control run has at most: one for each test function."""


class Doubts:
    """Asks patches of one task, whose suite and locked files are known."""

    def __init__(
        self,
        baseline: TestReport,
        is_locked: Callable[[RelPath], bool],
        powers: Sequence[str] = (),
    ) -> None:
        """``powers``: for languages other than Python, what no fix needs (regular expressions)."""
        self._powers = tuple(re.compile(pattern, re.MULTILINE) for pattern in powers)
        self._tests = tuple({*baseline.collected, *(r.node_id for r in baseline.results)})
        self._test_files = files_with_tests(baseline.collected)
        self._doctests = files_with_doctests(baseline.collected)
        self._is_locked = is_locked

    def refusal(self, patch: Patch) -> str:
        """Why a patch need not be run at all, as a sentence; empty where what :meth:`judged` leaves of
        it may be."""
        free, held = lanes(patch, self._holds)
        if held.changes and not free.changes:
            return f"It changes only tests or their configuration: {', '.join(held.paths)}."
        for change in free.changes:
            if module := shadows(change):
                return f"{change.path} would be imported in the place of the module {module}."
            if change.path in self._doctests and weakens_doctests(change):
                return f"It changes examples in {change.path}, which are tests."
        return ""

    def judged(self, patch: Patch) -> Patch:
        """The patch without what it does to locked files, which stay as in the baseline."""
        return lanes(patch, self._holds)[0]

    def of_source(self, patch: Patch) -> tuple[str, ...]:
        """Reasons from what the patch newly uses, outside the tests that it may carry."""
        judged = self.judged(patch)
        new = (text for change in judged.changes for text in self._new_powers(change))
        reasons = tuple(f"It newly uses {text}." for text in dict.fromkeys(new))
        return (*doubts(judged, self._tests), *reasons)

    def _new_powers(self, change: FileChange) -> Iterator[str]:
        """What the file says after the change and did not say before."""
        before = (change.before or b"").decode("utf-8", "replace")
        after = (change.after or b"").decode("utf-8", "replace")
        for pattern in self._powers:
            known = {match[0] for match in pattern.finditer(before)}
            yield from (match[0] for match in pattern.finditer(after) if match[0] not in known)

    def _holds(self, path: RelPath) -> bool:
        return path in self._test_files or self._is_locked(path)


def control_tests(report: TestReport, targets: tuple[NodeId, ...]) -> tuple[NodeId, ...]:
    """The tests whose pass the verdict rests on, one for each test function."""
    wanted = set(targets)
    chosen: dict[NodeId, NodeId] = {}
    for result in report.results:
        node_id = result.node_id
        is_target = node_id in wanted or node_id.split("::", 1)[0] in wanted
        if is_target and result.outcome is Outcome.PASSED:
            chosen.setdefault(node_id.split("[", 1)[0], node_id)
    return tuple(chosen.values())[:CONTROLS]
