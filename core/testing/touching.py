"""Which tests of the baseline touch the lines that a patch changes; pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from core.repo.hunks import changed_spans
from core.testing.base import Coverage
from core.types import FileChange, NodeId, Patch, RelPath, TestReport

MOST = 200
"""Beyond that the whole suite is as good a next step."""


class Touching:
    """Asked once for each patch; the coverage is turned around once."""

    def __init__(self, coverage: Coverage, baseline: TestReport, targets: Collection[NodeId]) -> None:
        green = {r.node_id: r.seconds for r in baseline.results if r.outcome.is_green}
        for target in targets:
            green.pop(target, None)
        self._seconds = green
        self._tests: dict[RelPath, dict[int, list[NodeId]]] = defaultdict(lambda: defaultdict(list))
        for node_id, files in coverage.items():
            if node_id in green:
                for path, lines in files.items():
                    for line in lines:
                        self._tests[path][line].append(node_id)

    def of(self, patch: Patch) -> tuple[NodeId, ...]:
        """Tests that were green in the baseline, are no targets, and run a line that the patch
        changes; the quickest first. Empty where none is known, or where they are all there are."""
        found = {
            node_id
            for change in patch.changes
            if change.path in self._tests
            for line in changed_lines(change)
            for node_id in self._tests[change.path].get(line, ())
        }
        if len(found) == len(self._seconds):
            return ()
        return tuple(sorted(found, key=lambda node_id: (self._seconds[node_id], node_id))[:MOST])


def changed_lines(change: FileChange) -> frozenset[int]:
    """Lines (from 1) of the file before that a change replaces or removes; where it only inserts, the
    lines on both sides."""
    if change.before is None:
        return frozenset()
    before = change.before.splitlines()
    after = (change.after or b"").splitlines()
    found: set[int] = set()
    for span in changed_spans(before, after):
        if span.old_from == span.old_to:
            found.update((span.old_from, span.old_from + 1))
        else:
            found.update(range(span.old_from + 1, span.old_to + 1))
    return frozenset(found)
